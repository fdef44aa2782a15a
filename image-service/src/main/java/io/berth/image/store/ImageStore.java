package io.berth.image.store;

import io.berth.docker.LabelBounds;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.image.content.ContentStore;
import io.berth.image.layer.Layer;
import io.berth.image.layer.LayerStore;
import io.berth.image.lease.Lease;
import io.berth.json.Bounds;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.ImageConfig;
import io.berth.oci.ImageReference;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.OciJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.core.JacksonException;

/**
 * The images of this node and their names. An image is immutable; only its names change. Thread-safe: every change is one
 * database transaction, and what a method has returned from survives a kill of the process.
 */
@Component
public class ImageStore {
    /** Largest configuration or manifest that is read, in bytes. */
    public static final int MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;

    private static final int MAX_LAYERS = 500;

    private final ImageRows images;
    private final ReferenceRows references;
    private final ContentStore content;
    private final LayerStore layers;
    private final TransactionTemplate transaction;
    private final Map<Digest, ImageConfig> configs = new ConcurrentHashMap<>();
    private final SinceChange<Known> known;
    /** Orders the changes: two pulls of one image would otherwise both insert it, and the second one fail. */
    private final ReentrantLock changes = new ReentrantLock();

    private final Generation generation;

    private final ImageIndexes indexes;

    ImageStore(
            ImageRows images,
            ReferenceRows references,
            ContentStore content,
            LayerStore layers,
            Generation generation,
            ImageIndexes indexes,
            PlatformTransactionManager transactions) {
        this.images = images;
        this.references = references;
        this.content = content;
        this.layers = layers;
        this.generation = generation;
        this.indexes = indexes;
        this.transaction = new TransactionTemplate(transactions);
        this.known = new SinceChange<>(generation, Known::new);
    }

    /** @param retired whether it is there for containers only */
    private record Row(Image image, boolean retired) {}

    /**
     * All images at one moment.
     *
     * @param shown newest first
     * @param used by retired ones, too
     */
    private record All(List<Image> shown, UsedContent used) {}

    /** What has been asked for since the last change: clients look far more often than they change anything. */
    private static final class Known {
        private final Map<Digest, Row> rows = new ConcurrentHashMap<>();
        private final Map<ImageReference, Digest> names = new ConcurrentHashMap<>();
        private volatile @Nullable All all;
    }

    /**
     * Makes an image of content that is there already, or gives one that exists its new names. The image is durable when
     * this returns.
     *
     * @param lease holds the configuration, the manifest, the blobs and the layers
     * @throws InvalidParameter when the configuration is malformed or does not fit the layers
     * @throws NotFound when a blob or layer is missing
     */
    public Image create(Lease lease, NewImage image) throws IOException {
        ImageConfig config = readConfig(image.config());
        LabelBounds.check(config.execution().labels(), "labels of the image");
        List<Digest> diffIds = config.rootfs().diffIds();
        if (diffIds.size() != image.layers().size()) {
            throw new InvalidParameter("invalid image: " + diffIds.size() + " diff ids for "
                    + image.layers().size() + " layers");
        }
        if (diffIds.size() > MAX_LAYERS) {
            throw new InvalidParameter("max depth exceeded");
        }
        List<LayerBlob> blobs = new ArrayList<>();
        long size = 0;
        for (int i = 0; i < diffIds.size(); i++) {
            Digest diffId = diffIds.get(i);
            Layer layer = layers.find(diffId).orElseThrow(() -> new NotFound("layer " + diffId + " not found"));
            size += layer.size();
            blobs.add(new LayerBlob(diffId, image.layers().get(i)));
        }
        Descriptor manifest = image.manifest() == null ? writeManifest(lease, image) : image.manifest();
        if (!content.exists(manifest.digest())) {
            throw new NotFound("content digest " + manifest.digest() + " not found");
        }
        long contentSize = size;
        change(() -> {
            ImageEntity row = images.findById(image.config().toString())
                    .orElseGet(() -> new ImageEntity(image.config(), manifest, contentSize, blobs));
            row.retire(false);
            images.saveAndFlush(row);
            image.references().forEach(reference -> putReference(row, reference));
        });
        return get(image.config());
    }

    private void change(Runnable change) {
        Object _ = change(() -> {
            change.run();
            return true;
        });
    }

