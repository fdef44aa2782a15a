package io.berth.engine.network.dns;

import java.time.Duration;

/** Keeps what a container can bring about from filling the engine's log. On one thread only. */
final class LogInterval {
    /** Docker's (moby: libnetwork/resolver.go, logInterval). */
    private static final long NANOS = Duration.ofSeconds(2).toNanos();

    private long last = System.nanoTime() - NANOS;

    /** Whether something may be logged now. */
    boolean begin() {
        long now = System.nanoTime();
        if (now - last < NANOS) {
            return false;
        }
        last = now;
        return true;
    }
}
