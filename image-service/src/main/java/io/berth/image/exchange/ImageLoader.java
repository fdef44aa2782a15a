package io.berth.image.exchange;

import io.berth.docker.error.InvalidParameter;
import io.berth.docker.image.JsonMessage;
import io.berth.image.content.ContentStore;
import io.berth.image.layer.Layer;
import io.berth.image.layer.LayerStore;
import io.berth.image.lease.Lease;
import io.berth.image.lease.Leases;
import io.berth.image.progress.ProgressStream;
import io.berth.image.removal.Collector;
import io.berth.image.store.Image;
import io.berth.image.store.ImageStore;
import io.berth.image.store.NewImage;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.ImageConfig;
import io.berth.oci.ImageReference;
import io.berth.oci.Index;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Loads images from what {@code docker save} of any age writes, and from OCI image layouts. The archive's {@code
 * manifest.json} decides which images there are, else its {@code index.json}.
 */
@Component
public final class ImageLoader {
    private static final String NAME_ANNOTATION = "io.containerd.image.name";
    private static final String REF_NAME_ANNOTATION = "org.opencontainers.image.ref.name";
    private static final int MAX_INDEX_DEPTH = 4;

    private final ImageStore images;
    private final LayerStore layers;
    private final ContentStore content;
    private final Leases leases;
    private final Collector collector;

    ImageLoader(ImageStore images, LayerStore layers, ContentStore content, Leases leases, Collector collector) {
        this.images = images;
        this.layers = layers;
        this.content = content;
        this.leases = leases;
        this.collector = collector;
    }

    /**
     * Loads every image of an archive.
     *
     * @param platform which one of an index to take, or null for this machine's
     * @param quiet whether to leave out progress
     * @param loaded told of each image
     * @throws InvalidParameter when the archive is malformed; images loaded before stay
     */
    public void load(
            InputStream in, @Nullable Platform platform, boolean quiet, ProgressStream progress, Consumer<Image> loaded)
            throws IOException {
        try (Lease lease = leases.open()) {
            SpooledArchive archive = SpooledArchive.receive(layers.expansion(in), content, lease);
            Load load =
                    new Load(archive, lease, platform == null ? Platform.current() : platform, quiet, progress, loaded);
            if (archive.file("manifest.json").isPresent()) {
                load.dockerArchive();
            } else if (archive.file("index.json").isPresent()) {
                load.layout();
            } else {
                throw new InvalidParameter("invalid archive: neither manifest.json nor index.json found");
            }
        } finally {
            // What was received and became no part of an image.
            collector.collect();
        }
    }

    /** One load. */
    private final class Load {
        private final SpooledArchive archive;
        private final Lease lease;
        private final Platform platform;
        private final boolean quiet;
        private final ProgressStream progress;
        private final Consumer<Image> loaded;

        Load(
                SpooledArchive archive,
                Lease lease,
                Platform platform,
                boolean quiet,
                ProgressStream progress,
                Consumer<Image> loaded) {
            this.archive = archive;
            this.lease = lease;
            this.platform = platform;
            this.quiet = quiet;
            this.progress = progress;
            this.loaded = loaded;
        }

        void dockerArchive() throws IOException {
            DockerManifestItem[] items = archive.read(archive.require("manifest.json"), DockerManifestItem[].class);
            Map<Digest, Descriptor> manifests = manifestsByConfig();
            for (DockerManifestItem item : items) {
                if (item == null || item.config() == null) {
                    throw new InvalidParameter("invalid archive: manifest.json has an entry without Config");
                }
                Digest config = archive.require(item.config());
                List<ImageReference> names =
                        item.tags().stream().map(Load::name).toList();
                Descriptor manifest = manifests.get(config);
                if (manifest != null) {
                    loadManifest(manifest, archive.read(manifest.digest(), Manifest.class), names);
                } else {
                    List<Digest> files =
                            item.layerPaths().stream().map(archive::require).toList();
                    finish(config, null, receive(config, files), names);
                }
            }
        }

