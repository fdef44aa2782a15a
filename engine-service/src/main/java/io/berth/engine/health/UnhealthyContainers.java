package io.berth.engine.health;

import io.berth.docker.error.ApiException;
import io.berth.engine.container.Container;
import io.berth.engine.container.ContainerSnapshot;
import io.berth.engine.container.Health;
import io.berth.engine.container.KillContainer;
import io.berth.engine.container.RemoveContainer;
import io.berth.engine.container.RestartContainer;
import io.berth.engine.container.StopContainer;
import io.berth.engine.container.UnhealthyAction;
import io.berth.engine.runtime.ContainerId;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Does with containers that have become unhealthy what they ask for ({@link UnhealthyAction}).
 *
 * <p>The first time at once; when a container becomes unhealthy again without having been healthy in between, after 1 s, then
 * 2 s, 4 s and so on up to a minute. Thread-safe.
 */
@Component
final class UnhealthyContainers {
    private static final Logger LOG = LoggerFactory.getLogger(UnhealthyContainers.class);
    private static final Duration MAX_DELAY = Duration.ofMinutes(1);
    private static final int MAX_DOUBLINGS = 6;

    private final KillContainer kill;
    private final StopContainer stop;
    private final RestartContainer restart;
    private final ConcurrentMap<ContainerId, Integer> attempts = new ConcurrentHashMap<>();

    UnhealthyContainers(KillContainer kill, StopContainer stop, RestartContainer restart, RemoveContainer remove) {
        this.kill = kill;
        this.stop = stop;
        this.restart = restart;
        remove.onRemoved(this::recovered);
    }

    /** Forgets how often this container was acted on. */
    void recovered(Container container) {
        attempts.remove(container.id());
    }

    /**
     * Does what the container asks for, after the delay, on the caller's thread.
     *
     * @param cancelled asked after the delay: whether it has ended by itself meanwhile
     */
    void act(Container container, BooleanSupplier cancelled) {
        try {
            actLater(container, cancelled);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void actLater(Container container, BooleanSupplier cancelled) throws InterruptedException {
        ContainerSnapshot snapshot = container.snapshot();
        UnhealthyAction action =
                UnhealthyAction.of(snapshot.spec().config(), snapshot.spec().hostConfig());
        if (action == UnhealthyAction.NONE) {
            return;
        }
        int before = attempts.merge(container.id(), 1, Integer::sum) - 1;
        Thread.sleep(delay(before));
        @Nullable Health health = container.snapshot().health();
        if (cancelled.getAsBoolean() || health == null || health.status() != Health.Status.UNHEALTHY) {
            return;
        }
        LOG.atWarn()
                .addKeyValue("containerId", container.id())
                .addKeyValue("action", action)
                .log("container is unhealthy");
        try {
            switch (action) {
                case NONE -> {}
                case KILL -> kill.killForRestartPolicy(container);
                case STOP -> stop.stop(container, null, null);
                case RESTART -> restart.restart(container, null, null);
            }
        } catch (ApiException e) {
            LOG.atWarn()
                    .setCause(e)
                    .addKeyValue("containerId", container.id())
                    .log("nothing could be done about an unhealthy container");
        }
    }

    /** How long to wait before the container is acted on once more. */
    static Duration delay(int before) {
        if (before == 0) {
            return Duration.ZERO;
        }
        Duration delay = Duration.ofSeconds(1L << Math.min(before - 1, MAX_DOUBLINGS));
        return delay.compareTo(MAX_DELAY) > 0 ? MAX_DELAY : delay;
    }
}
