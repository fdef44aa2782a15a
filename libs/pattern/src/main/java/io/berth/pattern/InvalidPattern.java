package io.berth.pattern;

import org.jspecify.annotations.Nullable;

/** A pattern that cannot be read, in the words of Go's regexp. */
public class InvalidPattern extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    InvalidPattern(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
