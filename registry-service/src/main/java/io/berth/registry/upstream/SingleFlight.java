package io.berth.registry.upstream;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;

/**
 * Does something once for all who want it at the same time: the first one does it, the others wait for its outcome.
 * Thread-safe.
 */
final class SingleFlight<K> {
    private final ConcurrentMap<K, CompletableFuture<Void>> flights = new ConcurrentHashMap<>();

    /** What is to be done. */
    interface Work {
        void run() throws IOException;
    }

    /** @throws IOException of the work, whoever has done it */
    void run(K key, Work work) throws IOException {
        CompletableFuture<Void> own = new CompletableFuture<>();
        CompletableFuture<Void> other = flights.putIfAbsent(key, own);
        if (other != null) {
            await(other);
            return;
        }
        try {
            work.run();
            own.complete(null);
        } catch (IOException | RuntimeException | Error e) {
            own.completeExceptionally(e);
            throw e;
        } finally {
            flights.remove(key, own);
        }
    }

    private static void await(CompletableFuture<Void> other) throws IOException {
        try {
            other.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case null, default -> throw new IOException("whoever did the work failed", e);
            }
        }
    }
}
