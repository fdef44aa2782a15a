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

/** Runs the parts of one transfer side by side; the first failure ends them all. */
final class ParallelTransfers {
    private ParallelTransfers() {}

    /** One part. Runs on its own virtual thread; interrupting that must end it. */
    interface Part {
        /** Told when it is not its turn yet. */
        void waiting() throws IOException;

        void run() throws IOException;
    }

    /**
     * Runs all parts and returns when all have ended.
     *
     * @param limit how many run at the same time
     * @throws IOException of the first part that failed; runtime exceptions are passed on too
     */
    static void run(List<? extends Part> parts, int limit) throws IOException {
        Semaphore turns = new Semaphore(limit, true);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CompletionService<Boolean> running = new ExecutorCompletionService<>(threads);
            for (Part part : parts) {
                running.submit(() -> runInTurn(part, turns));
            }
            try {
                for (int i = 0; i < parts.size(); i++) {
                    running.take().get();
                }
            } catch (InterruptedException e) {
                threads.shutdownNow();
                Thread.currentThread().interrupt();
                throw (IOException) new InterruptedIOException("transfer interrupted").initCause(e);
            } catch (ExecutionException e) {
                threads.shutdownNow();
                switch (e.getCause()) {
                    case IOException failure -> throw failure;
                    case RuntimeException failure -> throw failure;
                    case null, default -> throw new SystemFailure("transfer failed", e.getCause());
                }
            }
        }
    }

    private static Boolean runInTurn(Part part, Semaphore turns) throws IOException, InterruptedException {
        if (!turns.tryAcquire()) {
            part.waiting();
            turns.acquire();
        }
        try {
            part.run();
        } finally {
            turns.release();
        }
        return Boolean.TRUE;
    }
}
