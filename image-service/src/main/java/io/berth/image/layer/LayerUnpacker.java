package io.berth.image.layer;

import io.berth.archive.ArchiveFormatException;
import io.berth.archive.Decompression;
import io.berth.archive.GzipEncoder;
import io.berth.docker.error.SystemFailure;
import io.berth.image.content.BlobMismatch;
import io.berth.image.content.BlobSource;
import io.berth.image.content.BlobWriter;
import io.berth.image.content.ContentStore;
import io.berth.image.data.DataDirectory;
import io.berth.image.lease.Lease;
import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.RenameFlag;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.oci.MediaType.Compression;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Turns an archive of any supported compression into a directory of its own below the unpack directory, keeping the
 * compressed blob on the way: one pass over the bytes.
 *
 * <p>The work runs on a bounded pool of platform threads, since it is made of system calls that would pin the carriers of
 * virtual threads.
 */
final class LayerUnpacker implements AutoCloseable {
    private static final int NAME_LENGTH = 10;
    private static final int BUFFER = 64 * 1024;
    /** Until its own entry says otherwise, a layer's root is as Docker makes it. */
    private static final int ROOT_MODE = 0_755;

    private final ContentStore content;
    private final Path unpack;
    private final Path layers;
    private final UnpackLimits limits;
    private final ExecutorService threads;
    private final LayerAdoption adoption;
    private final SecureRandom random = new SecureRandom();

    LayerUnpacker(ContentStore content, DataDirectory data, UnpackLimits limits, int parallelism) {
        this.content = content;
        this.unpack = data.unpack();
        this.layers = data.layers();
        this.limits = limits;
        this.adoption = new LayerAdoption(content);
        this.threads = Executors.newFixedThreadPool(
                parallelism,
                Thread.ofPlatform().daemon().name("layer-unpack-", 0).factory());
    }

