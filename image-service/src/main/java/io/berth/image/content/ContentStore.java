package io.berth.image.content;

import io.berth.docker.error.NotFound;
import io.berth.image.data.DataDirectory;
import io.berth.image.lease.Lease;
import io.berth.linux.fd.Directory;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Blobs by digest: configs, manifests and layers exactly as they were received, so that a push sends the same bytes.
 *
 * <p>A blob is immutable and either wholly there or not at all: it is received into a temporary file, verified, synced,
 * renamed, and the directory synced. Thread-safe. A blob that no image refers to stays only as long as a {@link Lease}
 * holds its digest: every method that adds one takes a lease.
 */
@Component
public final class ContentStore {
    private static final int COPY_BUFFER = 64 * 1024;

    private final Path blobs;
    private final Path ingest;
    private final Flights flights = new Flights();
    private final PartialBlobs partials;

    public ContentStore(DataDirectory data) {
        this.blobs = data.blobs();
        this.ingest = data.ingest();
        this.partials = new PartialBlobs(data.ingest());
    }

    /** Whether the blob is there. Only a lease that held the digest before makes the answer last. */
    public boolean exists(Digest digest) {
        return Files.exists(path(digest));
    }

    /** The blob's size in bytes, if it is there. */
    public Optional<Long> size(Digest digest) {
        try {
            return Optional.of(Files.size(path(digest)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The blob's bytes; close the stream. A blob deleted meanwhile is still read to its end.
     *
     * @throws NotFound when there is no such blob
     */
    public InputStream open(Digest digest) throws IOException {
        try {
            return Files.newInputStream(path(digest));
        } catch (NoSuchFileException e) {
            throw missing(digest, e);
        }
    }

    /**
     * A small blob whole.
     *
     * @param maxBytes larger ones are refused
     * @throws NotFound when there is no such blob
     * @throws BlobMismatch when it is larger
     */
    public byte[] read(Digest digest, int maxBytes) throws IOException {
        try (InputStream in = open(digest)) {
            byte[] bytes = in.readNBytes(maxBytes + 1);
            if (bytes.length > maxBytes) {
                throw new BlobMismatch("blob " + digest + " is larger than " + maxBytes + " bytes");
            }
            return bytes;
        }
    }

    /** Keeps a small blob, held by the lease, and returns its sha256 digest. */
    public Digest put(Lease lease, byte[] content) throws IOException {
        Digest digest = Digest.sha256(content);
        lease.hold(digest);
        lease.show(digest);
        if (!exists(digest)) {
            try (BlobWriter writer = writer(lease, digest, content.length)) {
                writer.write(content);
                writer.commit();
            }
        }
        return digest;
    }

    /**
     * Makes sure that a blob is there, held by the lease. When another thread is just receiving it, waits for that one. A blob that is
     * there is read from the source all the same, and not written, unless the lease {@linkplain Lease#mayUse may use} it: a digest
     * is no leave to have what others brought.
     *
     * @param blob expected digest and size
     * @throws BlobMismatch when the source's bytes are not the blob; nothing is kept
     */
    public void ensure(Lease lease, Descriptor blob, BlobSource source) throws IOException {
        lease.hold(blob.digest());
        boolean _ = flights.once(blob.digest(), () -> exists(blob.digest()), () -> {
            if (!receive(lease, blob, source)) {
                receive(lease, blob, source);
            }
        });
        // Not while others wait for the blob, which a slow source would make them do for nothing.
        if (!lease.mayUse(blob.digest())) {
            prove(blob, source);
            lease.show(blob.digest());
        }
    }

    private static void prove(Descriptor blob, BlobSource source) throws IOException {
        MessageDigest digest = blob.digest().newMessageDigest();
        long size = 0;
        try (InputStream in = source.open()) {
            byte[] buffer = new byte[COPY_BUFFER];
            for (int count = in.read(buffer); count >= 0 && size <= blob.size(); count = in.read(buffer)) {
                digest.update(buffer, 0, count);
                size += count;
            }
        }
        if (size != blob.size() || !blob.digest().matches(digest.digest())) {
            throw new BlobMismatch("filesystem layer verification failed for digest " + blob.digest());
        }
    }

    /** @return false when what was kept from an earlier attempt was wrong; it is gone now */
    private boolean receive(Lease lease, Descriptor blob, BlobSource source) throws IOException {
        BlobWriter writer = writer(lease, blob.digest(), blob.size());
        try (writer;
                InputStream in = writer.resume(source)) {
            copy(in, writer);
            writer.commit();
            return true;
        } catch (BlobMismatch e) {
            if (writer.resumed()) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Begins to receive a blob whose digest must be the given one, or goes on with what was received of it before.
     *
     * @param size in bytes, or -1 when it is not known
     */
    public BlobWriter writer(Lease lease, Digest expected, long size) throws IOException {
        Optional<Path> partial = size < PartialBlobs.SMALLEST ? Optional.empty() : partials.acquire(expected);
        if (partial.isEmpty()) {
            return newWriter(lease, expected, size);
        }
        Path file = partial.get();
        try {
            if (Files.exists(file) && Files.size(file) > size) {
                Files.delete(file);
            }
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            return new BlobWriter(this, lease, file, channel, expected, size, () -> partials.release(expected));
        } catch (IOException e) {
            partials.release(expected);
            throw e;
        }
    }

    /** Begins to receive a blob whose sha256 digest only {@link BlobWriter#commit} will tell. */
    public BlobWriter writer(Lease lease) throws IOException {
        return newWriter(lease, null, -1);
    }

    private BlobWriter newWriter(Lease lease, @Nullable Digest expected, long size) throws IOException {
        Path file = ingest.resolve(UUID.randomUUID().toString());
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        return new BlobWriter(this, lease, file, channel, expected, size, null);
    }

    void publish(Path file, Digest digest) throws IOException {
        rename(file, digest);
        // Without this the name can be lost with the power though the bytes are safe.
        try (FileChannel directory = FileChannel.open(path(digest).getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    void rename(Path file, Digest digest) throws IOException {
        Files.move(file, path(digest), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Makes blobs durable and visible that have been {@linkplain BlobWriter#seal sealed}: all with one wait for the disk. */
    public void publishAll(List<BlobWriter> sealed) throws IOException {
        try (Directory directory = Directory.open(blobs)) {
            directory.syncFileSystem();
            for (BlobWriter writer : sealed) {
                writer.publishSealed();
            }
            directory.syncFileSystem();
        }
    }

    /** Removes a blob; one that is not there is fine. Only the collector calls this. */
    public void delete(Digest digest) throws IOException {
        Files.deleteIfExists(path(digest));
    }

    /** Every blob there is. */
    public List<Digest> list() throws IOException {
        List<Digest> all = new ArrayList<>();
        for (String algorithm : List.of("sha256", "sha512")) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(blobs.resolve(algorithm))) {
                for (Path file : files) {
                    all.add(new Digest(algorithm, file.getFileName().toString()));
                }
            }
        }
        return all;
    }

    /**
     * Removes what a killed process was receiving, but for the parts of blobs that can be gone on with. Called once, before requests
     * are served.
     */
    public void discardUnfinished() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(ingest)) {
            for (Path file : files) {
                if (!PartialBlobs.isOne(file)) {
                    Files.delete(file);
                }
            }
        }
    }

    /**
     * Removes parts of blobs that nobody has gone on with for some time.
     *
     * @return bytes given back
     */
    public long discardPartials(Duration untouchedFor) throws IOException {
        return partials.discardUnused(untouchedFor);
    }

    private Path path(Digest digest) {
        // Digest admits nothing but lower-case hex of the right length, so this is a plain file name.
        return blobs.resolve(digest.algorithm()).resolve(digest.hex());
    }

    private static void copy(InputStream in, BlobWriter out) throws IOException {
        byte[] buffer = new byte[COPY_BUFFER];
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            out.write(buffer, 0, count);
        }
    }

    private static NotFound missing(Digest digest, Exception cause) {
        return new NotFound("content digest " + digest + " not found", cause);
    }
}
