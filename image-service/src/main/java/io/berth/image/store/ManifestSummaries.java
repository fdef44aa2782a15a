package io.berth.image.store;

import io.berth.docker.image.ManifestSummary;
import io.berth.image.content.ContentStore;
import io.berth.image.layer.LayerStore;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Index;
import io.berth.oci.OciJson;
import io.berth.oci.Platform;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Tells what manifests an image has: those of the index it was pulled from, or its own alone. */
@Component
public class ManifestSummaries {
    private final ImageIndexes indexes;
    private final PlatformImages platforms;
    private final ContentStore content;
    private final LayerStore layers;

    ManifestSummaries(ImageIndexes indexes, PlatformImages platforms, ContentStore content, LayerStore layers) {
        this.indexes = indexes;
        this.platforms = platforms;
        this.content = content;
        this.layers = layers;
    }

    /** What the image's name stands for at a registry: the index, or the manifest where there is none. */
    public JsonNode target(Image image) {
        return OciJson.MAPPER.valueToTree(indexes.descriptor(image.id()).orElse(image.manifest()));
    }

    /** All manifests, in the index's order, whether they are here or not. */
    public List<ManifestSummary> of(Image image) {
        Optional<Index> index = indexes.index(image.id());
        if (index.isEmpty()) {
            return List.of(own(image, image.manifest()));
        }
        Map<Digest, Image> here = new HashMap<>();
        platforms.others(image).forEach(other -> here.put(other.manifest().digest(), other));
        here.put(image.manifest().digest(), image);
        List<ManifestSummary> summaries = new ArrayList<>();
        for (Descriptor manifest : index.get().manifests()) {
            Image own = here.get(manifest.digest());
            if (own != null) {
                summaries.add(own(own, manifest));
            } else if (ImageAttestations.isAttestation(manifest)) {
                summaries.add(attestation(manifest));
            } else {
                summaries.add(elsewhere(manifest));
            }
        }
        return summaries;
    }

    private ManifestSummary own(Image image, Descriptor manifest) {
        long blobs = size(image.manifest().digest())
                + size(image.id())
                + image.layers().stream()
                        .map(Descriptor::digest)
                        .distinct()
                        .mapToLong(this::size)
                        .sum();
        boolean available = image.layers().stream().allMatch(layer -> content.exists(layer.digest()))
                || image.diffIds().stream()
                        .allMatch(diffId -> layers.find(diffId).isPresent());
        Platform platform = manifest.platform() == null ? image.config().platform() : manifest.platform();
        return new ManifestSummary(
                manifest.digest().toString(),
                OciJson.MAPPER.valueToTree(manifest),
                available,
                new ManifestSummary.Sizes(blobs + image.size(), blobs),
                "image",
                new ManifestSummary.ImageData(
                        OciJson.MAPPER.valueToTree(platform),
                        List.of(),
                        new ManifestSummary.UnpackedSize(image.size())),
                null);
    }

    private ManifestSummary attestation(Descriptor manifest) {
        long size = size(manifest.digest());
        return new ManifestSummary(
                manifest.digest().toString(),
                OciJson.MAPPER.valueToTree(manifest),
                size > 0,
                new ManifestSummary.Sizes(size, size),
                "attestation",
                null,
                new ManifestSummary.AttestationData(
                        ImageAttestations.subject(manifest).orElse("")));
    }

    private static ManifestSummary elsewhere(Descriptor manifest) {
        boolean image = manifest.platform() != null;
        return new ManifestSummary(
                manifest.digest().toString(),
                OciJson.MAPPER.valueToTree(manifest),
                false,
                new ManifestSummary.Sizes(0, 0),
                image ? "image" : "unknown",
                image
                        ? new ManifestSummary.ImageData(
                                OciJson.MAPPER.valueToTree(manifest.platform()),
                                List.of(),
                                new ManifestSummary.UnpackedSize(0))
                        : null,
                null);
    }

    private long size(Digest blob) {
        return content.size(blob).orElse(0L);
    }
}
