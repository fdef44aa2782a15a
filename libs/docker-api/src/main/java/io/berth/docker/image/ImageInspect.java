package io.berth.docker.image;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * {@code GET /images/{name}/json}. What is null is left out: which fields are depends on the API version, see the
 * controller.
 *
 * @param config the execution parameters; a tree, since its fields depend on the API version too
 * @param created RFC 3339
 * @param size bytes, all layers
 * @param descriptor of what its name stands for at a registry, as OCI writes it, since 1.48
 * @param manifests where asked for, since 1.48
 */
public record ImageInspect(
        @JsonProperty("Id") String id,
        @JsonProperty("RepoTags") List<String> repoTags,
        @JsonProperty("RepoDigests") List<String> repoDigests,
        @JsonProperty("Parent") @Nullable String parent,
        @JsonProperty("Comment") @Nullable String comment,
        @JsonProperty("Created") @Nullable String created,
        @JsonProperty("Container") @Nullable String container,
        @JsonProperty("DockerVersion") @Nullable String dockerVersion,
        @JsonProperty("Author") @Nullable String author,
        @JsonProperty("Config") JsonNode config,
        @JsonProperty("Architecture") String architecture,
        @JsonProperty("Variant") @Nullable String variant,
        @JsonProperty("Os") String os,
        @JsonProperty("OsVersion") @Nullable String osVersion,
        @JsonProperty("Size") long size,
        @JsonProperty("VirtualSize") @Nullable Long virtualSize,
        @JsonProperty("GraphDriver") GraphDriver graphDriver,
        @JsonProperty("RootFS") RootFs rootFs,
        @JsonProperty("Metadata") Metadata metadata,
        @JsonProperty("Descriptor") @Nullable JsonNode descriptor,
        @JsonProperty("Manifests") @Nullable List<ManifestSummary> manifests) {

    /**
     * Where the layers are, as the overlay2 driver tells it.
     *
     * @param data {@code UpperDir}, and {@code LowerDir} for more than one layer
     */
    public record GraphDriver(
            @JsonProperty("Data") Map<String, String> data,
            @JsonProperty("Name") String name) {}

    /**
     * @param layers diff ids, bottom first
     */
    public record RootFs(
            @JsonProperty("Type") String type,
            @JsonProperty("Layers") List<String> layers) {}

    /**
     * @param lastTagTime RFC 3339
     */
    public record Metadata(@JsonProperty("LastTagTime") String lastTagTime) {}
}
