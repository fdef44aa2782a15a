package io.berth.engine.container;

import io.berth.engine.container.Health.Probe;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Takes down what probes of containers' health found. */
@Component
public final class RecordHealth {
    private final ContainerStore store;
    private final ContainerEvents events;

    RecordHealth(ContainerStore store, ContainerEvents events) {
        this.store = store;
        this.events = events;
    }

    /**
     * Takes a result down. A change of the status is written to disk and published; single results are in memory only.
     *
     * @param wanted asked with the container's lock held: whether the result still counts
     * @return whether the container has just become unhealthy
     */
    public boolean record(Container container, HealthCheck check, Probe probe, BooleanSupplier wanted) {
        return container.exclusively(() -> {
            ContainerSnapshot before = container.snapshot();
            @Nullable Health health = before.health();
            if (!wanted.getAsBoolean() || health == null) {
                return false;
            }
            @Nullable Instant startedAt = before.state().startedAt();
            Health after = health.after(probe, check, startedAt == null ? probe.start() : startedAt);
            ContainerSnapshot changed = before.with(after);
            if (after.status() == health.status()) {
                container.publish(changed);
                return false;
            }
            store.updateState(changed);
            container.publish(changed);
            events.publish(container, "health_status: " + after.status().text());
            return after.status() == Health.Status.UNHEALTHY;
        });
    }
}
