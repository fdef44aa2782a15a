package io.berth.engine.container;

import io.berth.engine.network.NetworkState;
import io.berth.engine.runtime.ContainerId;
import org.jspecify.annotations.Nullable;

/**
 * A container at one moment. Immutable: whoever lists or inspects reads one without any lock.
 *
 * @param health null without a health check, and before the first start
 * @param network its connections, or where they were when it ran last
 */
public record ContainerSnapshot(
        ContainerSpec spec,
        String name,
        ContainerState state,
        @Nullable Health health,
        NetworkState network) {
    public ContainerId id() {
        return spec.containerId();
    }

    ContainerSnapshot with(ContainerState changed) {
        return new ContainerSnapshot(spec, name, changed, health, network);
    }

    ContainerSnapshot with(ContainerSpec changed) {
        return new ContainerSnapshot(changed, name, state, health, network);
    }

    ContainerSnapshot with(@Nullable Health changed) {
        return new ContainerSnapshot(spec, name, state, changed, network);
    }

    ContainerSnapshot with(NetworkState changed) {
        return new ContainerSnapshot(spec, name, state, health, changed);
    }

    /** Its health is looked at no more: it has stopped or is paused. */
    ContainerSnapshot unwatched() {
        return health == null ? this : with(health.unwatched());
    }

    ContainerSnapshot named(String changed) {
        return new ContainerSnapshot(spec, changed, state, health, network);
    }
}
