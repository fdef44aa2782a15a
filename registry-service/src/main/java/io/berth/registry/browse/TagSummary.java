package io.berth.registry.browse;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A tag and the manifest that it points at.
 *
 * @param digest of the manifest
 * @param mediaType of the manifest
 * @param artifactType of the manifest: its own, or its config's media type; null for most indexes
 * @param sizeBytes of what the manifest names in its repository, shared or not; of an index, its manifests alone
 * @param taggedAt when the tag was last pointed at a manifest
 */
public record TagSummary(
        String name,
        String digest,
        String mediaType,
        @Nullable String artifactType,
        long sizeBytes,
        Instant taggedAt) {}
