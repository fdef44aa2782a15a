package io.berth.buildkit;

import io.berth.json.Frozen;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A build that is under way, or was among the last.
 *
 * @param ref the client's name of it
 * @param client who has begun it
 * @param attributes the frontend's options, as far as they are known
 * @param names that its results were given
 * @param ended null while it is under way
 * @param error what the client was told; null when it went well, or has not ended
 * @param steps that have begun, of which {@code cached} were found in the cache
 */
public record BuildRecord(
        String ref,
        Client client,
        Map<String, String> attributes,
        List<String> names,
        Instant created,
        @Nullable Instant ended,
        @Nullable String error,
        int steps,
        int cached) {
    public BuildRecord {
        attributes = Frozen.map(attributes);
        names = List.copyOf(names);
    }
}
