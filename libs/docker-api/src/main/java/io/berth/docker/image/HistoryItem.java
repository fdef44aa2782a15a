package io.berth.docker.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An entry of {@code GET /images/{name}/history}, newest first.
 *
 * @param id of the image for the newest, {@code <missing>} for the others
 * @param created seconds since the epoch
 * @param tags null but for the newest
 * @param size bytes that this step added
 */
public record HistoryItem(
        @JsonProperty("Id") String id,
        @JsonProperty("Created") long created,
        @JsonProperty("CreatedBy") String createdBy,

        @JsonProperty("Tags") @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable
        List<String> tags,

        @JsonProperty("Size") long size,
        @JsonProperty("Comment") String comment) {}
