package io.berth.image.content;

import io.berth.oci.Digest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Work that is done once per digest, however many ask for it at the same time: one thread works, the others wait and look
 * again. When it fails the next one tries, with its own source. Thread-safe.
 */
public final class Flights {
    private final ConcurrentHashMap<Digest, Flight> inFlight = new ConcurrentHashMap<>();

    /**
     * Runs the work unless it is done.
     *
     * @param done looked at when nobody else is working on the digest
     * @return whether this call did the work
     */
    public boolean once(Digest digest, BooleanSupplier done, Work work) throws IOException {
        Flight flight = inFlight.compute(digest, (_, running) -> {
            Flight joined = running == null ? new Flight() : running;
            joined.users++;
            return joined;
        });
        try {
            flight.lock.lockInterruptibly();
            try {
                if (done.getAsBoolean()) {
                    return false;
                }
                work.run();
                return true;
            } finally {
                flight.lock.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while waiting for " + digest).initCause(e);
        } finally {
            inFlight.compute(digest, (_, running) -> --flight.users == 0 ? null : running);
        }
    }

    /** The work of a flight. */
    @FunctionalInterface
    public interface Work {
        void run() throws IOException;
    }

    private static final class Flight {
        private final ReentrantLock lock = new ReentrantLock();
        /** Changed only inside the map's compute. */
        private int users;
    }
}
