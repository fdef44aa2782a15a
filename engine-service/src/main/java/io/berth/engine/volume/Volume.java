package io.berth.engine.volume;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A volume. Immutable: nothing of it changes once it exists.
 *
 * @param name unique on this node
 * @param labels null when none were given, which clients see
 * @param options of the driver, null when none were given
 */
public record Volume(
        String name,
        @Nullable Map<String, String> labels,
        @Nullable Map<String, String> options,
        Instant createdAt) {

    /** The only driver. */
    public static final String DRIVER = "local";

    /** Marks volumes that were made without a name (moby: volume/service). */
    public static final String ANONYMOUS_LABEL = "com.docker.volume.anonymous";

    public Volume {
        labels = copy(labels);
        options = copy(options);
    }

    private static @Nullable Map<String, String> copy(@Nullable Map<String, String> map) {
        return map == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }

    /** The labels, be there any or not. */
    public Map<String, String> labelsOrNone() {
        return labels == null ? Map.of() : labels;
    }

    /** Whether its driver was told anything: such a volume may have its files elsewhere. */
    public boolean hasOptions() {
        return options != null && !options.isEmpty();
    }

    LocalOptions localOptions() {
        return LocalOptions.parse(options);
    }
}
