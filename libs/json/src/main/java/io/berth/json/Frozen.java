package io.berth.json;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Copies that nobody can change, of what came from outside. {@link Map#copyOf} and {@link Set#copyOf} look for a place one after the
 * other: of 65,000 names that somebody has chosen to have one hash code, they take half a minute. These keep names of one hash
 * code in order, and all in the order they came.
 */
public final class Frozen {
    private Frozen() {}

    /** @throws NullPointerException for a name or value that is null */
    public static <K, V> Map<K, V> map(Map<? extends K, ? extends V> map) {
        Map<K, V> copy = new LinkedHashMap<>(map);
        copy.forEach((name, value) -> {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(value, "value");
        });
        return Collections.unmodifiableMap(copy);
    }

    /** @throws NullPointerException for an element that is null */
    public static <T> Set<T> set(Collection<? extends T> elements) {
        Set<T> copy = new LinkedHashSet<>(elements);
        copy.forEach(Objects::requireNonNull);
        return Collections.unmodifiableSet(copy);
    }
}
