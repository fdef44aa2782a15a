package io.berth.oci;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.berth.json.Frozen;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Names a blob by digest (OCI image spec, descriptor.md).
 *
 * <pre>{"mediaType": "application/vnd.oci.image.manifest.v1+json", "size": 7682, "digest": "sha256:5b0b…"}</pre>
 *
 * @param size of the blob in bytes
 * @param urls where else the blob may be had; ignored when pulling
 * @param data the blob itself, base64; ignored
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Descriptor(
        String mediaType,
        Digest digest,
        long size,
        @Nullable List<String> urls,
        @Nullable Map<String, String> annotations,
        @Nullable String data,
        @Nullable String artifactType,
        @Nullable Platform platform) {

    public Descriptor {
        if (size < 0) {
            throw new IllegalArgumentException("descriptor size: " + size + " (expected: >= 0)");
        }
        urls = urls == null ? null : List.copyOf(urls);
        annotations = annotations == null ? null : Frozen.map(annotations);
    }

    public static Descriptor of(String mediaType, Digest digest, long size) {
        return new Descriptor(mediaType, digest, size, null, null, null, null, null);
    }
}
