package io.berth.buildkit;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which cache is to be removed ({@code docker buildx prune}). Nothing in use ever is.
 *
 * @param filters as in {@link Builder#diskUsage}
 * @param all also what is internal or the frontends' own
 * @param unusedFor only what has not been used for this long; null for any
 * @param reservedBytes as much as this stays, the latest used; 0 for none
 * @param maxUsedBytes removal stops where no more than this is used; 0 for no such limit
 * @param minFreeBytes removal stops where as much as this is free on the disk; 0 for no such limit
 */
public record PruneRequest(
        List<String> filters,
        boolean all,
        @Nullable Duration unusedFor,
        long reservedBytes,
        long maxUsedBytes,
        long minFreeBytes) {
    public PruneRequest {
        filters = List.copyOf(filters);
    }
}
