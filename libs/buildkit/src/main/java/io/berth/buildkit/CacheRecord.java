package io.berth.buildkit;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something a builder keeps for later builds ({@code docker buildx du}).
 *
 * @param id names it
 * @param type {@code regular}, {@code internal}, {@code frontend}, {@code source.local}, {@code source.git.checkout} or {@code
 *     exec.cachemount}
 * @param description such as {@code mount / from exec /bin/sh -c make}
 * @param parents the records this one builds on
 * @param sizeBytes on disk
 * @param mutable whether it is still written to
 * @param inUse whether a build holds it
 * @param shared whether an image holds it too
 * @param lastUsed null for never
 */
public record CacheRecord(
        String id,
        String type,
        String description,
        List<String> parents,
        long sizeBytes,
        boolean mutable,
        boolean inUse,
        boolean shared,
        Instant created,
        @Nullable Instant lastUsed,
        int usageCount) {
    public CacheRecord {
        parents = List.copyOf(parents);
    }
}
