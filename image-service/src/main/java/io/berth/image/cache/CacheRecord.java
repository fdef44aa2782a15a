package io.berth.image.cache;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A record of the build cache.
 *
 * @param key {@code sha256:…}
 * @param kind BuildKit's: {@code regular}, {@code source.local} or {@code exec.cachemount}
 * @param diffId the layer that a step made; null for a cache mount
 * @param directory name of the directory of a cache mount or of a client's files; null for a step
 * @param parentKey of the step before, or null
 * @param size in bytes
 * @param shared whether an image has the layer too, so that pruning gives nothing back
 */
public record CacheRecord(
        String key,
        String kind,
        String description,
        @Nullable String diffId,
        @Nullable String directory,
        @Nullable String parentKey,
        long size,
        Instant createdAt,
        Instant usedAt,
        int uses,
        boolean inUse,
        boolean shared) {
    private static final int ID_LENGTH = 25;

    /** As users see it: 25 characters, as BuildKit's are. */
    public String id() {
        return key.substring("sha256:".length(), "sha256:".length() + ID_LENGTH);
    }

    CacheRecord usedAt(Instant now) {
        return new CacheRecord(
                key, kind, description, diffId, directory, parentKey, size, createdAt, now, uses + 1, inUse, shared);
    }

    CacheRecord sharedWith(boolean image) {
        return new CacheRecord(
                key, kind, description, diffId, directory, parentKey, size, createdAt, usedAt, uses, inUse, image);
    }
}