    private boolean change(BooleanSupplier change) {
        changes.lock();
        try {
            return generation.during(() -> Boolean.TRUE.equals(transaction.execute(_ -> change.getAsBoolean())));
        } finally {
            changes.unlock();
        }
    }

    /**
     * Writes a manifest of the OCI's for an image that need not be among this node's.
     *
     * @param lease holds it, and the configuration, which is here
     */
    public Descriptor writeManifest(Lease lease, NewImage image) throws IOException {
        long configSize = content.size(image.config()).orElseThrow();
        Manifest manifest = new Manifest(
                2,
                MediaType.OCI_MANIFEST,
                null,
                Descriptor.of(MediaType.OCI_CONFIG, image.config(), configSize),
                image.layers().stream()
                        .map(layer -> Descriptor.of(layer.mediaType(), layer.digest(), layer.size()))
                        .toList(),
                null,
                null);
        byte[] bytes = OciJson.MAPPER.writeValueAsBytes(manifest);
        return Descriptor.of(MediaType.OCI_MANIFEST, content.put(lease, bytes), bytes.length);
    }

    private void putReference(ImageEntity row, ImageReference reference) {
        references.saveAndFlush(new ReferenceEntity(reference, row.id()));
        if (reference.tag() != null) {
            row.taggedAt(Instant.now());
            images.saveAndFlush(row);
        }
    }

    /** The image with this id, unless there is none or it has been deleted. */
    public Optional<Image> find(Digest id) {
        return row(id).filter(row -> !row.retired).map(Row::image);
    }

    private Optional<Row> row(Digest id) {
        Known here = known.value();
        Row row = here.rows.get(id);
        if (row != null) {
            return Optional.of(row);
        }
        Optional<Row> read = images.findById(id.toString()).map(this::toRow);
        read.ifPresent(found -> here.rows.put(id, found));
        return read;
    }

    /**
     * The image with this id.
     *
     * @throws NoSuchImage when there is none
     */
    public Image get(Digest id) {
        return find(id).orElseThrow(() -> new NoSuchImage(id.toString()));
    }

    /** Like {@link #find}, and also finds an image that has been deleted while containers still use it. */
    public Optional<Image> findIncludingRetired(Digest id) {
        return row(id).map(Row::image);
    }

    /**
     * Finds the image that a user means: a full id with or without {@code sha256:}, a name with tag or digest (where both
     * are given the digest decides, and it must belong to that repository), or the beginning of an id.
     *
     * @throws NoSuchImage when there is none, or a beginning fits more than one
     */
    public Image resolve(String text) {
        return new ImageLookup(this).resolve(text);
    }

    /** The image that has exactly this name. */
    public Optional<Image> findByReference(ImageReference reference) {
        Known here = known.value();
        Digest id = here.names.get(reference);
        if (id == null) {
            Optional<ReferenceEntity> read = references.findById(reference.toString());
            if (read.isEmpty()) {
                return Optional.empty();
            }
            id = Digest.parse(read.get().imageId());
            here.names.put(reference, id);
        }
        return find(id);
    }

    List<Digest> idsStartingWith(String prefix) {
        return images.findByRetiredFalseAndIdStartingWith(prefix).stream()
                .map(row -> Digest.parse(row.id()))
                .toList();
    }

    /** All images, newest first as their configurations say. */
    public List<Image> list() {
        return all().shown;
    }

    private All all() {
        Known here = known.value();
        All all = here.all;
        if (all == null) {
            all = readAll();
            here.all = all;
        }
        return all;
    }

    private All readAll() {
        Map<String, List<ImageReference>> names = references.findAll().stream()
                .collect(Collectors.groupingBy(
                        ReferenceEntity::imageId, Collectors.mapping(ReferenceEntity::reference, Collectors.toList())));
        List<ImageEntity> rows = images.findAll();
        List<Image> shown = rows.stream()
                .filter(row -> !row.retired())
                .map(row -> toImage(row, names.getOrDefault(row.id(), List.of())))
                .sorted(Comparator.comparing(ImageStore::createdText).reversed())
                .toList();
        return new All(shown, UsedContent.of(rows));
    }

    private static String createdText(Image image) {
        String created = image.config().created();
        return created == null ? "" : created;
    }

