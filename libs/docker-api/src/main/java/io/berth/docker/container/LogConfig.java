package io.berth.docker.container;

import io.berth.json.Frozen;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * Where a container's output is kept.
 *
 * <pre>{"Type": "json-file", "Config": {"max-size": "10m"}}</pre>
 *
 * @param type {@code json-file} (also when absent) or {@code none}
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record LogConfig(String type, Map<String, String> config) {
    public static final LogConfig DEFAULT = new LogConfig("json-file", Map.of());

    public LogConfig(@Nullable String type, @Nullable Map<String, String> config) {
        this.type = type == null || type.isEmpty() ? "json-file" : type;
        this.config = config == null ? Map.of() : Frozen.map(config);
    }
}
