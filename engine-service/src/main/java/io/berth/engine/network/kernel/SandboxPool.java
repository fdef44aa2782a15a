package io.berth.engine.network.kernel;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blank sandboxes made ahead: a few for each network that a container was started on lately, and a few without an interface.
 * A start takes one, and a thread makes another when no start is under way. Thread-safe.
 *
 * <p>They are held by descriptors alone, so that an engine that dies leaves none.
 */
final class SandboxPool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SandboxPool.class);

    /** Of one network. */
    static final int STOCK = 3;

    private static final int MOST_SHELVES = 8;
    private static final Duration KEPT = Duration.ofMinutes(5);
    /** A start takes less, and wants the processors for itself. */
    private static final Duration QUIET = Duration.ofMillis(10);

    private final Ports ports;
    private final NameServers nameServers;
    private final ScheduledThreadPoolExecutor filler;
    /** By id of the network; empty for sandboxes without an interface. Guarded by this, as all shelves. */
    private final Map<String, Shelf> shelves = new HashMap<>();

    /** Those of one network. */
    private static final class Shelf {
        final @Nullable Port port;
        final Deque<BlankSandbox> blanks = new ArrayDeque<>();
        long usedNanos;
        /** Whether the filler has it to do already. */
        boolean filling;

        Shelf(@Nullable Port port) {
            this.port = port;
        }
    }

    private SandboxPool(Ports ports, NameServers nameServers, ScheduledThreadPoolExecutor filler) {
        this.ports = ports;
        this.nameServers = nameServers;
        this.filler = filler;
    }

    /** Starts one whose thread is in the network namespace of the caller. */
    static SandboxPool start(Ports ports, NameServers nameServers) {
        ScheduledThreadPoolExecutor filler = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("sandbox-pool").factory());
        filler.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        SandboxPool pool = new SandboxPool(ports, nameServers, filler);
        var _ = filler.scheduleWithFixedDelay(pool::dropUnused, KEPT.toNanos(), KEPT.toNanos(), TimeUnit.NANOSECONDS);
        return pool;
    }

    /** Takes a sandbox without an interface, or makes one. */
    BlankSandbox take() {
        return take("", null);
    }

    /**
     * Takes a sandbox with an interface on a bridge, or makes one.
     *
     * @param port as it is to be now: those made for another one, say on a bridge that is gone, are dropped
     */
    BlankSandbox take(String networkId, @Nullable Port port) {
        BlankSandbox ready = takeReady(networkId, port);
        return ready == null ? BlankSandbox.make(ports, nameServers, port) : ready;
    }

    private synchronized @Nullable BlankSandbox takeReady(String networkId, @Nullable Port port) {
        Shelf shelf = shelves.get(networkId);
        if (shelf == null || (port != null && shelf.port != null && !port.isLike(shelf.port))) {
            drop(networkId);
            makeRoom();
            shelf = new Shelf(port);
            shelves.put(networkId, shelf);
        }
        shelf.usedNanos = System.nanoTime();
        BlankSandbox ready = shelf.blanks.poll();
        if (!shelf.filling) {
            shelf.filling = true;
            fillLater(shelf);
        }
        return ready;
    }

    /** Before another shelf is added: the one that was not used for the longest time goes. */
    private void makeRoom() {
        if (shelves.size() >= MOST_SHELVES) {
            drop(shelves.entrySet().stream()
                    .min(Comparator.comparingLong(entry -> entry.getValue().usedNanos))
                    .orElseThrow()
                    .getKey());
        }
    }

    /** Drops those of a network. */
    synchronized void drop(String networkId) {
        Shelf shelf = shelves.remove(networkId);
        if (shelf != null) {
            shelf.blanks.forEach(BlankSandbox::close);
        }
    }

    private synchronized void dropUnused() {
        long now = System.nanoTime();
        shelves.entrySet().stream()
                .filter(entry -> now - entry.getValue().usedNanos >= KEPT.toNanos())
                .map(Map.Entry::getKey)
                .toList()
                .forEach(this::drop);
    }

    /** How many are ready for a network; {@code ""} for those without an interface. */
    synchronized int ready(String networkId) {
        Shelf shelf = shelves.get(networkId);
        return shelf == null ? 0 : shelf.blanks.size();
    }

    private void fillLater(Shelf shelf) {
        var _ = filler.schedule(() -> fill(shelf), QUIET.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Makes one for a shelf. The next one waits its turn, after those of other shelves. */
    private void fill(Shelf shelf) {
        if (isBusy(shelf)) {
            fillLater(shelf);
            return;
        }
        BlankSandbox made;
        try {
            made = BlankSandbox.make(ports, nameServers, shelf.port);
        } catch (RuntimeException e) {
            // The start that needs one makes it itself, and tells its caller what is wrong.
            LOG.atDebug().setCause(e).log("cannot make a sandbox ahead");
            stopFilling(shelf);
            return;
        }
        if (!add(shelf, made)) {
            made.close();
        }
    }

    /** Whether a container is being started, which needs nothing of what is yet to be made. */
    private synchronized boolean isBusy(Shelf shelf) {
        long used = shelves.values().stream()
                .mapToLong(other -> other.usedNanos)
                .max()
                .orElse(0);
        return !shelf.blanks.isEmpty() && System.nanoTime() - used < QUIET.toNanos();
    }

    private synchronized void stopFilling(Shelf shelf) {
        shelf.filling = false;
    }

    /** @return whether the shelf is still there */
    private synchronized boolean add(Shelf shelf, BlankSandbox made) {
        if (!shelves.containsValue(shelf)) {
            return false;
        }
        shelf.blanks.add(made);
        shelf.filling = shelf.blanks.size() < STOCK;
        if (shelf.filling && !filler.isShutdown()) {
            fillLater(shelf);
        }
        return true;
    }

    /** Drops all; the thread has ended when this returns. */
    @Override
    public void close() {
        filler.close();
        synchronized (this) {
            List.copyOf(shelves.keySet()).forEach(this::drop);
        }
    }
}