    /**
     * Unpacks an archive and waits for it.
     *
     * @param blob what the compressed bytes must be, or null to take them as they come
     * @param diffId what the uncompressed bytes must hash to, or null
     * @return verified, with its blob committed
     */
    UnpackedLayer unpack(Lease lease, @Nullable Descriptor blob, @Nullable Digest diffId, BlobSource source)
            throws IOException {
        Future<UnpackedLayer> running = threads.submit(() -> unpackHere(lease, blob, diffId, source));
        try {
            return running.get();
        } catch (InterruptedException e) {
            running.cancel(true);
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while unpacking").initCause(e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case RuntimeException unchecked -> throw unchecked;
                case null, default -> throw new SystemFailure("unpacking failed", e.getCause());
            }
        }
    }

    private UnpackedLayer unpackHere(Lease lease, @Nullable Descriptor blob, @Nullable Digest diffId, BlobSource source)
            throws IOException {
        try {
            return unpackOnce(lease, blob, diffId, source);
        } catch (WrongPart e) {
            return unpackOnce(lease, blob, diffId, source);
        }
    }

    private UnpackedLayer unpackOnce(Lease lease, @Nullable Descriptor blob, @Nullable Digest diffId, BlobSource source)
            throws IOException {
        String name = newName();
        try (Directory staging = Directory.open(unpack)) {
            staging.mkdir(name, ROOT_MODE);
            boolean complete = false;
            try {
                staging.chmod(name, ROOT_MODE);
                UnpackedLayer unpacked = receive(lease, blob, diffId, source, name);
                complete = true;
                return unpacked;
            } catch (ArchiveFormatException e) {
                throw new InvalidLayer("invalid layer: " + e.getMessage(), e);
            } catch (SyscallException e) {
                throw refusal(e);
            } finally {
                if (!complete) {
                    staging.deleteRecursively(name);
                }
            }
        }
    }

    private UnpackedLayer receive(
            Lease lease, @Nullable Descriptor blob, @Nullable Digest diffId, BlobSource source, String name)
            throws IOException {
        if (blob != null && content.exists(blob.digest())) {
            content.ensure(lease, blob, source); // that it is here says nothing of whose it is
            try (InputStream kept = content.open(blob.digest())) {
                Extracted extracted = extract(kept, null, null, diffId, false, name);
                return new UnpackedLayer(extracted.diffId, name, extracted.size, blob);
            }
        }
        BlobWriter writer = blob == null ? content.writer(lease) : content.writer(lease, blob.digest(), blob.size());
        try (writer;
                InputStream raw = new BufferedInputStream(writer.resume(source), BUFFER)) {
            Compression compression = Decompression.detect(raw);
            if (blob == null && compression == Compression.NONE) {
                try (GzipEncoder gzip = new GzipEncoder(writer)) {
                    Extracted extracted = extract(raw, null, gzip, diffId, true, name);
                    gzip.finish();
                    return finished(lease, extracted, name, writer, MediaType.OCI_LAYER_GZIP);
                }
            }
            Extracted extracted = extract(raw, writer, null, diffId, blob == null, name);
            return finished(lease, extracted, name, writer, blob == null ? mediaType(compression) : blob.mediaType());
        } catch (ArchiveFormatException | SyscallException | BlobMismatch | DiffIdMismatch e) {
            writer.reject();
            if (writer.resumed()) {
                throw new WrongPart(e);
            }
            throw e;
        }
    }

    /** What was received earlier may have been wrong, so that this attempt says nothing about the blob. */
    private static final class WrongPart extends IOException {
        private static final long serialVersionUID = 1L;

        WrongPart(Exception cause) {
            super("a part of the layer that was received earlier is wrong", cause);
        }
    }

    private static String mediaType(Compression compression) {
        return switch (compression) {
            case GZIP -> MediaType.OCI_LAYER_GZIP;
            case ZSTD -> MediaType.OCI_LAYER_ZSTD;
            case NONE -> MediaType.OCI_LAYER;
        };
    }

    private static UnpackedLayer finished(
            Lease lease, Extracted extracted, String name, BlobWriter writer, String mediaType) throws IOException {
        long size = writer.size();
        Digest digest = writer.commit();
        lease.hold(extracted.diffId);
        return new UnpackedLayer(extracted.diffId, name, extracted.size, Descriptor.of(mediaType, digest, size));
    }

    /**
     * Receiving, decompressing and writing files run side by side, each on a thread of its own.
     *
     * @param compressedCopy receives the bytes as they come
     * @param plainCopy receives the uncompressed bytes
     * @param foreign whether the bytes come from a client: its stream is not closed while it is read
     */
    private Extracted extract(
            InputStream raw,
            @Nullable OutputStream compressedCopy,
            @Nullable OutputStream plainCopy,
            @Nullable Digest expected,
            boolean foreign,
            String name)
            throws IOException {
        MessageDigest digest = expected == null ? Digest.newSha256() : expected.newMessageDigest();
        long size;
        try (ReadAhead received = new ReadAhead(
                        new MeteredInputStream(raw, null, compressedCopy, _ -> {}), "layer-receive-" + name, !foreign);
                Directory root = Directory.open(unpack.resolve(name))) {
            MeteredInputStream compressed = new MeteredInputStream(received, null, null, _ -> {});
            MeteredInputStream plain = new MeteredInputStream(
                    Decompression.of(compressed).stream(), digest, plainCopy, count -> check(count, compressed));
            try (ReadAhead uncompressed = new ReadAhead(plain, "layer-expand-" + name, false)) {
                size = new LayerExtractor(root, limits).extract(uncompressed);
                // What follows the end of the archive belongs to both digests.
                uncompressed.transferTo(OutputStream.nullOutputStream());
            }
            compressed.drain();
            verify(expected, digest);
            root.syncFileSystem();
        }
        return new Extracted(expected == null ? Digest.of(digest.digest()) : expected, size);
    }

    private void check(long plainBytes, MeteredInputStream compressed) throws ArchiveFormatException {
        if (plainBytes > limits.maxBytes()) {
            throw new ArchiveFormatException("larger than " + limits.maxBytes() + " bytes");
        }
        Expansion.check(plainBytes, compressed.count(), limits);
    }

    Expansion expansion(InputStream compressed) {
        return new Expansion(compressed, limits);
    }

    private static void verify(@Nullable Digest expected, MessageDigest computed) {
        if (expected != null) {
            Digest actual = new Digest(expected.algorithm(), HexFormat.of().formatHex(computed.digest()));
            if (!actual.equals(expected)) {
                throw new DiffIdMismatch(expected, actual);
            }
        }
    }

    /**
     * Reads an archive without unpacking it.
     *
     * @throws DiffIdMismatch when it is not the one with this diff id
     */
    void verify(Digest diffId, BlobSource source) throws IOException {
        MessageDigest digest = diffId.newMessageDigest();
        try (InputStream raw = new BufferedInputStream(source.open(), BUFFER)) {
            MeteredInputStream compressed = new MeteredInputStream(raw, null, null, _ -> {});
            MeteredInputStream plain = new MeteredInputStream(
                    Decompression.of(compressed).stream(), digest, null, count -> check(count, compressed));
            plain.drain();
        } catch (ArchiveFormatException e) {
            throw new InvalidLayer("invalid layer: " + e.getMessage(), e);
        }
        verify(diffId, digest);
    }

    private static RuntimeException refusal(SyscallException e) {
        return switch (e.errno()) {
            case Errno.ENOSPC, Errno.EIO, Errno.EROFS, Errno.ENOMEM, Errno.EMFILE, Errno.EPERM ->
                new SystemFailure("cannot unpack layer: " + e.getMessage(), e);
            default -> new InvalidLayer("invalid layer: " + e.getMessage(), e);
        };
    }

    /**
     * Makes a directory in which an overlay's upper directory can grow into a layer.
     *
     * @return absolute; it goes with the next start, or by {@link #discard(Path)}
     */
    Path stage() {
        String name = newName();
        try (Directory staging = Directory.open(unpack)) {
            staging.mkdir(name, 0700);
        }
        return unpack.resolve(name);
    }

    /** Deletes what {@link #stage} made, with everything in it. */
    void discard(Path stage) {
        try (Directory staging = Directory.open(unpack)) {
            staging.deleteRecursively(stage.getFileName().toString());
        }
    }

    /**
     * Makes a layer of a directory, which is moved to its final place before this returns. The layer is not visible yet.
     *
     * @param upper a directory in one that {@link #stage} made
     * @return where it is now, and what it is when it has been archived by another thread
     */
    AdoptedLayer adopt(Lease lease, Path upper) {
        String name = newName();
        try (Directory from = Directory.open(upper.resolveSibling(""));
                Directory to = Directory.open(layers)) {
            from.rename(upper.getFileName().toString(), to, name, Set.of(RenameFlag.NO_REPLACE));
        }
        Path directory = layers.resolve(name);
        CompletableFuture<Layer> layer = new CompletableFuture<>();
        threads.execute(() -> {
            try {
                layer.complete(adoption.archive(lease, directory));
            } catch (IOException | RuntimeException e) {
                layer.completeExceptionally(e);
            }
        });
        return new AdoptedLayer(directory, layer);
    }

    /** Gives an unpacked layer its final place. It becomes visible with its database row, which the caller writes. */
    Layer publish(UnpackedLayer unpacked) {
        try (Directory from = Directory.open(unpack);
                Directory to = Directory.open(layers)) {
            from.rename(unpacked.name(), to, unpacked.name(), Set.of(RenameFlag.NO_REPLACE));
            to.sync();
        }
        return new Layer(unpacked.diffId(), layers.resolve(unpacked.name()), unpacked.size(), unpacked.blob());
    }

    /** Deletes an unpacked layer that is not wanted after all. */
    void discard(UnpackedLayer unpacked) {
        try (Directory staging = Directory.open(unpack)) {
            staging.deleteRecursively(unpacked.name());
        }
    }

    /** Deletes what a killed process was unpacking. */
    int discardUnfinished() {
        try (Directory staging = Directory.open(unpack)) {
            var left = staging.list();
            left.forEach(entry -> staging.deleteRecursively(entry.name()));
            return left.size();
        }
    }

    /** Short, since overlay mount options hold the paths of all layers; random, since a layer's digest is its sender's choice. */
    private String newName() {
        String digits = new BigInteger(64, random).toString(Character.MAX_RADIX).toLowerCase(Locale.ROOT);
        return ("0".repeat(NAME_LENGTH) + digits).substring(digits.length());
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    private record Extracted(Digest diffId, long size) {}
}
