package io.berth.engine.container;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.springframework.stereotype.Component;

/**
 * Tells parts of the engine that a container has been started, found again, paused, resumed, or has ended. Thread-safe.
 *
 * <p>Listeners are called with the container's lock held, so that they see changes in their order; they must not wait.
 */
@Component
public final class ContainerChanges {
    private final List<Consumer<Container>> listeners = new CopyOnWriteArrayList<>();

    /** Listens from now on. */
    public void onChange(Consumer<Container> listener) {
        listeners.add(listener);
    }

    /** Tells that a container's status has changed. */
    void changed(Container container) {
        listeners.forEach(listener -> listener.accept(container));
    }
}
