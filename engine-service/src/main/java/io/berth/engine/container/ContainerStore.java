package io.berth.engine.container;

import io.berth.engine.runtime.ContainerId;
import java.util.List;

/**
 * Containers on disk. When a call returns, its effect survives a kill -9 of the engine.
 * Thread-safe; the caller orders calls for the same container.
 */
public interface ContainerStore {
    /** Adds a container. */
    void insert(ContainerSnapshot container);

    /** Writes the state alone. */
    void updateState(ContainerSnapshot container);

    /** Writes specification and state, both or neither. */
    void update(ContainerSnapshot container);

    /** Writes the name alone. */
    void rename(ContainerId id, String name);

    /** Forgets a container; does nothing when it is not there. */
    void delete(ContainerId id);

    /** All containers. */
    List<ContainerSnapshot> loadAll();
}
