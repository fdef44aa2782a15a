package io.berth.image.store;

import io.berth.docker.error.SystemFailure;
import io.berth.image.content.ContentStore;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Index;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.OciJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;

/**
 * Indexes all of whose manifests are here, with everything that those name: attestations, and what was built for several platforms. They
 * are sent with their image, so that their digest stays. An index may name anything: what is not kept for it, and of no image that came
 * from it, is elsewhere, be its content here or not. Thread-safe.
 */
@Component
public class WholeIndexes {
    private final ImageIndexes indexes;
    private final PlatformImages platforms;
    private final ContentStore content;

    WholeIndexes(ImageIndexes indexes, PlatformImages platforms, ContentStore content) {
        this.indexes = indexes;
        this.platforms = platforms;
        this.content = content;
    }

    /** The index of an image; empty when it has none, or one of which something is elsewhere. */
    public Optional<Descriptor> of(Image image) {
        Optional<Index> index = indexes.index(image.id());
        if (index.isEmpty()) {
            return Optional.empty();
        }
        List<Descriptor> manifests = index.get().manifests();
        Digest manifestOfImage = image.manifest().digest();
        Set<String> digests =
                manifests.stream().map(manifest -> manifest.digest().toString()).collect(Collectors.toSet());
        Set<Digest> own = own(image);
        boolean whole = digests.contains(manifestOfImage.toString())
                && manifests.stream()
                        .allMatch(one ->
                                one.digest().equals(manifestOfImage) || (isHere(one, own) && fits(one, digests)));
        return indexes.descriptor(image.id()).filter(_ -> whole);
    }

    /** The index of an image, whether or not all of it is here; the index itself is. */
    public Optional<Descriptor> any(Image image) {
        return indexes.descriptor(image.id()).filter(index -> content.exists(index.digest()));
    }

    private Set<Digest> own(Image image) {
        Set<Digest> own = new HashSet<>(indexes.kept(image.id()));
        for (Image other : platforms.others(image)) {
            own.addAll(indexes.kept(other.id()));
            own.add(other.id());
            own.add(other.manifest().digest());
            other.layers().forEach(layer -> own.add(layer.digest()));
        }
        // Of the image itself; platforms may share layers.
        own.add(image.id());
        image.layers().forEach(layer -> own.add(layer.digest()));
        return own;
    }

    private boolean isHere(Descriptor manifest, Set<Digest> own) {
        return MediaType.isManifest(manifest.mediaType())
                && isHere(manifest.digest(), own)
                && parts(manifest).stream().allMatch(blob -> isHere(blob.digest(), own));
    }

    private boolean isHere(Digest blob, Set<Digest> own) {
        return own.contains(blob) && content.exists(blob);
    }

    private static boolean fits(Descriptor manifest, Set<String> digests) {
        return !ImageAttestations.isAttestation(manifest)
                || ImageAttestations.subject(manifest).filter(digests::contains).isPresent();
    }

    /** The manifests of an index that is here, but for that of an image. */
    public List<Descriptor> others(Descriptor index, Image image) {
        try {
            return OciJson.MAPPER
                    .readValue(content.read(index.digest(), ImageStore.MAX_DOCUMENT_BYTES), Index.class)
                    .manifests()
                    .stream()
                    .filter(manifest ->
                            !manifest.digest().equals(image.manifest().digest()))
                    .toList();
        } catch (IOException | JacksonException e) {
            throw new SystemFailure("cannot read index " + index.digest(), e);
        }
    }

    /** What a manifest that is here names: its layers, and its configuration last. */
    public List<Descriptor> parts(Descriptor manifest) {
        try {
            Manifest read = OciJson.MAPPER.readValue(
                    content.read(manifest.digest(), ImageStore.MAX_DOCUMENT_BYTES), Manifest.class);
            List<Descriptor> parts = new ArrayList<>(read.layers());
            parts.add(read.config());
            return parts;
        } catch (IOException | JacksonException e) {
            throw new SystemFailure("cannot read manifest " + manifest.digest(), e);
        }
    }

    /** Every blob of an index beside those of an image: layers, configurations and manifests of the others, and the index. */
    public List<Descriptor> blobs(Descriptor index, Image image) {
        List<Descriptor> all = new ArrayList<>();
        for (Descriptor manifest : others(index, image)) {
            all.addAll(parts(manifest));
            all.add(manifest);
        }
        all.add(index);
        return all;
    }
}
