package io.berth.engine.runtime.kernel;

import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Lets all output be stopped at one moment between a read and the next: what has been read has then been delivered, the rest
 * stays in the pipes for the next engine.
 */
final class DeliveryGate {
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private boolean shut;

    /** Reads and delivers once, or returns false when the gate is shut. */
    boolean pass(Runnable readAndDeliver) {
        lock.readLock().lock();
        try {
            if (!shut) {
                readAndDeliver.run();
            }
            return !shut;
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Waits for deliveries under way; afterwards there are no more. */
    void shut() {
        lock.writeLock().lock();
        try {
            shut = true;
        } finally {
            lock.writeLock().unlock();
        }
    }
}
