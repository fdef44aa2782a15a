package io.berth.docker.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /build/prune}.
 *
 * @param cachesDeleted ids of records; null when there was nothing to delete
 * @param spaceReclaimed bytes
 */
public record BuildPruneReport(
        @JsonProperty("CachesDeleted") @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable
        List<String> cachesDeleted,

        @JsonProperty("SpaceReclaimed") long spaceReclaimed) {}
