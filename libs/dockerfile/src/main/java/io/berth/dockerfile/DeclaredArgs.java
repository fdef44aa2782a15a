package io.berth.dockerfile;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an ARG instruction came to.
 *
 * @param used variables that its defaults used
 * @param undefined variables that its defaults missed
 */
public record DeclaredArgs(List<Declared> args, Set<String> used, Set<String> undefined) {
    public DeclaredArgs {
        args = List.copyOf(args);
        used = Collections.unmodifiableSet(new LinkedHashSet<>(used));
        undefined = Collections.unmodifiableSet(new LinkedHashSet<>(undefined));
    }

    /**
     * One of its names.
     *
     * @param value null when it has none
     */
    public record Declared(String name, @Nullable String value) {
        /** As history shows it. */
        @Override
        public String toString() {
            return value == null ? name : name + "=" + value;
        }
    }
}
