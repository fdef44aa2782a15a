package io.berth.engine.container;

import io.berth.docker.error.Conflict;
import io.berth.docker.error.InvalidParameter;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Renames containers. */
@Component
public final class RenameContainer {
    private static final String REFUSED = "Error when allocating new name: ";

    private final Containers containers;
    private final ContainerStore store;
    private final NetworkUse networks;
    private final ContainerEvents events;

    RenameContainer(Containers containers, ContainerStore store, NetworkUse networks, ContainerEvents events) {
        this.containers = containers;
        this.store = store;
        this.networks = networks;
        this.events = events;
    }

    /**
     * Gives a container another name.
     *
     * @throws InvalidParameter when the name is not allowed or is its own
     * @throws io.berth.docker.error.Conflict when another has it
     */
    public void rename(Container container, String wanted) {
        if (wanted.isEmpty()) {
            throw new InvalidParameter("Neither old nor new names may be empty");
        }
        String name = checked(wanted);
        String old = container.exclusively(() -> {
            if (container.isRemoved()) {
                throw new NoSuchContainer(container.id().value());
            }
            ContainerSnapshot before = container.snapshot();
            if (before.name().equals(name)) {
                throw new InvalidParameter("Renaming a container with the same name as its current name");
            }
            reserve(name, container);
            try {
                store.rename(container.id(), name);
            } catch (RuntimeException e) {
                containers.release(name, container.id());
                throw e;
            }
            container.publish(before.named(name));
            networks.rename(container.snapshot());
            containers.release(before.name(), container.id());
            return before.name();
        });
        events.publish(container, "rename", Map.of("oldName", "/" + old));
    }

    private static String checked(String wanted) {
        try {
            return ContainerNames.check(wanted);
        } catch (InvalidParameter e) {
            throw new InvalidParameter(REFUSED + e.text().replace("(" + wanted + ")", "(/" + wanted + ")"), e);
        }
    }

    private void reserve(String name, Container container) {
        try {
            containers.reserve(name, container.id());
        } catch (Conflict e) {
            throw new Conflict(REFUSED + e.text(), e);
        }
    }
}
