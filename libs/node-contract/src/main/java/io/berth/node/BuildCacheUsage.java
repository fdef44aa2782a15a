package io.berth.node;

import java.time.Instant;
import java.util.List;

/**
 * Something that builds keep for later ones.
 *
 * <pre>
 * {"id": "7c52e5…", "parents": [], "type": "regular", "description": "RUN make", "inUse": false, "shared": true, "bytes": 1024,
 *  "created": "2026-11-27T09:00:00Z", "lastUsed": "2026-11-27T09:05:00Z", "uses": 3}
 * </pre>
 *
 * @param type BuildKit's: {@code regular}, {@code source.local} or {@code exec.cachemount}
 * @param shared whether an image has it too
 */
public record BuildCacheUsage(
        String id,
        List<String> parents,
        String type,
        String description,
        boolean inUse,
        boolean shared,
        long bytes,
        Instant created,
        Instant lastUsed,
        int uses) {
    public BuildCacheUsage {
        parents = List.copyOf(parents);
    }
}
