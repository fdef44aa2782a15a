package io.berth.oci;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.berth.json.Frozen;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An image index (OCI image-index.md) or Docker manifest list: one manifest per platform.
 *
 * <pre>{"schemaVersion": 2, "mediaType": "…index.v1+json", "manifests": [{…, "platform": {…}}, …]}</pre>
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Index(
        int schemaVersion,
        @Nullable String mediaType,
        @Nullable String artifactType,
        List<Descriptor> manifests,
        @Nullable Descriptor subject,
        @Nullable Map<String, String> annotations) {

    public Index {
        if (schemaVersion != 2) {
            throw new IllegalArgumentException("index schemaVersion: " + schemaVersion + " (expected: 2)");
        }
        manifests = List.copyOf(manifests);
        annotations = annotations == null ? null : Frozen.map(annotations);
    }
}
