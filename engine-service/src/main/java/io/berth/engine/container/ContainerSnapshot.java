package io.berth.engine.container;

import io.berth.engine.runtime.ContainerId;

/** A container at one moment. Immutable: whoever lists or inspects reads one without any lock. */
public record ContainerSnapshot(ContainerSpec spec, String name, ContainerState state) {
    public ContainerId id() {
        return spec.containerId();
    }

    ContainerSnapshot with(ContainerState changed) {
        return new ContainerSnapshot(spec, name, changed);
    }

    ContainerSnapshot named(String changed) {
        return new ContainerSnapshot(spec, changed, state);
    }
}
