package io.berth.image.source;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Ends a fetch that takes too long: looks every so often, and when there is something to say against going on it says so once and
 * acts. For one fetch; {@link #close} ends it.
 */
final class Watchdog implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofMillis(200);

    private final Thread thread;
    private volatile boolean closed;
    private volatile @Nullable String objection;

    /**
     * @param check says what is wrong, or null
     * @param action ends the fetch; called on another thread
     */
    Watchdog(Supplier<@Nullable String> check, Runnable action) {
        thread = Thread.ofVirtual().name("fetch-watchdog").start(() -> {
            while (!closed) {
                String wrong = check.get();
                if (wrong != null) {
                    objection = wrong;
                    action.run();
                    return;
                }
                try {
                    Thread.sleep(INTERVAL);
                } catch (InterruptedException e) {
                    return; // closed
                }
            }
        });
    }

    /** Why the fetch was ended; null when it was not. */
    @Nullable
    String objection() {
        return objection;
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
