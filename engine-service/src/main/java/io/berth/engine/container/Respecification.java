package io.berth.engine.container;

import io.berth.engine.kept.KeptDefinitions;
import io.berth.engine.kept.Kind;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Makes containers be something else than they were created as: sees whether there is room for that, has it done and writes it.
 * Thread-safe; called with the container's lock held.
 */
@Component
final class Respecification {
    private static final Logger LOG = LoggerFactory.getLogger(Respecification.class);

    private final ContainerStore store;
    private final KeptDefinitions kept;

    Respecification(ContainerStore store, KeptDefinitions kept) {
        this.store = store;
        this.kept = kept;
    }

    /**
     * Changes a container and returns when that is on disk. When anything fails it is as it was.
     *
     * @param planned what it is to be
     * @param work does what a change of one that runs takes, and says what it is then; leaves nothing when it fails
     * @param undo takes back what the work has done
     * @throws io.berth.docker.error.InvalidParameter when its definition would be too long
     * @throws io.berth.docker.error.Conflict when all that are kept would take too much memory
     */
    void change(Container container, ContainerSnapshot planned, UnaryOperator<ContainerSnapshot> work, Runnable undo) {
        ContainerSpec before = container.snapshot().spec();
        ContainerSpec spec = planned.spec();
        kept.put(Kind.CONTAINER, spec.id(), spec.labels(), spec);
        try {
            ContainerSnapshot after = work.apply(planned);
            record(after, undo);
            container.publish(after);
        } catch (RuntimeException e) {
            kept.load(Kind.CONTAINER, before.id(), before.labels(), before);
            throw e;
        }
    }

    private void record(ContainerSnapshot after, Runnable undo) {
        try {
            store.update(after);
        } catch (RuntimeException e) {
            try {
                undo.run();
            } catch (RuntimeException again) {
                LOG.atError()
                        .setCause(again)
                        .addKeyValue("containerId", after.id())
                        .log("a change that could not be recorded could not be taken back whole");
            }
            throw e;
        }
    }
}
