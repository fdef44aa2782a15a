package io.berth.registry.upload;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * The digest of a body while it arrives, and the buffers that it arrives in. The first mebibyte is hashed by the caller's thread;
 * from then on another thread hashes, so that the disk does not wait for it. One thread calls.
 */
final class BodyHash implements AutoCloseable {
    /** What a connection's buffer gives at once. */
    private static final int BUFFER_SIZE = 64 * 1024;

    private static final int BUFFERS = 16;
    private static final long ALONE = 1024 * 1024;

    private final @Nullable MessageDigest digest;
    private final ArrayBlockingQueue<byte[]> free = new ArrayBlockingQueue<>(BUFFERS);
    private byte[] buffer = new byte[BUFFER_SIZE];
    private long length;
    private @Nullable ExecutorService thread;

    /** @param digest of everything before the body; null when nothing has to be hashed */
    BodyHash(@Nullable MessageDigest digest) {
        this.digest = digest;
    }

    /** Where the caller puts the next bytes; another one after each {@link #update}. */
    byte[] buffer() {
        return buffer;
    }

    /** How many bytes the digest has seen by the time this is closed. */
    long length() {
        return length;
    }

    /**
     * Hashes what is in the buffer.
     *
     * @param count in bytes
     */
    void update(int count) throws IOException {
        length += count;
        if (digest == null) {
            return;
        }
        MessageDigest target = digest;
        if (length <= ALONE) {
            target.update(buffer, 0, count);
            return;
        }
        byte[] full = buffer;
        thread().execute(() -> {
            target.update(full, 0, count);
            free.add(full);
        });
        buffer = nextBuffer();
    }

    private byte[] nextBuffer() throws IOException {
        try {
            return free.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a body was hashed", e);
        }
    }

    private ExecutorService thread() {
        if (thread == null) {
            // Not a virtual one: hashing never gives its processor up.
            thread = Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("upload-hash").factory());
            for (int i = 1; i < BUFFERS; i++) {
                free.add(new byte[BUFFER_SIZE]);
            }
        }
        return thread;
    }

    /** Ends when everything is in the digest. */
    @Override
    public void close() {
        if (thread != null) {
            thread.close();
        }
    }
}
