package io.berth.image.exchange;

import io.berth.archive.TarEntry;
import io.berth.archive.TarWriter;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.image.content.ContentStore;
import io.berth.image.layer.LayerStore;
import io.berth.image.lease.Lease;
import io.berth.image.lease.Leases;
import io.berth.image.store.Image;
import io.berth.image.store.ImageStore;
import io.berth.image.store.NoSuchImage;
import io.berth.image.store.PlatformImages;
import io.berth.image.store.WholeIndexes;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.ImageReference;
import io.berth.oci.Index;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.OciJson;
import io.berth.oci.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Writes images as an archive that is both an OCI image layout and what {@code docker load} of any age reads: blobs under
 * {@code blobs/sha256/}, then {@code index.json}, {@code manifest.json}, {@code oci-layout} and {@code repositories}, as
 * Docker 25 and later do. Layers go out compressed, as they are stored. The same images always give the same bytes. An image of several
 * platforms that are here is written with the index that it came from, so that they belong together where it is loaded; what of that index
 * is elsewhere is not in the archive.
 */
@Component
public final class ImageSaver {
    private static final int FILE_MODE = 0_644;
    private static final int DIRECTORY_MODE = 0_755;

    private final ImageStore images;
    private final PlatformImages platformImages;
    private final LayerStore layers;
    private final ContentStore content;
    private final Leases leases;
    private final WholeIndexes indexes;

    ImageSaver(
            ImageStore images,
            PlatformImages platformImages,
            LayerStore layers,
            ContentStore content,
            Leases leases,
            WholeIndexes indexes) {
        this.indexes = indexes;
        this.images = images;
        this.platformImages = platformImages;
        this.layers = layers;
        this.content = content;
        this.leases = leases;
    }

    /** Something to write; everything it needs is held until it is closed. */
    public final class Archive implements AutoCloseable {
        private final Lease lease = leases.open();
        private final Map<Image, List<ImageReference>> selected = new LinkedHashMap<>();
        /** Other platforms of an image that was selected. */
        private final Map<Image, List<Image>> beside = new LinkedHashMap<>();
        /** Blobs to write, in the order of their names, each once. */
        private final TreeMap<Digest, Long> blobs = new TreeMap<>();

        private final List<Descriptor> manifests = new ArrayList<>();
        private final List<DockerManifestItem> items = new ArrayList<>();
        private final Map<String, Map<String, String>> repositories = new TreeMap<>();
        private final Map<Image, Descriptor> wholes = new LinkedHashMap<>();

        private Archive() {}

        /**
         * Writes the archive.
         *
         * @throws IOException when the receiver goes away; the archive is visibly cut off
         */
        public void writeTo(OutputStream out) throws IOException {
            try (TarWriter tar = new TarWriter(out)) {
                directory(tar, "blobs/");
                directory(tar, "blobs/sha256/");
                for (Map.Entry<Digest, Long> blob : blobs.entrySet()) {
                    try (InputStream in = content.open(blob.getKey())) {
                        tar.write(TarEntry.file(path(blob.getKey()), FILE_MODE, blob.getValue(), Instant.EPOCH), in);
                    }
                }
                json(tar, "index.json", new Index(2, MediaType.OCI_INDEX, null, manifests, null, null));
                json(tar, "manifest.json", items);
                json(tar, "oci-layout", Map.of("imageLayoutVersion", "1.0.0"));
                if (!repositories.isEmpty()) {
                    json(tar, "repositories", repositories);
                }
            }
        }

        private void add(Image image, List<ImageReference> names) throws IOException {
            List<Descriptor> layerBlobs = new ArrayList<>();
            Descriptor manifest = blobs(image, layerBlobs);
            Descriptor whole = wholes.get(image);
            if (whole == null && manifest.equals(image.manifest())) {
                whole = withOthers(image);
            }
            describe(image, names, whole == null ? manifest : whole, layerBlobs);
        }

