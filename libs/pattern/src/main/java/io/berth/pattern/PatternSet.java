package io.berth.pattern;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * The patterns of one request, of which a text must match any. What they cost is bounded all together, by counting and not by the clock,
 * so that the same request has the same answer on a busy machine.
 *
 * <p>Not thread-safe: it belongs to its request.
 */
public final class PatternSet {
    /** Steps of all programs together. */
    static final int MAX_SIZE = 20 * LinearPattern.MAX_SIZE;

    /** Steps times characters: a second or two of one processor at the very worst, and a small part of that as a rule. */
    static final long MAX_WORK = 20_000_000;

    private final List<String> literals = new ArrayList<>();
    private final List<LinearPattern> patterns = new ArrayList<>();
    private int size;
    private long work;

    private PatternSet() {}

    /**
     * Patterns of which one that cannot be read matches nothing (moby: filters.Args.Match).
     *
     * @throws CostlyPattern when they are too large, one by one or together
     */
    public static PatternSet lenient(Collection<String> texts) {
        return read(texts, true);
    }

    /**
     * Patterns of which each must be one.
     *
     * @throws InvalidPattern for the first that is none, or when they are too large
     */
    public static PatternSet strict(Collection<String> texts) {
        return read(texts, false);
    }

    private static PatternSet read(Collection<String> texts, boolean lenient) {
        PatternSet set = new PatternSet();
        for (String text : Set.copyOf(texts)) {
            if (LinearPattern.isLiteral(text)) {
                set.literals.add(text);
                continue;
            }
            try {
                set.add(LinearPattern.of(text));
            } catch (CostlyPattern e) {
                throw e;
            } catch (InvalidPattern e) {
                if (!lenient) {
                    throw e;
                }
            }
        }
        return set;
    }

    private void add(LinearPattern pattern) {
        patterns.add(pattern);
        size += pattern.size();
        if (size > MAX_SIZE) {
            throw new CostlyPattern("too many patterns: they may have " + MAX_SIZE + " steps together");
        }
    }

    /**
     * Whether one of the patterns matches a part of the text.
     *
     * @throws CostlyPattern when the texts that the request has asked about are too many for its patterns
     */
    public boolean anyIn(String text) {
        work += (long) (size + literals.size()) * (text.length() + 1L);
        if (work > MAX_WORK) {
            throw new CostlyPattern("the patterns take too much computing: use simpler or fewer ones");
        }
        return literals.stream().anyMatch(text::contains) || patterns.stream().anyMatch(pattern -> pattern.isIn(text));
    }
}
