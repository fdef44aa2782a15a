package io.berth.oci;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.berth.json.Frozen;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An image manifest: OCI (manifest.md) or Docker schema 2, which have the same shape.
 *
 * <pre>{"schemaVersion": 2, "mediaType": "…manifest.v1+json", "config": {…}, "layers": [{…}, …]}</pre>
 *
 * @param layers bottom first
 * @param subject the manifest that this one refers to, for artifacts
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Manifest(
        int schemaVersion,
        @Nullable String mediaType,
        @Nullable String artifactType,
        Descriptor config,
        List<Descriptor> layers,
        @Nullable Descriptor subject,
        @Nullable Map<String, String> annotations) {

    public Manifest {
        if (schemaVersion != 2) {
            throw new IllegalArgumentException("manifest schemaVersion: " + schemaVersion + " (expected: 2)");
        }
        layers = List.copyOf(layers);
        annotations = annotations == null ? null : Frozen.map(annotations);
    }
}
