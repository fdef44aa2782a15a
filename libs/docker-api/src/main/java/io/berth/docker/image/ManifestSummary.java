package io.berth.docker.image;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One manifest of an image (Engine API, ImageManifestSummary).
 *
 * <pre>{"ID":"sha256:…","Descriptor":{…},"Available":true,"Size":{"Total":3,"Content":1},"Kind":"image","ImageData":{
 * "Platform":{"architecture":"amd64","os":"linux"},"Containers":[],"Size":{"Unpacked":2}}}</pre>
 *
 * @param id the manifest's digest
 * @param descriptor of the manifest, as OCI writes it
 * @param available whether all of it is on this node
 * @param kind {@code image}, {@code attestation} or {@code unknown}
 * @param imageData for images only
 * @param attestationData for attestations only
 */
public record ManifestSummary(
        @JsonProperty("ID") String id,
        @JsonProperty("Descriptor") JsonNode descriptor,
        @JsonProperty("Available") boolean available,
        @JsonProperty("Size") Sizes size,
        @JsonProperty("Kind") String kind,
        @JsonProperty("ImageData") @Nullable ImageData imageData,
        @JsonProperty("AttestationData") @Nullable AttestationData attestationData) {

    /**
     * In bytes.
     *
     * @param total content and what was unpacked of it
     * @param content blobs
     */
    public record Sizes(
            @JsonProperty("Total") long total,
            @JsonProperty("Content") long content) {}

    /**
     * What an image manifest says.
     *
     * @param platform as OCI writes it
     * @param containers ids of those that use it
     */
    public record ImageData(
            @JsonProperty("Platform") JsonNode platform,
            @JsonProperty("Containers") List<String> containers,
            @JsonProperty("Size") UnpackedSize size) {
        public ImageData {
            containers = List.copyOf(containers);
        }
    }

    /** In bytes. */
    public record UnpackedSize(@JsonProperty("Unpacked") long unpacked) {}

    /** @param subject digest of the manifest that the attestation is about */
    public record AttestationData(@JsonProperty("For") String subject) {}
}
