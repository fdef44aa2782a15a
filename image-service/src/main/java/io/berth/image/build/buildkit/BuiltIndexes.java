package io.berth.image.build.buildkit;

import io.berth.image.build.Builder;
import io.berth.image.build.attest.BuildAttestations;
import io.berth.image.content.ContentStore;
import io.berth.image.store.Image;
import io.berth.image.store.ImageIndexes;
import io.berth.image.store.ImageStore;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.ImageReference;
import io.berth.oci.Index;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.OciJson;
import io.berth.oci.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Makes indexes of what was built: the images of all platforms, and what is attested of them. One of the images is among this node's,
 * and has the index beside it with all that the others are made of. Thread-safe.
 */
@Component
final class BuiltIndexes {
    private final Builder builder;
    private final BuildAttestations attestations;
    private final ContentStore content;
    private final ImageIndexes indexes;

    BuiltIndexes(Builder builder, BuildAttestations attestations, ContentStore content, ImageIndexes indexes) {
        this.builder = builder;
        this.attestations = attestations;
        this.content = content;
        this.indexes = indexes;
    }

    /**
     * Makes the index, if one is needed.
     *
     * @param image of the primary result, which gets it
     * @param names that statements call the images by
     */
    Optional<Descriptor> attach(Built built, Image image, List<ImageReference> names) throws IOException {
        if (!built.isIndexed()) {
            return Optional.empty();
        }
        List<Digest> kept = new ArrayList<>();
        List<Descriptor> manifests = new ArrayList<>();
        List<Descriptor> attested = new ArrayList<>();
        for (PlatformResult result : built.results()) {
            Descriptor manifest = result.equals(built.primary()) ? image.manifest() : other(built, result, kept);
            manifests.add(on(result.platform(), manifest));
            if (!result.attested().isEmpty()) {
                attested.add(attestations.attestation(
                        result.image(),
                        manifest,
                        result.platform(),
                        names,
                        result.attested().statements(),
                        kept));
            }
        }
        manifests.addAll(attested);
        byte[] bytes = OciJson.MAPPER.writeValueAsBytes(new Index(2, MediaType.OCI_INDEX, null, manifests, null, null));
        Descriptor index = Descriptor.of(
                MediaType.OCI_INDEX, content.put(built.primary().image().lease(), bytes), bytes.length);
        indexes.keep(image.id(), index, kept);
        return Optional.of(index);
    }

    /** An image that was built without an index has none, be it the same one that had one before. */
    void none(Image image) {
        indexes.forget(image.id());
    }

    private Descriptor other(Built built, PlatformResult result, List<Digest> kept) throws IOException {
        Descriptor descriptor = builder.manifest(result.image(), built.inlineCache());
        Manifest manifest = OciJson.MAPPER.readValue(
                content.read(descriptor.digest(), ImageStore.MAX_DOCUMENT_BYTES), Manifest.class);
        kept.add(descriptor.digest());
        kept.add(manifest.config().digest());
        manifest.layers().forEach(layer -> kept.add(layer.digest()));
        return descriptor;
    }

    private static Descriptor on(Platform platform, Descriptor manifest) {
        return new Descriptor(
                manifest.mediaType(), manifest.digest(), manifest.size(), null, null, null, null, platform);
    }
}
