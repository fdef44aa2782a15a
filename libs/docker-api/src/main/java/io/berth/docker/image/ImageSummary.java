package io.berth.docker.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.berth.docker.ApiVersion;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

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
 * @param manifests where asked for, since 1.47
 * @param descriptor of what its name stands for at a registry, as OCI writes it, since 1.48
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

        @JsonProperty("Containers") long containers,
        @JsonProperty("Manifests") @Nullable List<ManifestSummary> manifests,
        @JsonProperty("Descriptor") @Nullable JsonNode descriptor) {

    /** An entry without what only newer clients ask for. */
    public ImageSummary(
            String id,
            String parentId,
            List<String> repoTags,
            List<String> repoDigests,
            long created,
            long size,
            @Nullable Long virtualSize,
            long sharedSize,
            @Nullable Map<String, String> labels,
            long containers) {
        this(
                id,
                parentId,
                repoTags,
                repoDigests,
                created,
                size,
                virtualSize,
                sharedSize,
                labels,
                containers,
                null,
                null);
    }

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
                containers,
                version.atLeast(1, 47) ? manifests : null,
                version.atLeast(1, 48) ? descriptor : null);
    }
}
