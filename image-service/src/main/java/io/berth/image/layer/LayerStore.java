package io.berth.image.layer;

import io.berth.image.content.BlobSource;
import io.berth.image.content.ContentStore;
import io.berth.image.content.Flights;
import io.berth.image.data.DataDirectory;
import io.berth.image.lease.Lease;
import io.berth.linux.fd.Directory;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Unpacked layers by diff id, each with the compressed blob it came from.
 *
 * <p>A layer is unpacked once, however many images have it, into a directory of its own. Nothing is visible before blob
 * digest, blob size and diff id have been verified and the directory is on disk under its final name; the database row
 * comes last. A layer that is there is given to nobody for its diff id: who asks for it brings an archive that has it, or may {@linkplain
 * Lease#mayUse use} the blob of one. What there is is known in memory, too: rows of adopted layers are written for many at once ({@link #settle}). Thread-safe;
 * unpacking runs on a bounded pool of platform threads, so callers may be virtual threads.
 */
@Component
public final class LayerStore {
    private final LayerRows rows;
    private final ContentStore content;
    private final LayerUnpacker unpacker;
    private final Path layers;
    private final Flights flights = new Flights();
    private final Map<Digest, Layer> known = new ConcurrentHashMap<>();
    /** Diff ids of blobs that have been uncompressed and hashed. */
    private final Map<Digest, Digest> verified = new ConcurrentHashMap<>();
    /** Known, and without a row. Its lock is held while rows are written or deleted. */
    private final Map<Digest, Layer> unsettled = new LinkedHashMap<>();

    LayerStore(LayerRows rows, ContentStore content, LayerUnpacker unpacker, DataDirectory data) {
        this.rows = rows;
        this.content = content;
        this.unpacker = unpacker;
        this.layers = data.layers();
        rows.findAll().stream().map(row -> row.toLayer(layers)).forEach(this::know);
    }

    private void know(Layer layer) {
        known.put(layer.diffId(), layer);
        verified.put(layer.blob().digest(), layer.diffId());
    }

    /** The layer, if it is unpacked. */
    public Optional<Layer> find(Digest diffId) {
        return Optional.ofNullable(known.get(diffId));
    }

    /** Whether layer and blob are both there, and the lease may use them, so that {@link #ensure} would not open its source. */
    public boolean contains(Lease lease, Descriptor blob, Digest diffId) {
        return content.exists(blob.digest())
                && findSettled(diffId).isPresent()
                && diffId.equals(verified.get(blob.digest()))
                && lease.mayUse(blob.digest());
    }

    /**
     * Makes sure that a layer is unpacked and its blob kept, both held by the lease: receives, verifies, decompresses and
     * unpacks in one stream. Blocks until that is done. When another thread is at the same layer, waits for that one; what
     * is there already is not unpacked again, and not received again where the lease may use it.
     *
     * @param blob the compressed layer as the manifest names it; its real compression is told from the bytes
     * @param diffId the digest that the image's configuration promises for the uncompressed archive
     * @param source opened at most once, read by another thread than the caller's
     * @throws io.berth.image.content.BlobMismatch when blob digest or blob size differ; nothing is kept
     * @throws DiffIdMismatch when the diff id differs; nothing is kept
     * @throws InvalidLayer when the archive is malformed or hostile; nothing is kept
     * @throws IOException what the source threw
     */
    public Layer ensure(Lease lease, Descriptor blob, Digest diffId, BlobSource source) throws IOException {
        lease.hold(diffId);
        lease.hold(blob.digest());
        if (content.exists(blob.digest())) {
            content.ensure(lease, blob, source); // before others are made to wait for a slow source
        }
        boolean unpacked = flights.once(
                diffId, () -> find(diffId).isPresent(), () -> publish(unpacker.unpack(lease, blob, diffId, source)));
        if (unpacked) {
            verified.put(blob.digest(), diffId);
        } else {
            // The layer came with another compression before: keep this blob too, so that it can be pushed again.
            content.ensure(lease, blob, source);
            if (!diffId.equals(verified.get(blob.digest()))) {
                unpacker.verify(diffId, () -> content.open(blob.digest()));
                verified.put(blob.digest(), diffId);
            }
        }
        return findSettled(diffId).orElseThrow();
    }

    /** For those who are to name it in rows of their own. */
    private Optional<Layer> findSettled(Digest diffId) {
        Optional<Layer> found = find(diffId);
        synchronized (unsettled) {
            if (unsettled.containsKey(diffId)) {
                settle();
            }
        }
        return found;
    }

    /**
     * Adds a layer from an archive of any compression whose digests need not be known. A compressed archive is kept as it
     * is; of an uncompressed one a gzip'd form is kept.
     *
     * @param diffId what the uncompressed archive must hash to, or null to take what it does
     * @throws DiffIdMismatch when it hashes to something else
     * @throws InvalidLayer when the archive is malformed or hostile, or its compression is not supported
     */
    public Layer add(Lease lease, @Nullable Digest diffId, BlobSource source) throws IOException {
        if (diffId == null) {
            UnpackedLayer unpacked = unpacker.unpack(lease, null, null, source);
            if (!flights.once(unpacked.diffId(), () -> find(unpacked.diffId()).isPresent(), () -> publish(unpacked))) {
                unpacker.discard(unpacked);
            }
            return findSettled(unpacked.diffId()).orElseThrow();
        }
        lease.hold(diffId);
        boolean unpacked = flights.once(
                diffId, () -> find(diffId).isPresent(), () -> publish(unpacker.unpack(lease, null, diffId, source)));
        Layer layer = findSettled(diffId).orElseThrow();
        if (!unpacked) {
            if (!lease.wasShown(diffId)) {
                unpacker.verify(diffId, source);
            }
            lease.hold(layer.blob().digest());
        }
        return layer;
    }

    /** Uncompresses an archive that is no layer itself, within what a layer may grow to. */
    public Expansion expansion(InputStream compressed) {
        return unpacker.expansion(compressed);
    }

    /** Makes a directory of the caller's own, on the same file system as layers, in which one can be made. */
    public Path stage() {
        return unpacker.stage();
    }

    /** Deletes what {@link #stage} made. */
    public void discardStage(Path stage) {
        unpacker.discard(stage);
    }

    /**
     * Makes a layer of the upper directory of an overlay that is mounted no more. Its files can be used at once, at the place that is
     * returned; archiving and compressing it is left to other threads. It outlives the process when {@link #settle} has returned.
     *
     * @param upper in a directory that {@link #stage} made
     */
    public AdoptedLayer adopt(Lease lease, Path upper) {
        AdoptedLayer adopted = unpacker.adopt(lease, upper);
        return new AdoptedLayer(adopted.directory(), adopted.layer().thenApply(this::publishAdopted));
    }

    private Layer publishAdopted(Layer layer) {
        // Two of the same content may be adopted at once.
        try {
            boolean _ = flights.once(layer.diffId(), () -> find(layer.diffId()).isPresent(), () -> {
                synchronized (unsettled) {
                    unsettled.put(layer.diffId(), layer);
                    know(layer);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return find(layer.diffId()).orElseThrow();
    }

    /** Returns when all layers are on the device. Adopted ones are not before that: one call serves those of a whole build. */
    public void sync() {
        try (Directory root = Directory.open(layers)) {
            root.syncFileSystem();
        }
    }

    /** Writes the rows of all adopted layers: to be called before a row of anything else names one of them. */
    public void settle() {
        synchronized (unsettled) {
            if (!unsettled.isEmpty()) {
                List<LayerEntity> _ = rows.saveAllAndFlush(
                        unsettled.values().stream().map(LayerEntity::new).toList());
                unsettled.clear();
            }
        }
    }

    /** Deletes the directory of an adopted layer of which there was one already, or which could not be archived. */
    public void letGo(AdoptedLayer adopted) {
        boolean own = adopted.layer().isDone()
                && !adopted.layer().isCompletedExceptionally()
                && adopted.layer().join().directory().equals(adopted.directory());
        if (!own) {
            try (Directory root = Directory.open(layers)) {
                root.deleteRecursively(adopted.directory().getFileName().toString());
            }
        }
    }

    /** Of a layer that is not there; called by one thread at a time for each. */
    private void publish(UnpackedLayer unpacked) {
        Layer layer = unpacker.publish(unpacked);
        LayerEntity _ = rows.saveAndFlush(new LayerEntity(layer));
        know(layer);
    }

    /** All unpacked layers. */
    public List<Layer> list() {
        return List.copyOf(known.values());
    }

    /** Makes a layer invisible; only the collector calls this, and then {@link #deleteDirectory}. */
    public void forget(Digest diffId) {
        synchronized (unsettled) {
            if (unsettled.remove(diffId) == null) {
                rows.deleteById(diffId.toString());
            }
            known.remove(diffId);
            verified.values().removeIf(diffId::equals);
        }
    }

    /** Deletes the directory of a layer that has been forgotten. */
    public void deleteDirectory(Layer layer) {
        try (Directory root = Directory.open(layers)) {
            root.deleteRecursively(layer.directory().getFileName().toString());
        }
    }

    /**
     * Removes what a killed process left: directories being unpacked, and directories without a row. Called once, before
     * requests are served.
     *
     * @return how many directories were removed
     */
    public int removeOrphans() {
        Set<String> known = new HashSet<>();
        list().forEach(layer -> known.add(layer.directory().getFileName().toString()));
        int removed = unpacker.discardUnfinished();
        try (Directory root = Directory.open(layers)) {
            for (var entry : root.list()) {
                if (!known.contains(entry.name())) {
                    root.deleteRecursively(entry.name());
                    removed++;
                }
            }
        }
        return removed;
    }
}
