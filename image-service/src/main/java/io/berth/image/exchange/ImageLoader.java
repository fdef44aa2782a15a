package io.berth.image.exchange;

import io.berth.archive.ArchiveFormatException;
import io.berth.archive.Decompression;
import io.berth.docker.error.Forbidden;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.image.JsonMessage;
import io.berth.image.caller.Caller;
import io.berth.image.caller.CallerLeases;
import io.berth.image.content.ContentStore;
import io.berth.image.layer.DiffIdMismatch;
import io.berth.image.layer.Layer;
import io.berth.image.layer.LayerStore;
import io.berth.image.lease.Lease;
import io.berth.image.progress.ProgressStream;
import io.berth.image.removal.Collector;
import io.berth.image.store.Image;
import io.berth.image.store.ImageIndexes;
import io.berth.image.store.ImageStore;
import io.berth.image.store.NewImage;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.ImageConfig;
import io.berth.oci.ImageReference;
import io.berth.oci.Index;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.MediaType.Compression;
import io.berth.oci.Platform;
import java.io.BufferedInputStream;
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
import java.util.stream.Stream;
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

    private final ImageStore images;
    private final ImageIndexes indexes;
    private final LayerStore layers;
    private final ContentStore content;
    private final CallerLeases leases;
    private final Collector collector;

    ImageLoader(
            ImageStore images,
            ImageIndexes indexes,
            LayerStore layers,
            ContentStore content,
            CallerLeases leases,
            Collector collector) {
        this.images = images;
        this.indexes = indexes;
        this.layers = layers;
        this.content = content;
        this.leases = leases;
        this.collector = collector;
    }

    /**
     * Loads every image of an archive. A developer's must all have names, of their projects' repositories; what is found not to be
     * so is found before anything is loaded.
     *
     * @param caller whose archive it is
     * @param platforms which of an index to take; empty means this machine's alone
     * @param quiet whether to leave out progress
     * @param loaded told of each image
     * @throws InvalidParameter when the archive is malformed; images loaded before stay
     * @throws Forbidden when an image is not the caller's; nothing is loaded
     */
    public void load(
            Caller caller,
            InputStream in,
            List<Platform> platforms,
            boolean quiet,
            ProgressStream progress,
            Consumer<Image> loaded)
            throws IOException {
        try (Lease lease = leases.open(caller)) {
            SpooledArchive archive = SpooledArchive.receive(layers.expansion(in), content, lease);
            Load load = new Load(caller, archive, lease, platforms, quiet, progress, loaded);
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

    /**
     * An image that {@code manifest.json} has.
     *
     * @param kept its manifest, when that can be kept as it is
     * @param others of the same index
     */
    private record Listed(
            DockerManifestItem item,
            Digest config,
            List<ImageReference> names,
            Optional<ArchivedManifests.Entry> kept,
            List<ArchivedManifests.Entry> others) {}

    /** One load. */
    private final class Load {
        private final Caller caller;
        private final SpooledArchive archive;
        private final Lease lease;
        private final List<Platform> asked;
        private final boolean quiet;
        private final ProgressStream progress;
        private final Consumer<Image> loaded;

        Load(
                Caller caller,
                SpooledArchive archive,
                Lease lease,
                List<Platform> asked,
                boolean quiet,
                ProgressStream progress,
                Consumer<Image> loaded) {
            this.caller = caller;
            this.archive = archive;
            this.lease = lease;
            this.asked = asked;
            this.quiet = quiet;
            this.progress = progress;
            this.loaded = loaded;
        }

        void dockerArchive() throws IOException {
            DockerManifestItem[] items = archive.read(archive.require("manifest.json"), DockerManifestItem[].class);
            ArchivedManifests manifests = ArchivedManifests.of(archive);
            List<Listed> listed = new ArrayList<>();
            for (DockerManifestItem item : items) {
                Listed image = listed(item, manifests);
                requireOwn(image.names(), image.config());
                for (ArchivedManifests.Entry other : image.others()) {
                    requireOwn(image.names(), archive.blob(other.manifest().config()));
                }
                listed.add(image);
            }
            for (Listed image : listed) {
                List<ImageReference> names = image.names();
                Digest config = image.config();
                if (image.kept().isPresent()) {
                    take(image.kept().get(), image.others(), names);
                } else {
                    List<Digest> files = image.item().layerPaths().stream()
                            .map(archive::require)
                            .toList();
                    finish(config, null, receive(config, files), names);
                }
            }
        }

        /** An image with the other platforms of its index; the first that is wanted gets the names. */
        private void take(
                ArchivedManifests.Entry listed, List<ArchivedManifests.Entry> others, List<ImageReference> names)
                throws IOException {
            List<ArchivedManifests.Entry> wanted = new ArrayList<>();
            for (ArchivedManifests.Entry entry :
                    Stream.concat(Stream.of(listed), others.stream()).toList()) {
                if (isAskedFor(entry)) {
                    wanted.add(entry);
                }
            }
            if (wanted.isEmpty()) {
                wanted.add(listed); // which tells why not
            }
            for (ArchivedManifests.Entry entry : wanted) {
                Optional<Image> image = loadManifest(
                        entry.descriptor(), entry.manifest(), entry.equals(wanted.getFirst()) ? names : List.of());
                Descriptor index = entry.index();
                if (image.isPresent() && index != null) {
                    keepIndex(image.get(), index);
                }
            }
        }

        private boolean isAskedFor(ArchivedManifests.Entry entry) throws IOException {
            if (asked.isEmpty()) {
                return true;
            }
            Platform platform = ImageStore.parseConfig(
                            archive.bytes(archive.blob(entry.manifest().config())))
                    .platform();
            return asked.stream().anyMatch(platform::serves);
        }

        private Listed listed(@Nullable DockerManifestItem item, ArchivedManifests manifests) {
            String path = item == null ? null : item.config();
            if (item == null || path == null) {
                throw new InvalidParameter("invalid archive: manifest.json has an entry without Config");
            }
            Digest config = archive.require(path);
            Optional<ArchivedManifests.Entry> kept = manifests.ofConfig(config);
            return new Listed(
                    item,
                    config,
                    item.tags().stream().map(Load::name).toList(),
                    kept,
                    kept.map(manifests::beside).orElse(List.of()));
        }

        /** @throws Forbidden unless an image of these names and this configuration is the caller's to have here */
        private void requireOwn(List<ImageReference> names, Digest config) throws IOException {
            if (!caller.restricted()) {
                return;
            }
            if (names.isEmpty()) {
                throw new Forbidden("the archive has an image without a name, which only an operator may load");
            }
            for (ImageReference name : names) {
                caller.requireOwn(name, name.familiar());
            }
            String project = Caller.project(ImageStore.parseConfig(archive.bytes(config)));
            if (!project.isEmpty() && !caller.projects().contains(project)) {
                throw new Forbidden("the image " + names.getFirst().familiar() + " says that it is of the project "
                        + project + ", which is not the caller's");
            }
        }

        private static ImageReference name(String text) {
            try {
                return ImageReference.parse(text).withDefaultTag();
            } catch (IllegalArgumentException e) {
                throw new InvalidParameter("invalid tag \"" + text + "\": " + e.getMessage(), e);
            }
        }

        void layout() throws IOException {
            Digest top = archive.require("index.json");
            Index index = archive.read(top, Index.class);
            requireUnambiguous(top, index.mediaType() == null ? MediaType.OCI_INDEX : index.mediaType());
            for (Descriptor descriptor : caller.restricted() ? index.manifests() : List.<Descriptor>of()) {
                if (!ArchivedManifests.isAttestation(descriptor)) {
                    List<ImageReference> names =
                            annotatedName(descriptor).map(List::of).orElse(List.of());
                    for (Descriptor manifest : choose(descriptor)) {
                        requireOwn(
                                names,
                                archive.blob(archive.read(archive.blob(manifest), Manifest.class)
                                        .config()));
                    }
                }
            }
            int loaded = 0;
            for (Descriptor descriptor : index.manifests()) {
                if (ArchivedManifests.isAttestation(descriptor)) {
                    continue;
                }
                List<Descriptor> chosen = choose(descriptor);
                for (Descriptor manifest : chosen) {
                    boolean named = manifest.equals(front(chosen));
                    Optional<Image> image = loadManifest(
                            manifest,
                            archive.read(archive.blob(manifest), Manifest.class),
                            annotatedName(descriptor)
                                    .filter(_ -> named)
                                    .map(List::of)
                                    .orElse(List.of()));
                    if (image.isPresent() && MediaType.isIndex(descriptor.mediaType())) {
                        keepIndex(image.get(), descriptor);
                    }
                    loaded++;
                }
            }
            if (loaded == 0) {
                throw new InvalidParameter("invalid archive: no image for platform "
                        + (asked.isEmpty() ? Platform.current() : asked.getFirst()));
            }
        }

        /** So that its platforms are found by each other's name. */
        private void keepIndex(Image image, Descriptor index) throws IOException {
            Digest blob = archive.blob(index);
            lease.hold(blob);
            indexes.keep(image.id(), Descriptor.of(index.mediaType(), blob, index.size()), List.of());
        }

        /** The one that gets the name: this machine's, or the last. */
        private static Descriptor front(List<Descriptor> chosen) {
            return chosen.stream()
                    .filter(manifest ->
                            manifest.platform() != null && manifest.platform().serves(Platform.current()))
                    .findFirst()
                    .orElseGet(chosen::getLast);
        }

        /** For each platform that is asked for the one that fits. */
        private List<Descriptor> choose(Descriptor descriptor) throws IOException {
            List<Descriptor> chosen = new ArrayList<>();
            for (Platform platform : asked.isEmpty() ? List.of(Platform.current()) : asked) {
                choose(descriptor, platform, 0)
                        .filter(manifest -> !chosen.contains(manifest))
                        .ifPresent(chosen::add);
            }
            return chosen;
        }

        private Optional<Descriptor> choose(Descriptor descriptor, Platform platform, int depth) throws IOException {
            if (!MediaType.isIndex(descriptor.mediaType())) {
                return archive.has(descriptor) ? Optional.of(descriptor) : Optional.empty();
            }
            if (depth > ArchivedManifests.MAX_INDEX_DEPTH) {
                throw new InvalidParameter("invalid archive: indexes are nested too deeply");
            }
            Index index = archive.read(archive.blob(descriptor), Index.class);
            requireUnambiguous(descriptor.digest(), descriptor.mediaType());
            for (Descriptor candidate : index.manifests()) {
                Platform of = candidate.platform();
                if (!ArchivedManifests.isAttestation(candidate) && (of == null || of.serves(platform))) {
                    Optional<Descriptor> chosen = choose(candidate, platform, depth + 1);
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

        /** @return the image, if it has the manifest as it is in the archive */
        private Optional<Image> loadManifest(Descriptor descriptor, Manifest manifest, List<ImageReference> names)
                throws IOException {
            requireUnambiguous(descriptor.digest(), descriptor.mediaType());
            Digest config = archive.blob(manifest.config());
            List<Digest> files = manifest.layers().stream().map(archive::blob).toList();
            List<Layer> received = receive(config, files);
            boolean asGiven = manifest.layers().stream().allMatch(ArchivedManifests::isCompressed);
            if (!asGiven) {
                finish(config, null, received, names);
                return Optional.empty();
            }
            Image image = images.create(lease, new NewImage(config, descriptor, manifest.layers(), names));
            loaded.accept(image);
            tell(config, names);
            return Optional.of(image);
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
            Platform actual = parsed.platform();
            if (!asked.isEmpty() && asked.stream().noneMatch(actual::serves)) {
                throw new InvalidParameter("invalid archive: an image is for platform " + actual
                        + ", which was not asked for: " + asked.getFirst());
            }
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
                    running.add(each.submit(() -> receive(file, diffId)));
                }
                for (int i = 0; i < files.size(); i++) {
                    received.add(await(running.get(i), i));
                    tellProgress(diffIds.get(i), content.size(files.get(i)).orElse(0L));
                }
            }
            return received;
        }

        /** A compressed layer is here already under its own digest and need not be written again. */
        private Layer receive(Digest file, Digest diffId) throws IOException {
            Compression compression;
            try (InputStream in = new BufferedInputStream(content.open(file))) {
                compression = Decompression.detect(in);
            } catch (ArchiveFormatException e) {
                throw new InvalidParameter("invalid layer: " + e.getMessage(), e);
            }
            if (compression == Compression.NONE) {
                return layers.add(lease, diffId, () -> content.open(file));
            }
            String type = compression == Compression.GZIP ? MediaType.OCI_LAYER_GZIP : MediaType.OCI_LAYER_ZSTD;
            Descriptor blob = Descriptor.of(type, file, content.size(file).orElseThrow());
            return layers.ensure(lease, blob, diffId, () -> content.open(file));
        }

        private static Layer await(Future<Layer> layer, int position) throws IOException {
            try {
                return layer.get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new java.io.InterruptedIOException("interrupted while loading");
            } catch (ExecutionException e) {
                switch (e.getCause()) {
                    case IOException io -> throw io;
                    case DiffIdMismatch other ->
                        throw new InvalidParameter("invalid diffID for layer %d: expected \"%s\", got \"%s\""
                                .formatted(position, other.expected(), other.actual()));
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
