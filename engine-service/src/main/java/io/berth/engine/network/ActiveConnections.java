package io.berth.engine.network;

import io.berth.docker.error.Forbidden;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The connections of all containers that run, by container. Thread-safe. */
@Component
final class ActiveConnections {
    private final ConcurrentMap<String, Connections> byContainer = new ConcurrentHashMap<>();

    void put(Connections connections) {
        byContainer.put(connections.containerId(), connections);
    }

    Optional<Connections> remove(String containerId) {
        return Optional.ofNullable(byContainer.remove(containerId));
    }

    Optional<Connections> find(String containerId) {
        return Optional.ofNullable(byContainer.get(containerId));
    }

    /**
     * Those of a container that must have some.
     *
     * @throws Forbidden when it has none: it shares another's network
     */
    Connections require(String containerId) {
        @Nullable Connections connections = byContainer.get(containerId);
        if (connections == null) {
            throw new Forbidden("container " + containerId + " is not connected to any network");
        }
        return connections;
    }

    Collection<Connections> all() {
        return byContainer.values();
    }
}
