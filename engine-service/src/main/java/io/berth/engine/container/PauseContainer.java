package io.berth.engine.container;

import io.berth.docker.error.Conflict;
import io.berth.docker.error.SystemFailure;
import io.berth.engine.runtime.ContainerRuntime;
import java.io.UncheckedIOException;
import org.springframework.stereotype.Component;

/** Freezes containers' processes, and lets them go on (moby: daemon/pause.go, unpause.go). */
@Component
public final class PauseContainer {
    private final ContainerRuntime runtime;
    private final ContainerStore store;
    private final ContainerEvents events;
    private final ContainerChanges changes;

    PauseContainer(ContainerRuntime runtime, ContainerStore store, ContainerEvents events, ContainerChanges changes) {
        this.runtime = runtime;
        this.store = store;
        this.events = events;
        this.changes = changes;
    }

    /**
     * Freezes a container and returns when all its processes have stopped.
     *
     * @throws Conflict when it does not run or is paused
     * @throws SystemFailure when its processes do not stop; they go on then
     */
    public void pause(Container container) {
        container.exclusively(() -> {
            ContainerSnapshot before = container.snapshot();
            switch (before.state().status()) {
                case RUNNING -> {}
                case PAUSED -> throw new Conflict("Container " + container.id() + " is already paused");
                case RESTARTING ->
                    throw new Conflict(
                            "container " + container.id() + " is restarting, wait until the container is running");
                default -> throw new Conflict("container " + container.id() + " is not running");
            }
            try {
                runtime.freeze(container.id());
            } catch (UncheckedIOException e) {
                throw new SystemFailure("cannot pause container " + container.id() + ": " + e.getMessage(), e);
            }
            write(
                    container,
                    before.with(before.state().with(ContainerStatus.PAUSED)).unwatched());
            events.publish(container, "pause");
        });
    }

    /**
     * Lets a container go on.
     *
     * @throws Conflict when it is not paused
     */
    public void unpause(Container container) {
        container.exclusively(() -> {
            if (container.snapshot().state().status() != ContainerStatus.PAUSED) {
                throw new Conflict("Container " + container.id() + " is not paused");
            }
            resume(container);
            events.publish(container, "unpause");
        });
    }

    /**
     * Lets a container go on when it is paused, so that it can take a signal.
     *
     * @param survives whether it may live on: else nobody is told that it goes on
     */
    void resumeIfPaused(Container container, boolean survives) {
        container.exclusively(() -> {
            if (container.snapshot().state().status() == ContainerStatus.PAUSED) {
                resume(container);
                if (survives) {
                    events.publish(container, "unpause");
                }
            }
        });
    }

    private void resume(Container container) {
        ContainerSnapshot before = container.snapshot();
        try {
            runtime.thaw(container.id());
        } catch (UncheckedIOException e) {
            throw new SystemFailure("cannot unpause container " + container.id() + ": " + e.getMessage(), e);
        }
        write(container, before.with(before.state().with(ContainerStatus.RUNNING)));
    }

    private void write(Container container, ContainerSnapshot changed) {
        store.updateState(changed);
        container.publish(changed);
        changes.changed(container);
    }
}
