package io.berth.image.exchange;

import io.berth.docker.error.InvalidParameter;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Index;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The manifests of the OCI layout in an archive that {@code docker save} has written, as far as they can be kept as they are: all that
 * they name is in the archive, and their layers are compressed. Of those in indexes the index is told.
 */
final class ArchivedManifests {
    static final int MAX_INDEX_DEPTH = 4;

    private final SpooledArchive archive;
    private final List<Entry> entries = new ArrayList<>();

    /**
     * One of them.
     *
     * @param index the one under {@code index.json} that it is in; null when it is named there itself
     */
    record Entry(
            Descriptor descriptor,
            Manifest manifest,
            @Nullable Descriptor index) {}

    private ArchivedManifests(SpooledArchive archive) {
        this.archive = archive;
    }

    /** Reads {@code index.json}, if there is one. */
    static ArchivedManifests of(SpooledArchive archive) throws IOException {
        ArchivedManifests found = new ArchivedManifests(archive);
        Optional<Digest> top = archive.file("index.json");
        if (top.isPresent()) {
            for (Descriptor descriptor : archive.read(top.get(), Index.class).manifests()) {
                found.add(descriptor, null, 0);
            }
        }
        return found;
    }

    private void add(Descriptor descriptor, @Nullable Descriptor index, int depth) throws IOException {
        if (depth > MAX_INDEX_DEPTH) {
            throw new InvalidParameter("invalid archive: indexes are nested too deeply");
        }
        if (!archive.has(descriptor) || isAttestation(descriptor)) {
            return;
        }
        if (MediaType.isIndex(descriptor.mediaType())) {
            for (Descriptor inner :
                    archive.read(archive.blob(descriptor), Index.class).manifests()) {
                add(inner, index == null ? descriptor : index, depth + 1);
            }
        } else if (MediaType.isManifest(descriptor.mediaType())) {
            Manifest manifest = archive.read(archive.blob(descriptor), Manifest.class);
            if (isComplete(manifest)) {
                entries.add(new Entry(descriptor, manifest, index));
            }
        }
    }

    /** Complete, and with compressed layers only: others are compressed when they are loaded, which makes another manifest. */
    private boolean isComplete(Manifest manifest) {
        return archive.has(manifest.config())
                && manifest.layers().stream().allMatch(layer -> archive.has(layer) && isCompressed(layer));
    }

    static boolean isCompressed(Descriptor layer) {
        return switch (layer.mediaType()) {
            case MediaType.OCI_LAYER_GZIP,
                    MediaType.OCI_LAYER_ZSTD,
                    MediaType.DOCKER_LAYER_GZIP,
                    MediaType.DOCKER_LAYER_ZSTD -> true;
            default -> false;
        };
    }

    static boolean isAttestation(Descriptor descriptor) {
        return descriptor.platform() != null && descriptor.platform().os().equals("unknown");
    }

    /** The last that is named with this configuration. */
    Optional<Entry> ofConfig(Digest config) {
        return entries.stream()
                .filter(entry -> entry.manifest().config().digest().equals(config))
                .reduce((_, last) -> last);
    }

    /** The others of the index that one of them is in. */
    List<Entry> beside(Entry one) {
        Descriptor index = one.index();
        return index == null
                ? List.of()
                : entries.stream()
                        .filter(entry -> entry.index() != null
                                && entry.index().digest().equals(index.digest())
                                && !entry.descriptor()
                                        .digest()
                                        .equals(one.descriptor().digest()))
                        .toList();
    }
}
