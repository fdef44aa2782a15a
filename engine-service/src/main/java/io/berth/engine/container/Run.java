package io.berth.engine.container;

import io.berth.engine.runtime.ContainerProcess;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/** One run of a container, from start to exit. Thread-safe. */
final class Run {
    private final ContainerProcess process;
    private final Instant startedAt;
    private final CompletableFuture<ContainerState> ended = new CompletableFuture<>();
    private volatile boolean stopRequested;
    private volatile boolean restarting;
    private volatile boolean stopAnnounced;
    private volatile boolean outOfMemoryTold;

    Run(ContainerProcess process, Instant startedAt) {
        this.process = process;
        this.startedAt = startedAt;
    }

    ContainerProcess process() {
        return process;
    }

    Instant startedAt() {
        return startedAt;
    }

    /** Completes when the process has ended and the container's state says so, also on disk. */
    CompletableFuture<ContainerState> ended() {
        return ended;
    }

    /** A user wants it to end: no restart policy applies. */
    void requestStop() {
        stopRequested = true;
    }

    /** A user stops it: that is to be told when it has ended. */
    void announceStop() {
        stopAnnounced = true;
    }

    boolean stopAnnounced() {
        return stopAnnounced;
    }

    /** That the kernel ran out of its memory has been told. */
    void tellOutOfMemory() {
        outOfMemoryTold = true;
    }

    boolean outOfMemoryTold() {
        return outOfMemoryTold;
    }

    boolean stopRequested() {
        return stopRequested;
    }

    /** It ends to be started again at once: it is not to be removed. */
    void requestRestart() {
        restarting = true;
        stopRequested = true;
    }

    boolean restarting() {
        return restarting;
    }
}
