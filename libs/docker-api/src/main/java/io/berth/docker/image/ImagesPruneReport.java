package io.berth.docker.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /images/prune}.
 *
 * @param imagesDeleted null when there was nothing to delete
 * @param spaceReclaimed bytes
 */
public record ImagesPruneReport(
        @JsonProperty("ImagesDeleted") @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable
        List<DeleteResponseItem> imagesDeleted,

        @JsonProperty("SpaceReclaimed") long spaceReclaimed) {}
