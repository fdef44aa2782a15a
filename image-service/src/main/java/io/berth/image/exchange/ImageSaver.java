package io.berth.image.exchange;

import io.berth.archive.TarEntry;
import io.berth.archive.TarWriter;
import io.berth.docker.error.InvalidParameter;
import io.berth.image.content.ContentStore;
import io.berth.image.layer.LayerStore;
import io.berth.image.lease.Lease;
import io.berth.image.lease.Leases;
import io.berth.image.store.Image;
import io.berth.image.store.ImageStore;
import io.berth.image.store.NoSuchImage;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.ImageReference;
import io.berth.oci.Index;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.OciJson;
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
import org.springframework.stereotype.Component;

/**
 * Writes images as an archive that is both an OCI image layout and what {@code docker load} of any age reads: blobs under
 * {@code blobs/sha256/}, then {@code index.json}, {@code manifest.json}, {@code oci-layout} and {@code repositories}, as
 * Docker 25 and later do. Layers go out compressed, as they are stored. The same images always give the same bytes.
 */
@Component
public final class ImageSaver {
    private static final int FILE_MODE = 0_644;
    private static final int DIRECTORY_MODE = 0_755;

    private final ImageStore images;
    private final LayerStore layers;
    private final ContentStore content;
    private final Leases leases;

    ImageSaver(ImageStore images, LayerStore layers, ContentStore content, Leases leases) {
        this.images = images;
        this.layers = layers;
        this.content = content;
        this.leases = leases;
    }

    /** Something to write; everything it needs is held until it is closed. */
    public final class Archive implements AutoCloseable {
        private final Lease lease = leases.open();
        private final Map<Image, List<ImageReference>> selected = new LinkedHashMap<>();
        /** Blobs to write, in the order of their names, each once. */
        private final TreeMap<Digest, Long> blobs = new TreeMap<>();

        private final List<Descriptor> manifests = new ArrayList<>();
        private final List<DockerManifestItem> items = new ArrayList<>();
        private final Map<String, Map<String, String>> repositories = new TreeMap<>();

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
            lease.hold(image.id());
            lease.hold(image.manifest().digest());
            List<Descriptor> layerBlobs = new ArrayList<>();
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
            describe(image, names, manifest, layerBlobs);
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
     * @throws NoSuchImage when a name is unknown; then nothing has been written yet
     */
    public Archive select(List<String> names) {
        if (names.isEmpty()) {
            throw new InvalidParameter("no images specified");
        }
        Archive archive = new Archive();
        try {
            names.forEach(name -> select(archive, name));
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
