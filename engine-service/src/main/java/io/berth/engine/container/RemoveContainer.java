package io.berth.engine.container;

import io.berth.docker.error.Conflict;
import io.berth.engine.kept.KeptDefinitions;
import io.berth.engine.kept.Kind;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Removes containers with everything that belongs to them. */
@Component
public final class RemoveContainer {
    private static final Logger LOG = LoggerFactory.getLogger(RemoveContainer.class);
    private static final int ATTEMPTS = 5;

    private final Containers containers;
    private final ContainerStore store;
    private final RemovedDirectories removed;
    private final StopContainer stop;
    private final MountUse use;
    private final ContainerEvents events;
    private final KeptDefinitions kept;
    private final List<Consumer<Container>> listeners = new CopyOnWriteArrayList<>();

    RemoveContainer(
            Containers containers,
            ContainerStore store,
            RemovedDirectories removed,
            StopContainer stop,
            MountUse use,
            ContainerEvents events,
            KeptDefinitions kept) {
        this.containers = containers;
        this.store = store;
        this.removed = removed;
        this.stop = stop;
        this.use = use;
        this.events = events;
        this.kept = kept;
    }

    /** Has something done for each removed container. */
    public void onRemoved(Consumer<Container> listener) {
        listeners.add(listener);
    }

    /**
     * Removes a container and returns when the database has forgotten it; its files go now or soon.
     *
     * @param reference the container as the user named it, for error messages
     * @param force kill it first when it runs
     * @param withVolumes also its volumes that nobody has named and no other container uses
     * @throws Conflict when it runs and force is not given
     * @throws io.berth.docker.error.SystemFailure when its files cannot be deleted; the engine tries again later
     */
    public void remove(Container container, String reference, boolean force, boolean withVolumes)
            throws InterruptedException {
        // It may be started again between its end and its removal: then it is killed again.
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (force) {
                kill(container);
            }
            if (container.exclusively(() -> {
                refuseRemoved(container, reference);
                boolean restarting = container.snapshot().state().status() == ContainerStatus.RESTARTING;
                if (container.run().isPresent() || (restarting && !force)) {
                    return false;
                }
                if (!withVolumes) {
                    use.keepAnonymous(container.snapshot().spec());
                }
                forget(container);
                return true;
            })) {
                deleteFiles(container, withVolumes);
                return;
            }
            if (!force) {
                refuseRunning(container);
            }
        }
        throw new Conflict("cannot remove container \"" + reference + "\": it is being started again and again");
    }

    /**
     * Removes a container that does not run, and keeps its volumes; does nothing with one that is just being started or removed,
     * and does not wait for that.
     *
     * @return whether it is gone
     * @throws io.berth.docker.error.SystemFailure when its files cannot be deleted
     */
    boolean removeIdle(Container container) {
        boolean gone = container.unlessBusy(() -> {
            if (container.isRemoved() || container.snapshot().state().running()) {
                return false;
            }
            use.keepAnonymous(container.snapshot().spec());
            forget(container);
            return true;
        });
        if (gone) {
            deleteFiles(container, false);
        }
        return gone;
    }

    /** Removes a container that has ended, as its settings say; nothing happens when it runs again or is gone. */
    void removeStopped(Container container) {
        boolean gone = container.exclusively(() -> {
            if (container.isRemoved() || container.run().isPresent()) {
                return false;
            }
            forget(container);
            return true;
        });
        if (gone) {
            deleteFiles(container, true);
        }
    }

    private void kill(Container container) throws InterruptedException {
        Optional<Run> run = container.askRun(Run::requestRestart);
        if (run.isPresent()) {
            stop.kill(container, run.get());
        }
    }

    private static void refuseRunning(Container container) {
        String name = "/" + container.snapshot().name();
        ContainerStatus status = container.snapshot().state().status();
        if (status == ContainerStatus.PAUSED) {
            throw new Conflict(
                    "cannot remove container \"" + name + "\": container is paused and must be unpaused first");
        }
        throw new Conflict("cannot remove container \"" + name + "\": container is " + status.text()
                + ": stop the container before removing or force remove");
    }

    private static void refuseRemoved(Container container, String reference) {
        if (container.isRemoved()) {
            throw new NoSuchContainer(reference);
        }
    }

    /** The commit that makes it gone; what is left of it on disk after a crash is swept at the next start. */
    private void forget(Container container) {
        store.delete(container.id());
        container.beginRemoval();
        containers.remove(container);
        kept.remove(Kind.CONTAINER, container.id().value());
    }

    private void deleteFiles(Container container, boolean withVolumes) {
        try {
            removed.delete(container);
        } finally {
            if (withVolumes) {
                use.removeAnonymous(container.snapshot().spec());
            }
            events.publish(container, "destroy");
            container.exclusively(container::finishRemoval);
            for (Consumer<Container> listener : listeners) {
                listener.accept(container);
            }
            LOG.atDebug().addKeyValue("containerId", container.id()).log("container removed");
        }
    }
}