        /** The index that an image and the other platforms to be written came from; null when there are none. */
        private @Nullable Descriptor withOthers(Image image) throws IOException {
            Optional<Descriptor> index = indexes.any(image);
            if (index.isEmpty()) {
                return null;
            }
            boolean others = false;
            for (Image other : beside.getOrDefault(image, List.of())) {
                boolean complete =
                        other.layers().stream().map(Descriptor::digest).allMatch(content::exists);
                if (complete) {
                    Descriptor _ = blobs(other, new ArrayList<>());
                    others = true;
                }
            }
            if (!others) {
                return null;
            }
            lease.hold(index.get().digest());
            blobs.put(index.get().digest(), size(index.get().digest()));
            return index.get();
        }

        /** Adds the blobs of an image, and tells its manifest. */
        private Descriptor blobs(Image image, List<Descriptor> layerBlobs) throws IOException {
            lease.hold(image.id());
            lease.hold(image.manifest().digest());
            boolean asPulled = true;
            for (int i = 0; i < image.layers().size(); i++) {
                Descriptor blob = image.layers().get(i);
                lease.hold(blob.digest());
                if (!content.exists(blob.digest())) {
                    Descriptor other = layers.find(image.diffIds().get(i))
                            .orElseThrow(() -> new NoSuchImage(image.id().toString()))
                            .blob();
                    lease.hold(other.digest());
                    blob = other;
                    asPulled = false;
                }
                layerBlobs.add(blob);
                blobs.put(blob.digest(), blob.size());
            }
            blobs.put(image.id(), size(image.id()));
            Descriptor manifest = asPulled ? image.manifest() : rewritten(image, layerBlobs);
            blobs.put(manifest.digest(), manifest.size());
            return manifest;
        }

        /** Everything that an index names beside the image. */
        private void add(Descriptor wanted, Image image) {
            wholes.put(image, wanted);
            for (Descriptor blob : indexes.blobs(wanted, image)) {
                lease.hold(blob.digest());
                blobs.put(blob.digest(), size(blob.digest()));
            }
        }

        private Descriptor rewritten(Image image, List<Descriptor> layerBlobs) throws IOException {
            Manifest manifest = new Manifest(
                    2,
                    MediaType.OCI_MANIFEST,
                    null,
                    Descriptor.of(MediaType.OCI_CONFIG, image.id(), size(image.id())),
                    layerBlobs,
                    null,
                    null);
            byte[] bytes = OciJson.MAPPER.writeValueAsBytes(manifest);
            return Descriptor.of(MediaType.OCI_MANIFEST, content.put(lease, bytes), bytes.length);
        }

        private void describe(
                Image image, List<ImageReference> names, Descriptor manifest, List<Descriptor> layerBlobs) {
            items.add(new DockerManifestItem(
                    path(image.id()),
                    names.isEmpty()
                            ? null
                            : names.stream().map(ImageReference::familiar).toList(),
                    layerBlobs.stream().map(blob -> path(blob.digest())).toList()));
            if (names.isEmpty()) {
                manifests.add(manifest);
            }
            for (ImageReference name : names) {
                String tag = String.valueOf(name.tag());
                manifests.add(new Descriptor(
                        manifest.mediaType(),
                        manifest.digest(),
                        manifest.size(),
                        null,
                        Map.of("io.containerd.image.name", name.toString(), "org.opencontainers.image.ref.name", tag),
                        null,
                        null,
                        null));
                if (!layerBlobs.isEmpty()) {
                    repositories
                            .computeIfAbsent(name.familiarName(), _ -> new TreeMap<>())
                            .put(tag, layerBlobs.getLast().digest().hex());
                }
            }
        }

        private long size(Digest digest) {
            return content.size(digest).orElseThrow(() -> new NoSuchImage(digest.toString()));
        }

        private void json(TarWriter tar, String name, Object value) throws IOException {
            byte[] bytes = (OciJson.MAPPER.writeValueAsString(value) + "\n").getBytes(StandardCharsets.UTF_8);
            tar.write(
                    TarEntry.file(name, FILE_MODE, bytes.length, Instant.EPOCH),
                    new java.io.ByteArrayInputStream(bytes));
        }