        private static ImageReference name(String text) {
            try {
                return ImageReference.parse(text).withDefaultTag();
            } catch (IllegalArgumentException e) {
                throw new InvalidParameter("invalid tag \"" + text + "\": " + e.getMessage(), e);
            }
        }

        /** Manifests of an OCI layout in the same archive that can be kept as they are, by their configuration. */
        private Map<Digest, Descriptor> manifestsByConfig() throws IOException {
            Map<Digest, Descriptor> found = new java.util.HashMap<>();
            Optional<Digest> index = archive.file("index.json");
            if (index.isPresent()) {
                for (Descriptor descriptor :
                        archive.read(index.get(), Index.class).manifests()) {
                    if (MediaType.isManifest(descriptor.mediaType()) && archive.has(descriptor)) {
                        Manifest manifest = archive.read(archive.blob(descriptor), Manifest.class);
                        if (isComplete(manifest)) {
                            found.put(manifest.config().digest(), descriptor);
                        }
                    }
                }
            }
            return found;
        }

        /** Complete, and with compressed layers only: others are compressed here, which makes another manifest. */
        private boolean isComplete(Manifest manifest) {
            return archive.has(manifest.config())
                    && manifest.layers().stream().allMatch(layer -> archive.has(layer) && isCompressed(layer));
        }

        private static boolean isCompressed(Descriptor layer) {
            return switch (layer.mediaType()) {
                case MediaType.OCI_LAYER_GZIP,
                        MediaType.OCI_LAYER_ZSTD,
                        MediaType.DOCKER_LAYER_GZIP,
                        MediaType.DOCKER_LAYER_ZSTD -> true;
                default -> false;
            };
        }

        void layout() throws IOException {
            Digest top = archive.require("index.json");
            Index index = archive.read(top, Index.class);
            requireUnambiguous(top, index.mediaType() == null ? MediaType.OCI_INDEX : index.mediaType());
            int loaded = 0;
            for (Descriptor descriptor : index.manifests()) {
                if (isAttestation(descriptor)) {
                    continue;
                }
                Optional<Descriptor> chosen = choose(descriptor, 0);
                if (chosen.isPresent()) {
                    Descriptor manifest = chosen.get();
                    loadManifest(
                            manifest,
                            archive.read(archive.blob(manifest), Manifest.class),
                            annotatedName(descriptor).map(List::of).orElse(List.of()));
                    loaded++;
                }
            }
            if (loaded == 0) {
                throw new InvalidParameter("invalid archive: no image for platform " + platform);
            }
        }

        private static boolean isAttestation(Descriptor descriptor) {
            return descriptor.platform() != null && descriptor.platform().os().equals("unknown");
        }

        private Optional<Descriptor> choose(Descriptor descriptor, int depth) throws IOException {
            if (!MediaType.isIndex(descriptor.mediaType())) {
                return archive.has(descriptor) ? Optional.of(descriptor) : Optional.empty();
            }
            if (depth > MAX_INDEX_DEPTH) {
                throw new InvalidParameter("invalid archive: indexes are nested too deeply");
            }
            Index index = archive.read(archive.blob(descriptor), Index.class);
            requireUnambiguous(descriptor.digest(), descriptor.mediaType());
            for (Descriptor candidate : index.manifests()) {
                Platform of = candidate.platform();
                if (!isAttestation(candidate) && (of == null || of.serves(platform))) {
                    Optional<Descriptor> chosen = choose(candidate, depth + 1);
                    if (chosen.isPresent()) {
                        return chosen;
                    }
                }
            }
            return Optional.empty();
        }

        private static Optional<ImageReference> annotatedName(Descriptor descriptor) {
            Map<String, String> annotations = descriptor.annotations();
            if (annotations == null) {
                return Optional.empty();
            }
            String name = annotations.get(NAME_ANNOTATION);
            if (name != null) {
                return Optional.of(name(name));
            }
            String ref = annotations.get(REF_NAME_ANNOTATION);
            // By the specification this is a tag alone; many tools put a whole reference there.
            return ref != null && (ref.indexOf('/') >= 0 || ref.indexOf(':') >= 0)
                    ? Optional.of(name(ref))
                    : Optional.empty();
        }

