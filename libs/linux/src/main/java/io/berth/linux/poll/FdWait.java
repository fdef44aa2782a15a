package io.berth.linux.poll;

import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** One thread's wait for a descriptor, ended by readiness or by the closing of what it depends on. */
final class FdWait {
    private final CompletableFuture<Readiness> ready = new CompletableFuture<>();

    void end(Readiness readiness) {
        ready.complete(readiness);
    }

    void fail() {
        ready.completeExceptionally(new ClosedChannelException());
    }

    void await(String description) throws InterruptedException {
        try {
            ready.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("no longer waiting for " + description, e.getCause());
        }
    }
}
