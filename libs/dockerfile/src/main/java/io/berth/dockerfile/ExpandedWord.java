package io.berth.dockerfile;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A word with the values of its variables.
 *
 * @param text quotes and escapes removed
 * @param words the same split at white space that was not quoted
 * @param used variables that were set
 * @param undefined variables that were not
 */
public record ExpandedWord(String text, List<String> words, Set<String> used, Set<String> undefined) {
    public ExpandedWord {
        words = List.copyOf(words);
        used = Collections.unmodifiableSet(new LinkedHashSet<>(used));
        undefined = Collections.unmodifiableSet(new LinkedHashSet<>(undefined));
    }
}
