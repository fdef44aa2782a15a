package io.berth.registry.durability;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Asks a thread that works by itself to end. Never by an interrupt: one that arrives in the middle of a write closes the
 * database's file, and every transaction of the process fails. Thread-safe.
 */
public final class StopSignal {
    private final CountDownLatch given = new CountDownLatch(1);

    /** Whether the work is to go on. */
    public boolean goOn() {
        return given.getCount() > 0;
    }

    /** Waits between two works; whether the work is to go on. */
    public boolean pause(Duration time) {
        try {
            return !given.await(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    void give() {
        given.countDown();
    }
}
