package io.berth.unixhttp;

import java.util.Map;

/**
 * What a service tells of itself in {@code docker version}, besides what all of them do. A bean of this type is optional.
 *
 * @param values by name, such as {@code ApiVersion} → {@code 1.55}
 */
public record ServiceDetails(Map<String, String> values) {
    public ServiceDetails {
        values = Map.copyOf(values);
    }
}
