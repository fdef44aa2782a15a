package io.berth.registry.upstream;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One blob on its way here. Whoever wants it reads along while it arrives; what has arrived is in a file without a name until
 * nobody needs it any more. Its last byte is handed out only when the digest of the whole is right, so that no reader takes a
 * wrong blob for complete. Thread-safe.
 */
public final class BlobFetch implements AutoCloseable {
    private static final int BUFFER_SIZE = 128 * 1024;

    private final FileChannel spool;
    private final long size;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** By the lock, as all below. */
    private long arrived;

    private boolean verified;
    private @Nullable IOException failure;
    /** The one who fetches, and the readers. */
    private int users = 1;

    /**
     * @param directory for the file
     * @param size of the blob in bytes
     */
    BlobFetch(Path directory, long size) throws IOException {
        Path file = Files.createTempFile(directory, "fetch", null);
        this.spool = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        Files.delete(file);
        this.size = size;
    }

    /** Of the blob, in bytes. */
    public long size() {
        return size;
    }

    /** One more reader, who closes it; false when everybody has gone. */
    boolean join() {
        lock.lock();
        try {
            if (users == 0) {
                return false;
            }
            users++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The stream that also keeps for the readers what is read from it. */
    InputStream keeping(InputStream source) {
        return new FilterInputStream(source) {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                int count = super.read(target, offset, length);
                if (count > 0) {
                    keep(ByteBuffer.wrap(target, offset, count));
                }
                return count;
            }
        };
    }

    private void keep(ByteBuffer bytes) throws IOException {
        long position = arrived; // only this thread changes it
        while (bytes.hasRemaining()) {
            position += spool.write(bytes, position);
        }
        lock.lock();
        try {
            arrived = position;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The blob is complete and right. */
    void succeeded() {
        lock.lock();
        try {
            verified = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The blob does not come, or is not what it should be. */
    void failed(IOException cause) {
        lock.lock();
        try {
            failure = cause;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for the outcome.
     *
     * @throws IOException when there is no blob
     */
    public void await() throws IOException {
        long sendable = size == 0 ? sendableFrom(0) : sendableFrom(size - 1);
        if (sendable < size) {
            throw new EOFException("blob ended early");
        }
    }

    /**
     * Writes the blob as it arrives.
     *
     * @throws IOException when it does not come or is wrong; then the last byte has not been written
     */
    public void copyTo(OutputStream out) throws IOException {
        byte[] buffer = new byte[(int) Math.min(BUFFER_SIZE, Math.max(1, size))];
        long position = 0;
        while (position < size) {
            long sendable = sendableFrom(position);
            ByteBuffer part = ByteBuffer.wrap(buffer, 0, (int) Math.min(buffer.length, sendable - position));
            int count = spool.read(part, position);
            if (count < 0) {
                throw new EOFException("blob ended early");
            }
            out.write(buffer, 0, count);
            position += count;
        }
        await();
    }

    /** Waits until there is something behind a position; all of it when the blob is right, else all but the last byte. */
    private long sendableFrom(long position) throws IOException {
        try {
            lock.lockInterruptibly();
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
        try {
            while (true) {
                if (failure != null) {
                    throw new IOException("the blob could not be fetched", failure);
                }
                long sendable = verified ? size : Math.min(arrived, size - 1);
                if (verified || sendable > position) {
                    return sendable;
                }
                changed.await();
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        } finally {
            lock.unlock();
        }
    }

    private static IOException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return (IOException) new InterruptedIOException("interrupted").initCause(e);
    }

    /** One user less; the last one gives the file back. */
    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            users--;
            if (users == 0) {
                spool.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
