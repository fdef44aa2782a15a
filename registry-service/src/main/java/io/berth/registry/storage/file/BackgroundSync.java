package io.berth.registry.storage.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Syncs a file that grows now and then, on a thread of its own: the disk works while the rest arrives, and the last sync, which
 * the client waits for, has little left to do. Small files are left to that. Used by one thread.
 */
final class BackgroundSync implements AutoCloseable {
    private static final long EVERY = 32 * 1024 * 1024;

    private final FileChannel channel;
    private long written;
    private @Nullable ExecutorService thread;
    private CompletableFuture<?> sync = CompletableFuture.completedFuture(true);

    BackgroundSync(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Says that something has been written.
     *
     * @param length in bytes
     * @throws IOException when something that was written before has been lost
     */
    void written(long length) throws IOException {
        written += length;
        if (written < EVERY || !sync.isDone()) {
            return;
        }
        requireIntact();
        written = 0;
        if (thread == null) {
            // Not a virtual one: a sync never gives its processor up.
            thread = Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("upload-sync").factory());
        }
        sync = CompletableFuture.runAsync(this::force, thread);
    }

    private void force() {
        try {
            channel.force(false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Whether what was written may never reach the disk. The kernel reports a failed write to the first sync only: a later one
     * that succeeds proves nothing.
     */
    boolean lost() {
        return sync.isCompletedExceptionally();
    }

    /** @throws IOException when something that was written has been lost, as far as is known now */
    void requireIntact() throws IOException {
        if (lost()) {
            throw new IOException("an upload cannot be written to the disk", sync.exceptionNow());
        }
    }

    /** Ends when no sync runs any more. */
    @Override
    public void close() {
        if (thread != null) {
            thread.close();
        }
    }
}
