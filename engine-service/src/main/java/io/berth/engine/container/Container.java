package io.berth.engine.container;

import io.berth.engine.log.ContainerLog;
import io.berth.engine.runtime.ContainerId;
import io.berth.engine.stream.OutputHub;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A container: the one place of its mutable state.
 *
 * <p>Its lock orders starts, exits, renames and the removal. Reading never takes it: {@link #snapshot()} is immutable and
 * replaced as a whole after each change has been written to disk. Nobody waits for a process while holding the lock.
 */
public final class Container {
    private final ContainerId id;
    private final Path directory;
    private final ContainerLog log;
    private final OutputHub output = new OutputHub();
    private final Set<String> execIds = new ConcurrentSkipListSet<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final CompletableFuture<ContainerState> removed = new CompletableFuture<>();
    private volatile ContainerSnapshot snapshot;
    private volatile boolean gone;
    private volatile CompletableFuture<?> released = CompletableFuture.completedFuture(true);
    private volatile @Nullable Run run;
    private volatile CompletableFuture<Run> nextRun = new CompletableFuture<>();
    private volatile CompletableFuture<ContainerState> nextExit = new CompletableFuture<>();

    Container(ContainerSnapshot snapshot, Path directory, ContainerLog log) {
        this.id = snapshot.id();
        this.snapshot = snapshot;
        this.directory = directory;
        this.log = log;
    }

    public ContainerId id() {
        return id;
    }

    /** The container as it is now. */
    public ContainerSnapshot snapshot() {
        return snapshot;
    }

    /** The container's own directory. */
    public Path directory() {
        return directory;
    }

    public ContainerLog log() {
        return log;
    }

    /** Where clients attach to its output. */
    public OutputHub output() {
        return output;
    }

    /** Ids of execs that run in it, kept by those who start them. */
    public Set<String> execIds() {
        return execIds;
    }

    /** Does something that must not overlap with another change. */
    public <T> T exclusively(Supplier<T> change) {
        lock.lock();
        try {
            return change.get();
        } finally {
            lock.unlock();
        }
    }

    /** Does something that must not overlap with another change. */
    void exclusively(Runnable change) {
        exclusively(() -> {
            change.run();
            return true;
        });
    }

    /** Does something that must not overlap with another change, unless there is one now: then it is false. */
    boolean unlessBusy(BooleanSupplier work) {
        if (!lock.tryLock()) {
            return false;
        }
        try {
            return work.getAsBoolean();
        } finally {
            lock.unlock();
        }
    }

    /** The present run; empty when it does not run. */
    Optional<Run> run() {
        return Optional.ofNullable(run);
    }

    /**
     * Asks something of the present run before anybody decides what follows its end.
     *
     * @return the run that was asked; empty when there is none, or its end had just been decided on
     */
    Optional<Run> askRun(Consumer<Run> question) {
        if (run == null) {
            return Optional.empty(); // a start that goes on meanwhile is not waited for
        }
        return exclusively(() -> {
            Optional<Run> present = run();
            present.ifPresent(question);
            return present;
        });
    }

    /** The present run, or the next one as soon as there is one. */
    CompletableFuture<Run> runOrNext() {
        CompletableFuture<Run> next = nextRun;
        Run present = run;
        return present == null ? next : CompletableFuture.completedFuture(present);
    }

    /** Makes a change known that has been written; the lock is held. */
    void publish(ContainerSnapshot changed) {
        checkLocked();
        snapshot = changed;
    }

    /** It runs now; the lock is held. */
    void begin(Run started, ContainerSnapshot changed) {
        checkLocked();
        run = started;
        snapshot = changed;
        nextRun.complete(started);
    }

    /**
     * The run is over; the lock is held.
     *
     * @param tell what others are told of it before those who wait for the end go on, so that they find it told
     */
    void end(Run ended, ContainerSnapshot changed, Runnable tell) {
        checkLocked();
        nextRun = new CompletableFuture<>();
        run = null;
        // Whoever waits for the end of the run, or hears of it, looks at the snapshot next.
        snapshot = changed;
        tell.run();
        ended.ended().complete(changed.state());
        exited(changed);
    }

    /** It waited for its next start, and none will follow, or a start failed; the lock is held. */
    void settle(ContainerSnapshot changed) {
        checkLocked();
        if (snapshot.state().running()) {
            exited(changed);
        } else {
            snapshot = changed;
        }
    }

    private void exited(ContainerSnapshot changed) {
        // The snapshot first: whoever gets the new future from stopped() must see that the container does not run.
        snapshot = changed;
        CompletableFuture<ContainerState> exit = nextExit;
        nextExit = new CompletableFuture<>();
        exit.complete(changed.state());
    }

    /** The database has forgotten it, nothing can be done with it any more; the lock is held. */
    void beginRemoval() {
        checkLocked();
        gone = true;
        snapshot = snapshot.with(snapshot.state().with(ContainerStatus.REMOVING));
    }

    /** Its files are gone as well: everyone who waits is told; the lock is held. */
    void finishRemoval() {
        checkLocked();
        ContainerState last = snapshot.state();
        nextExit.complete(last);
        nextRun.completeExceptionally(new ContainerRemoved());
        removed.complete(last);
    }

    /** Whether it has been removed, or is being removed. */
    public boolean isRemoved() {
        return gone;
    }

    /** What the kernel held for the last run is being released; the lock is held. */
    void releasing(CompletableFuture<?> release) {
        checkLocked();
        released = release;
    }

    /** Completes when the kernel holds nothing for the last run any more: before that it must not be started. */
    public CompletableFuture<?> released() {
        return released;
    }

    /** Completes with the next exit. */
    CompletableFuture<ContainerState> nextExit() {
        return nextExit;
    }

    /** Completes when it does not run, which may be now, or when it ends next, even if its restart policy starts it again. */
    CompletableFuture<ContainerState> stopped() {
        // The future first: an exit in between completes it.
        CompletableFuture<ContainerState> exit = nextExit;
        ContainerState now = snapshot.state();
        return now.running() ? exit : CompletableFuture.completedFuture(now);
    }

    /** Completes when it has been removed. */
    CompletableFuture<ContainerState> removed() {
        return removed;
    }

    private void checkLocked() {
        if (!lock.isHeldByCurrentThread()) {
            throw new IllegalStateException("container " + id.shortForm() + " changed without its lock");
        }
    }
}
