package io.berth.registry.manifest;

import io.berth.json.Frozen;
import io.berth.oci.Descriptor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the registry needs to know of a manifest or index that passed validation.
 *
 * @param mediaType one of the four that are served
 * @param blobs config and layers that must be blobs of the repository
 * @param members what an index lists; manifests of the repository, or blobs where a build cache stores them so
 * @param subject the manifest this one refers to; need not exist
 * @param artifactType of the referrers list: the document's own, else for a manifest its config's media type
 */
public record ManifestDocument(
        String mediaType,
        List<Descriptor> blobs,
        List<Descriptor> members,
        @Nullable Descriptor subject,
        @Nullable String artifactType,
        Map<String, String> annotations) {
    public ManifestDocument {
        blobs = List.copyOf(blobs);
        members = List.copyOf(members);
        annotations = Frozen.map(annotations);
    }
}