        private void directory(TarWriter tar, String name) throws IOException {
            tar.write(TarEntry.directory(name, DIRECTORY_MODE, Instant.EPOCH));
        }

        private String path(Digest digest) {
            return "blobs/" + digest.algorithm() + "/" + digest.hex();
        }

        /** Of the images in it. */
        public List<String> imageIds() {
            return selected.keySet().stream()
                    .map(image -> image.id().toString())
                    .toList();
        }

        @Override
        public void close() {
            lease.close();
        }
    }

    /**
     * Selects images to write. A repository without a tag means all its tags; an id has no names in the archive.
     *
     * @param platforms which of each image to write, those that are here; the first has the names. Empty for all, where an image is named
     *     and not told by its id
     * @throws NotFound in Docker's words when an image is not here for any of them
     * @throws NoSuchImage when a name is unknown; then nothing has been written yet
     */
    public Archive select(List<String> names, List<Platform> platforms) {
        if (names.isEmpty()) {
            throw new InvalidParameter("no images specified");
        }
        Archive archive = new Archive();
        try {
            names.forEach(name -> select(archive, name));
            if (platforms.isEmpty()) {
                archive.selected.forEach((image, own) -> {
                    if (!own.isEmpty()) {
                        archive.beside.put(image, platformImages.others(image));
                    }
                });
            } else {
                choose(archive, platforms);
            }
            for (Map.Entry<Image, List<ImageReference>> entry : archive.selected.entrySet()) {
                archive.add(entry.getKey(), entry.getValue());
            }
            return archive;
        } catch (IOException e) {
            archive.close();
            throw new UncheckedIOException("cannot prepare the archive", e);
        } catch (RuntimeException e) {
            archive.close();
            throw e;
        }
    }

    /**
     * An archive of one image, under these names, which it need not have.
     *
     * @param index with the image, all of which is here, and which the names are for then
     */
    public Archive of(Image image, List<ImageReference> names, Optional<Descriptor> index) throws IOException {
        Archive archive = new Archive();
        try {
            index.ifPresent(whole -> archive.add(whole, image));
            archive.selected.put(image, names);
            archive.add(image, names);
            return archive;
        } catch (IOException | RuntimeException e) {
            archive.close();
            throw e;
        }
    }

    /** Puts images of the wanted platforms in place of those that were found. */
    private void choose(Archive archive, List<Platform> platforms) {
        Map<Image, List<ImageReference>> chosen = new LinkedHashMap<>();
        archive.selected.forEach((image, names) -> {
            String text =
                    names.isEmpty() ? image.id().toString() : names.getFirst().familiar();
            Image first = platformImages.resolve(text, platforms);
            chosen.put(first, names);
            archive.beside.put(
                    first,
                    platforms.stream()
                            .flatMap(platform -> platformImages.find(image, text, List.of(platform)).stream())
                            .filter(other -> !other.id().equals(first.id()))
                            .toList());
        });
        archive.selected.clear();
        archive.selected.putAll(chosen);
    }

    private void select(Archive archive, String text) {
        Optional<ImageReference> bare = reference(text).filter(name -> name.tag() == null && name.digest() == null);
        List<Image> ofRepository = bare.isEmpty()
                ? List.of()
                : images.list().stream()
                        .filter(image -> image.tags().stream()
                                .anyMatch(tag -> tag.repository().equals(bare.get())))
                        .toList();
        if (!ofRepository.isEmpty()) {
            ofRepository.forEach(image -> addNames(
                    archive,
                    image,
                    image.tags().stream()
                            .filter(tag -> tag.repository().equals(bare.get()))
                            .toList()));
            return;
        }
        Image image = images.resolve(text);
        addNames(
                archive,
                image,
                reference(text).filter(image.tags()::contains).map(List::of).orElse(List.of()));
    }

    private static void addNames(Archive archive, Image image, List<ImageReference> names) {
        List<ImageReference> all = archive.selected.computeIfAbsent(image, _ -> new ArrayList<>());
        names.stream().filter(name -> !all.contains(name)).forEach(all::add);
    }

    private static Optional<ImageReference> reference(String text) {
        try {
            return Optional.of(ImageReference.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
