package io.berth.pattern;

/** A pattern, or several together, that would take more memory or time than they may. */
public final class CostlyPattern extends InvalidPattern {
    private static final long serialVersionUID = 1L;

    CostlyPattern(String message) {
        super(message, null);
    }
}
