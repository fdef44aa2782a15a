package io.berth.engine.container;

import io.berth.engine.runtime.ContainerId;
import org.jspecify.annotations.Nullable;

/**
 * A container at one moment. Immutable: whoever lists or inspects reads one without any lock.
 *
 * @param health null without a health check, and before the first start
 */
public record ContainerSnapshot(
        ContainerSpec spec,
        String name,
        ContainerState state,
        @Nullable Health health) {
    public ContainerId id() {
        return spec.containerId();
    }

    ContainerSnapshot with(ContainerState changed) {
        return new ContainerSnapshot(spec, name, changed, health);
    }

    ContainerSnapshot with(ContainerSpec changed) {
        return new ContainerSnapshot(changed, name, state, health);
    }

    ContainerSnapshot with(@Nullable Health changed) {
        return new ContainerSnapshot(spec, name, state, changed);
    }

    /** Its health is looked at no more: it has stopped or is paused. */
    ContainerSnapshot unwatched() {
        return health == null ? this : with(health.unwatched());
    }

    ContainerSnapshot named(String changed) {
        return new ContainerSnapshot(spec, changed, state, health);
    }
}
