package io.berth.image.content;

import io.berth.image.lease.Lease;
import io.berth.oci.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * A blob being received: bytes go to a temporary file and through the digest at once. Nothing is visible until {@link
 * #commit}; closing without it discards everything. Used by one thread.
 */
public final class BlobWriter extends OutputStream {
    private final ContentStore store;
    private final Lease lease;
    private final Path file;
    private final FileChannel channel;
    private final MessageDigest digest;
    private final @Nullable Digest expected;
    private final long expectedSize;
    private long size;

    BlobWriter(
            ContentStore store,
            Lease lease,
            Path file,
            FileChannel channel,
            @Nullable Digest expected,
            long expectedSize) {
        this.store = store;
        this.lease = lease;
        this.file = file;
        this.channel = channel;
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
        size += length;
        if (expectedSize >= 0 && size > expectedSize) {
            throw new BlobMismatch("blob " + expected + " is larger than its descriptor says: " + expectedSize);
        }
        digest.update(source, offset, length);
        ByteBuffer bytes = ByteBuffer.wrap(source, offset, length);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
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
        byte[] computed = digest.digest();
        Digest actual = expected == null ? Digest.of(computed) : expected;
        if (expectedSize >= 0 && size != expectedSize) {
            throw new BlobMismatch("blob " + actual + " has " + size + " bytes, its descriptor says " + expectedSize);
        }
        if (!actual.matches(computed)) {
            throw new BlobMismatch("filesystem layer verification failed for digest " + actual);
        }
        lease.hold(actual);
        channel.force(true);
        channel.close();
        store.publish(file, actual);
        return actual;
    }

    /** Discards what has not been committed. */
    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(file);
    }
}
