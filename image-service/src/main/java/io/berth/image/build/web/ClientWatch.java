package io.berth.image.build.web;

import io.berth.unixhttp.ClientPresence;
import java.time.Duration;

/** Interrupts whoever works for a client when that has gone, which a command without output would not show. */
final class ClientWatch implements AutoCloseable {
    private static final Duration PERIOD = Duration.ofMillis(500);

    private final Thread watcher;

    private ClientWatch(Thread watcher) {
        this.watcher = watcher;
    }

    static ClientWatch of(ClientPresence client, Thread worker) {
        return new ClientWatch(Thread.ofVirtual().name("client-watch").start(() -> {
            try {
                while (!client.gone()) {
                    Thread.sleep(PERIOD);
                }
                worker.interrupt();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
    }

    @Override
    public void close() {
        watcher.interrupt();
        try {
            watcher.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // It may have come just when the work was done: nothing else of this thread is to end for it.
        boolean _ = Thread.interrupted();
    }
}
