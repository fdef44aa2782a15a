package io.berth.engine.container;

import io.berth.docker.error.ApiException;
import io.berth.docker.error.Conflict;
import io.berth.docker.error.NotModified;
import org.springframework.stereotype.Component;

/** Starts containers. */
@Component
public final class StartContainer {
    private final Launcher launcher;
    private final ExitWatch exits;
    private final RemoveContainer remove;

    StartContainer(Launcher launcher, ExitWatch exits, RemoveContainer remove) {
        this.launcher = launcher;
        this.exits = exits;
        this.remove = remove;
    }

    /**
     * Starts a container and returns when its program has been executed and the database knows it.
     *
     * @throws NotModified when it runs, or its restart policy is about to start it
     * @throws Conflict when it is paused or is being removed
     * @throws ApiException when it cannot be started; a container that is to be removed after its end is removed then
     */
    public void start(Container container) {
        try {
            container.exclusively(() -> {
                refuseRemoved(container);
                switch (container.snapshot().state().status()) {
                    case PAUSED -> throw new Conflict("cannot start a paused container, try unpause instead");
                    case RUNNING, RESTARTING -> throw new NotModified("container already started");
                    default -> {}
                }
                exits.watch(container, launcher.launch(container, false));
            });
        } catch (ApiException e) {
            if (isLeftOver(container)) {
                remove.removeStopped(container);
            }
            throw e;
        }
    }

    /** After a start that failed: whether it is to be removed after its end, and has not come to run another way. */
    private static boolean isLeftOver(Container container) {
        ContainerSnapshot snapshot = container.snapshot();
        return snapshot.spec().hostConfig().autoRemove() && !snapshot.state().running() && !container.isRemoved();
    }

    private static void refuseRemoved(Container container) {
        if (container.isRemoved()) {
            throw new Conflict("container is marked for removal and cannot be started");
        }
    }
}
