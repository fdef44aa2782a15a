package io.berth.engine.health;

import io.berth.engine.container.Container;
import io.berth.engine.container.ContainerChanges;
import io.berth.engine.container.ContainerSnapshot;
import io.berth.engine.container.ContainerStatus;
import io.berth.engine.container.HealthCheck;
import io.berth.engine.container.RecordHealth;
import io.berth.engine.exec.RunInContainer;
import io.berth.engine.runtime.ContainerId;
import io.berth.linux.process.ProcessIdentity;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * Watches the health of all containers that run and have a health check: one thread for the clock, and a virtual one for each
 * probe while it runs. Thread-safe.
 */
@Component
final class HealthMonitor implements DisposableBean {
    private final RunInContainer probes;
    private final RecordHealth record;
    private final UnhealthyContainers unhealthy;
    private final ConcurrentMap<ContainerId, HealthWatch> watches = new ConcurrentHashMap<>();
    private final ScheduledThreadPoolExecutor clock;
    private final Executor executor = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("health-", 0).factory());

    HealthMonitor(ContainerChanges changes, RunInContainer probes, RecordHealth record, UnhealthyContainers unhealthy) {
        this.probes = probes;
        this.record = record;
        this.unhealthy = unhealthy;
        this.clock = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("health-clock").factory());
        clock.setRemoveOnCancelPolicy(true);
        changes.onChange(this::update);
    }

    /** Begins or ends the watch over a container as its state wants it; its lock is held. */
    private void update(Container container) {
        ContainerSnapshot snapshot = container.snapshot();
        @Nullable ProcessIdentity process = snapshot.state().process();
        Optional<HealthCheck> check = HealthCheck.of(snapshot.spec().config());
        boolean wanted = snapshot.state().status() == ContainerStatus.RUNNING && process != null && check.isPresent();
        @Nullable HealthWatch present = watches.get(container.id());
        if (present != null && wanted && present.process().equals(process)) {
            return;
        }
        if (present != null) {
            watches.remove(container.id(), present);
            present.cancel();
        }
        if (wanted && process != null) {
            HealthWatch watch = new HealthWatch(
                    container, process, check.orElseThrow(), clock, executor, probes, record, unhealthy);
            watches.put(container.id(), watch);
            watch.schedule();
        }
    }

    /** How many containers are watched. */
    int watched() {
        return watches.size();
    }

    @Override
    public void destroy() {
        clock.shutdownNow();
    }
}
