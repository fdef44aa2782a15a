package io.berth.docker.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.berth.docker.ApiVersion;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An entry of {@code GET /images/json}.
 *
 * <pre>{"Id":"sha256:…","ParentId":"","RepoTags":["busybox:latest"],"RepoDigests":[],"Created":1700000000,"Size":4261550,
 * "SharedSize":-1,"Labels":null,"Containers":-1}</pre>
 *
 * @param created seconds since the epoch
 * @param size bytes, all layers
 * @param virtualSize the same once more, below API 1.44 only
 * @param sharedSize bytes of layers that other images have too, -1 when not computed
 * @param containers how many use it, -1 when not computed
 */
public record ImageSummary(
        @JsonProperty("Id") String id,
        @JsonProperty("ParentId") String parentId,
        @JsonProperty("RepoTags") List<String> repoTags,
        @JsonProperty("RepoDigests") List<String> repoDigests,
        @JsonProperty("Created") long created,
        @JsonProperty("Size") long size,
        @JsonProperty("VirtualSize") @Nullable Long virtualSize,
        @JsonProperty("SharedSize") long sharedSize,

        @JsonProperty("Labels") @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable
        Map<String, String> labels,

        @JsonProperty("Containers") long containers) {

    /** As a client of the given version expects it: older ones want placeholders for missing names. */
    public ImageSummary forVersion(ApiVersion version) {
        boolean placeholders = !version.atLeast(1, 43);
        return new ImageSummary(
                id,
                parentId,
                placeholders && repoTags.isEmpty() ? List.of("<none>:<none>") : repoTags,
                placeholders && repoDigests.isEmpty() ? List.of("<none>@<none>") : repoDigests,
                created,
                size,
                version.atLeast(1, 44) ? null : (Long) size,
                sharedSize,
                labels,
                containers);
    }
}
