package io.berth.engine.container;

import io.berth.docker.error.ApiException;
import io.berth.engine.runtime.ContainerProcess.Exit;
import io.berth.engine.runtime.ContainerRuntime;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Follows up the end of containers' processes: records the exit, tells who waits, and starts again or removes as the
 * container's settings say. A running container costs no thread.
 */
@Component
final class ExitWatch {
    private static final Logger LOG = LoggerFactory.getLogger(ExitWatch.class);

    /** A descendant that escaped the container's end could hold a stream open (moby waits as long). */
    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(2);

    private final ContainerRuntime runtime;
    private final ContainerStore store;
    private final Launcher launcher;
    private final RemoveContainer remove;
    private final MountUse use;
    private final NetworkUse networks;
    private final ContainerEvents events;
    private final ContainerChanges changes;
    private final LeftOvers leftOvers;
    private volatile boolean stopped;
    private final Executor executor = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("exit-", 0).factory());

    ExitWatch(
            ContainerRuntime runtime,
            ContainerStore store,
            Launcher launcher,
            RemoveContainer remove,
            MountUse use,
            NetworkUse networks,
            ContainerEvents events,
            ContainerChanges changes,
            LeftOvers leftOvers) {
        this.leftOvers = leftOvers;
        this.runtime = runtime;
        this.store = store;
        this.launcher = launcher;
        this.remove = remove;
        this.use = use;
        this.networks = networks;
        this.events = events;
        this.changes = changes;
    }

    /** The engine ends: what ends from now on is the next engine's to record, and to start again. */
    void stop() {
        stopped = true;
    }

    /** Follows up a run's end, whenever it comes, and what the kernel kills for memory before it. */
    void watch(Container container, Run run) {
        watchMemory(container, run);
        CompletableFuture<Void> _ = run.process()
                .exit()
                .thenAcceptAsync(exit -> ended(container, run, exit), executor)
                .exceptionally(failure -> {
                    LOG.atError()
                            .setCause(failure)
                            .addKeyValue("containerId", container.id())
                            .log("the end of a container could not be recorded");
                    return null;
                });
    }

    private void ended(Container container, Run run, Exit exit) {
        if (stopped) {
            return;
        }
        awaitDrained(container, run);
        completeLog(container);
        boolean restart = container.exclusively(() -> {
            try {
                return record(container, run, exit);
            } finally {
                endStreams(container);
            }
        });
        if (restart) {
            scheduleRestart(container);
        } else if (container.snapshot().spec().hostConfig().autoRemove() && !run.restarting()) {
            removeEnded(container);
        }
    }

    /** Whoever hears of the end finds all output in the log. */
    private static void completeLog(Container container) {
        try {
            container.log().complete();
        } catch (UncheckedIOException e) {
            LOG.atError()
                    .setCause(e)
                    .addKeyValue("containerId", container.id())
                    .log("output lost: the log cannot be written");
        }
    }

    /**
     * Clients see their streams end, and ask then how the container ended: that must be known by now. And before the container can
     * be started again, whose streams these would be.
     */
    private static void endStreams(Container container) {
        container.log().close();
        container.output().finish();
    }

    /** Again after a change of its limits: without one of memory there is nothing to watch. */
    void watchMemory(Container container, Run run) {
        if (container.snapshot().spec().hostConfig().memory() > 0) {
            runtime.watchMemory(container.id(), () -> executor.execute(() -> outOfMemory(container, run)));
        }
    }

    private void outOfMemory(Container container, Run run) {
        container.exclusively(() -> {
            if (stopped || !container.run().equals(Optional.of(run))) {
                return; // the end tells of it
            }
            ContainerSnapshot before = container.snapshot();
            ContainerSnapshot after = before.with(before.state().outOfMemory());
            store.updateState(after);
            container.publish(after);
            run.tellOutOfMemory();
            events.publish(container, "oom");
        });
    }

    private static void awaitDrained(Container container, Run run) {
        try {
            Object _ = run.process().drained().get(DRAIN_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.atWarn()
                    .addKeyValue("containerId", container.id())
                    .log("a container's output stays open after its end; the rest is not waited for");
        } catch (ExecutionException e) {
            LOG.atWarn().setCause(e).addKeyValue("containerId", container.id()).log("a container's output broke off");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean record(Container container, Run run, Exit exit) {
        ContainerSnapshot before = container.snapshot();
        networks.end(before).ifPresent(networks::publishEnd);
        use.end(before.spec());
        boolean outOfMemory = runtime.outOfMemoryKills(container.id()) > 0;
        boolean restart = RestartDecision.afterExit(
                before.spec().hostConfig().restartPolicy(),
                exit.code(),
                before.state().restartCount(),
                run.stopRequested());
        Optional<Duration> delay = restart
                ? Optional.of(RestartDecision.delay(
                        before.state().restartDelay(), Duration.between(run.startedAt(), exit.at())))
                : Optional.empty();
        ContainerSnapshot after = before.with(before.state().ended(exit, outOfMemory, run.stopRequested(), delay))
                .with(before.network().ended())
                .unwatched();
        recordOnDisk(after);
        if (outOfMemory && !run.outOfMemoryTold()) {
            events.publish(container, "oom");
        }
        container.end(run, after, () -> publishEnd(container, run, exit));
        changes.changed(container);
        // Removing cgroups takes the kernel milliseconds that nobody should wait for; only the next start does.
        container.releasing(CompletableFuture.runAsync(() -> release(container), executor));
        return restart;
    }

    private void publishEnd(Container container, Run run, Exit exit) {
        if (run.stopAnnounced()) {
            events.publish(container, "stop"); // before "die", as dockerd does
        }
        long seconds = Math.max(0, Duration.between(run.startedAt(), exit.at()).toSeconds());
        events.publish(
                container,
                "die",
                Map.of(
                        "exitCode",
                        Integer.toString(container.snapshot().state().exitCode()),
                        "execDuration",
                        Long.toString(seconds)));
    }

    /** It has ended, also when that cannot be written down: an engine that is started then finds it ended, and not how. */
    private void recordOnDisk(ContainerSnapshot after) {
        try {
            store.updateState(after);
        } catch (RuntimeException e) {
            LOG.atError()
                    .setCause(e)
                    .addKeyValue("containerId", after.id())
                    .log("the end of a container could not be recorded");
        }
    }

    private void release(Container container) {
        try {
            runtime.release(container.id());
        } catch (RuntimeException e) {
            LOG.atError()
                    .setCause(e)
                    .addKeyValue("containerId", container.id())
                    .log("a stopped container's cgroups could not be removed; tried again later");
            leftOvers.clearLater();
        }
    }

    /** Has a container started again, which waits for that, when its time has come; also after the engine was restarted. */
    void scheduleRestart(Container container) {
        ContainerState waiting = container.snapshot().state();
        long millis = Math.max(
                0, Duration.between(Instant.now(), waiting.restartsAt()).toMillis());
        CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS, executor)
                .execute(() -> restart(container, waiting.restartsAt()));
    }

    private void restart(Container container, Instant arranged) {
        try {
            container.exclusively(() -> {
                ContainerState state = container.snapshot().state();
                // It may have been stopped, started and ended again meanwhile, and then waits for another time.
                if (!stopped
                        && !container.isRemoved()
                        && state.status() == ContainerStatus.RESTARTING
                        && state.restartsAt().equals(arranged)) {
                    watch(container, launcher.launch(container, true));
                }
            });
        } catch (ApiException e) {
            LOG.atWarn()
                    .setCause(e)
                    .addKeyValue("containerId", container.id())
                    .log("a container could not be started again");
            if (container.snapshot().spec().hostConfig().autoRemove()) {
                removeEnded(container);
            }
        }
    }

    private void removeEnded(Container container) {
        try {
            remove.removeStopped(container);
        } catch (ApiException e) {
            LOG.atWarn().setCause(e).addKeyValue("containerId", container.id()).log("automatic removal failed");
        }
    }
}
