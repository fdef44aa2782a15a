package io.berth.engine.secret;

import io.berth.json.Frozen;
import java.time.Instant;
import java.util.Map;

/**
 * A secret or config, without its value. Immutable.
 *
 * @param id 25 lower-case letters and digits
 * @param name unique among those of its kind
 * @param version raised by each update
 */
public record Secret(
        String id,
        SecretKind kind,
        String name,
        Map<String, String> labels,
        long version,
        Instant createdAt,
        Instant updatedAt) {
    public Secret {
        labels = Frozen.map(labels);
    }
}
