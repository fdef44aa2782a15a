package io.berth.engine.container;

import io.berth.engine.runtime.ContainerId;
import io.berth.engine.runtime.ContainerRuntime;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Clears away what a failure has left: processes, cgroups, kept files and directories of containers that do not exist, and what
 * the kernel holds for those that do not run. It looks some seconds after something has failed, and again, later each time,
 * while something is left. Thread-safe.
 */
@Component
final class LeftOvers {
    private static final Logger LOG = LoggerFactory.getLogger(LeftOvers.class);
    private static final Duration FIRST = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofMinutes(10);

    private final Containers containers;
    private final ContainerDirectories directories;
    private final ContainerRuntime runtime;
    private final AtomicBoolean awaited = new AtomicBoolean();
    private final Executor executor = command -> {
        Thread _ = Thread.ofVirtual().name("left-overs").start(command);
    };

    LeftOvers(Containers containers, ContainerDirectories directories, ContainerRuntime runtime) {
        this.containers = containers;
        this.directories = directories;
        this.runtime = runtime;
    }

    /** Something failed, so that something may be left. */
    void clearLater() {
        clearAfter(FIRST);
    }

    private void clearAfter(Duration delay) {
        if (awaited.compareAndSet(false, true)) {
            CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS, executor)
                    .execute(() -> {
                        awaited.set(false);
                        if (!clear()) {
                            Duration next = delay.multipliedBy(2);
                            clearAfter(next.compareTo(LONGEST) < 0 ? next : LONGEST);
                        }
                    });
        }
    }

    /** Whether nothing is left. */
    boolean clear() {
        // First what is held, then who answers for it: one that comes in between is not touched.
        Set<ContainerId> held = new HashSet<>(runtime.holdings().containers().keySet());
        directories.present().forEach(name -> held.add(new ContainerId(name)));
        boolean all = true;
        for (ContainerId id : held) {
            try {
                if (!containers.answersFor(id)) {
                    LOG.atInfo().addKeyValue("containerId", id).log("clearing away what a failure has left");
                    runtime.killAll(id);
                    runtime.release(id);
                    runtime.deleteDirectory(directories.of(id));
                } else {
                    releaseStopped(id);
                }
            } catch (RuntimeException e) {
                LOG.atWarn().setCause(e).addKeyValue("containerId", id).log("left-overs not cleared away");
                all = false;
            }
        }
        return all;
    }

    private void releaseStopped(ContainerId id) {
        containers.byId(id).ifPresent(container -> {
            // Whoever starts, ends or removes it at this moment sees to it himself.
            boolean _ = container.unlessBusy(() -> {
                boolean idle = container.run().isEmpty() && container.released().isDone();
                if (idle) {
                    runtime.release(id);
                }
                return idle;
            });
        });
    }
}