        private void loadManifest(Descriptor descriptor, Manifest manifest, List<ImageReference> names)
                throws IOException {
            requireUnambiguous(descriptor.digest(), descriptor.mediaType());
            Digest config = archive.blob(manifest.config());
            List<Digest> files = manifest.layers().stream().map(archive::blob).toList();
            List<Layer> received = receive(config, files);
            boolean asGiven = manifest.layers().stream().allMatch(Load::isCompressed);
            if (asGiven) {
                images.create(lease, new NewImage(config, descriptor, manifest.layers(), names));
                tell(config, names);
            } else {
                finish(config, null, received, names);
            }
        }

        /**
         * A document that is manifest and index at once, or another kind than it is said to be, means different things to
         * different readers (CVE-2021-41190).
         */
        private void requireUnambiguous(Digest document, String mediaType) throws IOException {
            Map<?, ?> fields = archive.read(document, Map.class);
            boolean index = fields.containsKey("manifests");
            boolean manifest = fields.containsKey("layers") || fields.containsKey("config");
            if (index && manifest) {
                throw new InvalidParameter("invalid archive: a manifest has both layers and manifests");
            }
            Object stated = fields.get("mediaType");
            if (index != MediaType.isIndex(mediaType)
                    || (stated instanceof String text && !text.isEmpty() && !text.equals(mediaType))) {
                throw new InvalidParameter("invalid archive: " + document + " is not of media type " + mediaType);
            }
        }

        private List<Layer> receive(Digest config, List<Digest> files) throws IOException {
            ImageConfig parsed = ImageStore.parseConfig(archive.bytes(config));
            List<Digest> diffIds = parsed.rootfs().diffIds();
            if (diffIds.size() != files.size()) {
                throw new InvalidParameter("invalid manifest, layers length mismatch: expected " + diffIds.size()
                        + ", got " + files.size());
            }
            List<Future<Layer>> running = new ArrayList<>();
            List<Layer> received = new ArrayList<>();
            try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < files.size(); i++) {
                    Digest file = files.get(i);
                    Digest diffId = diffIds.get(i);
                    running.add(each.submit(() -> layers.add(lease, diffId, () -> content.open(file))));
                }
                for (int i = 0; i < files.size(); i++) {
                    received.add(await(running.get(i)));
                    tellProgress(diffIds.get(i), content.size(files.get(i)).orElse(0L));
                }
            }
            return received;
        }

        private static Layer await(Future<Layer> layer) throws IOException {
            try {
                return layer.get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new java.io.InterruptedIOException("interrupted while loading");
            } catch (ExecutionException e) {
                switch (e.getCause()) {
                    case IOException io -> throw io;
                    case RuntimeException unchecked -> throw unchecked;
                    case null, default -> throw new IOException(e.getCause());
                }
            }
        }

        private void finish(
                Digest config, @Nullable Descriptor manifest, List<Layer> received, List<ImageReference> names)
                throws IOException {
            lease.hold(config);
            Image image = images.create(
                    lease,
                    new NewImage(
                            config, manifest, received.stream().map(Layer::blob).toList(), names));
            loaded.accept(image);
            tell(image.id(), names);
        }

        private void tellProgress(Digest diffId, long size) throws IOException {
            if (!quiet) {
                progress.send(JsonMessage.progress(diffId.shortHex(), "Loading layer", size, size));
            }
        }

        private void tell(Digest id, List<ImageReference> names) throws IOException {
            if (names.isEmpty()) {
                progress.send(JsonMessage.stream("Loaded image ID: " + id + "\n"));
            }
            for (ImageReference name : names) {
                progress.send(JsonMessage.stream("Loaded image: " + name.familiar() + "\n"));
            }
        }
    }
}
