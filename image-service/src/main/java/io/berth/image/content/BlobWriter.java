package io.berth.image.content;

import io.berth.image.lease.Lease;
import io.berth.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * A blob being received: bytes go to a temporary file and through the digest at once. Nothing is visible until {@link
 * #commit}. Closing without it discards everything, unless the blob's digest is known from the start and nothing that came speaks against
 * it: then what has come is kept for the next attempt, whose first bytes go through the digest but need not be written again. Used by one
 * thread.
 */
public final class BlobWriter extends OutputStream {
    private final ContentStore store;
    private final Lease lease;
    private final Path file;
    private final FileChannel channel;
    private final MessageDigest digest;
    private final @Nullable Digest expected;
    private final long expectedSize;
    /** Bytes of the file that an earlier attempt has written. */
    private final long kept;
    /** What to do with the file when this is closed without a commit; null to delete it. */
    private final @Nullable Runnable release;

    private long size;
    private @Nullable Digest sealed;
    private boolean committed;
    private boolean worthless;

    BlobWriter(
            ContentStore store,
            Lease lease,
            Path file,
            FileChannel channel,
            @Nullable Digest expected,
            long expectedSize,
            @Nullable Runnable release)
            throws IOException {
        this.store = store;
        this.lease = lease;
        this.file = file;
        this.channel = channel;
        this.release = release;
        this.kept = release == null ? 0 : channel.size();
        channel.position(kept);
        this.expected = expected;
        this.expectedSize = expectedSize;
        this.digest = expected == null ? Digest.newSha256() : expected.newMessageDigest();
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    /**
     * Appends.
     *
     * @throws BlobMismatch as soon as more bytes come than were promised
     */
    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        long before = size;
        size += length;
        if (expectedSize >= 0 && size > expectedSize) {
            worthless = true;
            throw new BlobMismatch("blob " + expected + " is larger than its descriptor says: " + expectedSize);
        }
        digest.update(source, offset, length);
        int there = Math.clamp(kept - before, 0, length);
        ByteBuffer bytes = ByteBuffer.wrap(source, offset + there, length - there);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /**
     * The blob's bytes from the start: those that were kept from an earlier attempt and the rest from the source. To be written to this,
     * as they come.
     */
    public InputStream resume(BlobSource source) throws IOException {
        return kept == 0 ? source.open() : new ResumedStream(file, kept, expectedSize, source);
    }

    /** Whether something was kept from an earlier attempt. */
    public boolean resumed() {
        return kept > 0;
    }

    /** Says that what has come is not worth keeping. */
    public void reject() {
        worthless = true;
    }

    /** Bytes received so far. */
    public long size() {
        return size;
    }

    /**
     * Verifies, makes the blob durable and visible, held by the lease, and closes this. A blob that is there already stays as it is.
     *
     * @return the blob's digest
     * @throws BlobMismatch when size or digest is not the expected one; the bytes are discarded
     */
    public Digest commit() throws IOException {
        Digest actual = verified();
        channel.force(true);
        channel.close();
        store.publish(file, actual);
        committed = true;
        return actual;
    }

    /**
     * Verifies and ends the blob without making it visible: {@link ContentStore#publishAll} does that for many at once.
     *
     * @return the blob's digest, held by the lease
     * @throws BlobMismatch as {@link #commit()}
     */
    public Digest seal() throws IOException {
        Digest actual = verified();
        channel.close();
        sealed = actual;
        return actual;
    }

    /** Makes a sealed blob visible; its bytes are on disk already. */
    void publishSealed() throws IOException {
        Digest digest = sealed;
        if (digest == null) {
            throw new IllegalStateException("the blob has not been sealed");
        }
        store.rename(file, digest);
        committed = true;
    }

    private Digest verified() {
        byte[] computed = digest.digest();
        Digest actual = expected == null ? Digest.of(computed) : expected;
        if (expectedSize >= 0 && size != expectedSize) {
            worthless = true;
            throw new BlobMismatch("blob " + actual + " has " + size + " bytes, its descriptor says " + expectedSize);
        }
        if (!actual.matches(computed)) {
            worthless = true;
            throw new BlobMismatch("filesystem layer verification failed for digest " + actual);
        }
        lease.hold(actual);
        lease.show(actual);
        return actual;
    }

    /** Discards or keeps what has not been committed. */
    @Override
    public void close() throws IOException {
        channel.close();
        try {
            boolean keep = release != null && !worthless && Math.max(size, kept) >= PartialBlobs.SMALLEST;
            if (!committed && !keep) {
                Files.deleteIfExists(file);
            }
        } finally {
            if (release != null) {
                release.run();
            }
        }
    }
}
