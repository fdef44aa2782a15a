package io.berth.dockerfile;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The variables an instruction can see. */
public interface Variables {
    /** Nothing is set. */
    Variables EMPTY = of(Map.of());

    /** The value, empty or not; null when the variable is not set. */
    @Nullable
    String value(String name);

    /** All that are set, for suggestions. */
    Set<String> names();

    /** Those of a map, which is copied. */
    static Variables of(Map<String, String> values) {
        Map<String, String> copy = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        return new Variables() {
            @Override
            public @Nullable String value(String name) {
                return copy.get(name);
            }

            @Override
            public Set<String> names() {
                return copy.keySet();
            }
        };
    }
}