    /**
     * Gives an image one more name, taking it from the image that has it now.
     *
     * @param reference with a tag, or with a digest
     * @throws NoSuchImage when there is no image with this id
     */
    public void addReference(Digest id, ImageReference reference) {
        change(() -> putReference(
                images.findById(id.toString())
                        .filter(row -> !row.retired())
                        .orElseThrow(() -> new NoSuchImage(id.toString())),
                reference));
    }

    /** Takes names away; those that do not exist are fine. The image stays. */
    public void removeReferences(List<ImageReference> names) {
        change(() -> references.deleteAllById(
                names.stream().map(ImageReference::toString).toList()));
    }

    /**
     * Deletes an image for clients: all its names go, it is no longer found. Its content stays until {@link #erase}.
     *
     * @return false when it has got another name than the expected ones meanwhile, and nothing was done
     */
    public boolean retire(Digest id, List<ImageReference> expectedNames) {
        return change(() -> {
            Optional<ImageEntity> row = images.findById(id.toString());
            List<ReferenceEntity> names = references.findByImageId(id.toString());
            if (row.isEmpty()
                    || !expectedNames.containsAll(
                            names.stream().map(ReferenceEntity::reference).toList())) {
                return false;
            }
            references.deleteAll(names);
            row.get().retire(true);
            images.saveAndFlush(row.get());
            return true;
        });
    }

    /** Images that {@link #retire} has hidden and that have not been erased. */
    public List<Image> retired() {
        return images.findAll().stream()
                .filter(ImageEntity::retired)
                .map(row -> toImage(row, List.of()))
                .toList();
    }

    /** Forgets a retired image; one that has been created again meanwhile stays. */
    public void erase(Digest id) {
        change(() -> images.findById(id.toString()).filter(ImageEntity::retired).ifPresent(images::delete));
        configs.remove(id);
    }

    /** Everything that some image, retired ones too, refers to. */
    public UsedContent usedContent() {
        return all().used.withBlobs(indexes.blobs());
    }

    public long count() {
        return list().size();
    }

    private Row toRow(ImageEntity row) {
        List<ImageReference> names = references.findByImageId(row.id()).stream()
                .map(ReferenceEntity::reference)
                .toList();
        return new Row(toImage(row, names), row.retired());
    }

    private Image toImage(ImageEntity row, List<ImageReference> names) {
        Digest id = Digest.parse(row.id());
        return new Image(
                id,
                configs.computeIfAbsent(id, this::readConfig),
                row.manifest(),
                row.layers().stream().map(LayerBlob::blob).toList(),
                sorted(names.stream().filter(name -> name.tag() != null).toList()),
                sorted(names.stream().filter(name -> name.tag() == null).toList()),
                row.contentSize(),
                row.lastTagged());
    }

    private static List<ImageReference> sorted(List<ImageReference> names) {
        return names.stream()
                .sorted(Comparator.comparing(ImageReference::familiar))
                .toList();
    }

    private ImageConfig readConfig(Digest id) {
        try {
            return parseConfig(content.read(id, MAX_DOCUMENT_BYTES));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the configuration of image " + id, e);
        }
    }

    /**
     * Parses an image configuration.
     *
     * @throws InvalidParameter when it is not one
     */
    public static ImageConfig parseConfig(byte[] bytes) {
        @Nullable ImageConfig config;
        try {
            config = OciJson.MAPPER.readValue(bytes, ImageConfig.class);
        } catch (JacksonException e) {
            throw new InvalidParameter("invalid image configuration: " + Bounds.reason(e), e);
        } catch (IllegalArgumentException e) {
            throw new InvalidParameter("invalid image configuration: " + firstLine(e.getMessage()), e);
        }
        // Jackson fills what is missing with null, whatever the record says.
        if (isIncomplete(config)) {
            throw new InvalidParameter("invalid image configuration: architecture, os and rootfs are required");
        }
        return config;
    }

    @SuppressWarnings("NullAway") // what JSON leaves out is null here in spite of the types
    private static boolean isIncomplete(@Nullable ImageConfig config) {
        return config == null || config.architecture() == null || config.os() == null || config.rootfs() == null;
    }

    private static String firstLine(@Nullable String text) {
        return text == null ? "" : text.lines().findFirst().orElse("");
    }
}
