package io.berth.image.transfer;

import io.berth.docker.error.SystemFailure;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs the parts of one transfer side by side; the first failure ends them all.
 *
 * <p>Parts are never interrupted: an interrupt that meets the embedded database in the middle of a write closes the file
 * under it, and with that the database for the whole process. They are asked to stop instead, and not waited for.
 */
final class ParallelTransfers {
    private ParallelTransfers() {}

    /** One part. Runs on a virtual thread. */
    interface Part {
        /** Told when it is not its turn yet. */
        void waiting() throws IOException;

        void run() throws IOException;

        /** Told, by another thread, that nobody waits for it any more. */
        void abort();
    }

    /**
     * Runs all parts.
     *
     * @param limit how many run at the same time
     * @throws IOException of the first part that failed; runtime exceptions are passed on too. The other parts may then still
     *     be about to end.
     */
    static void run(List<? extends Part> parts, int limit) throws IOException {
        Semaphore turns = new Semaphore(limit, true);
        AtomicBoolean stopped = new AtomicBoolean();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        boolean complete = false;
        try {
            CompletionService<Boolean> running = new ExecutorCompletionService<>(threads);
            parts.forEach(part -> running.submit(() -> runInTurn(part, turns, stopped)));
            for (int i = 0; i < parts.size(); i++) {
                running.take().get();
            }
            complete = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("transfer interrupted").initCause(e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case null, default -> throw new SystemFailure("transfer failed", e.getCause());
            }
        } finally {
            if (!complete) {
                stopped.set(true);
                parts.forEach(Part::abort);
            }
            threads.shutdown();
        }
    }

    private static Boolean runInTurn(Part part, Semaphore turns, AtomicBoolean stopped)
            throws IOException, InterruptedException {
        if (!turns.tryAcquire()) {
            part.waiting();
            turns.acquire();
        }
        try {
            if (!stopped.get()) {
                part.run();
            }
        } finally {
            turns.release();
        }
        return Boolean.TRUE;
    }
}
