package io.berth.gateway.health;

import io.berth.gateway.health.PlatformState.NodeState;
import io.berth.gateway.node.Node;
import io.berth.gateway.node.Nodes;
import io.berth.gateway.route.Backend;
import io.berth.gateway.transport.Transport;
import io.berth.unixhttp.PlatformKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Asks all services at once how they are. Thread-safe. */
public final class PlatformHealth {
    private static final Duration LIMIT = Duration.ofSeconds(1);

    private final Map<Backend, Path> sockets;
    private final BackendProbe probe;
    private final Nodes nodes;

    /**
     * @param sockets of the services to ask; the gateway itself is not asked
     * @param nodes whose reach is watched all the time, so that nothing is asked for it
     */
    public PlatformHealth(Transport transport, PlatformKey key, Map<Backend, Path> sockets, Nodes nodes) {
        this.nodes = nodes;
        this.sockets = new EnumMap<>(sockets);
        this.sockets.remove(Backend.PLATFORM);
        this.probe = new BackendProbe(transport, key, LIMIT);
    }

    /** The state now; takes no longer than one second. Blocks, so not for an event loop. */
    public PlatformState state() {
        Map<Backend, CompletableFuture<ServiceState>> asked = new EnumMap<>(Backend.class);
        sockets.forEach((backend, socket) -> asked.put(backend, probe.probe(socket)));
        Map<String, ServiceState> services = new LinkedHashMap<>();
        asked.forEach((backend, answer) -> services.put(backend.id(), answer.join()));
        services.put("gateway", ServiceState.up(0));
        boolean up = services.values().stream().allMatch(ServiceState::healthy);
        if (!nodes.several()) {
            return new PlatformState(up ? "UP" : "DOWN", services, null);
        }
        Map<String, NodeState> reach = new LinkedHashMap<>();
        boolean all = true;
        for (Node node : nodes.all()) {
            String cause = node.reach().cause();
            all &= cause == null;
            reach.put(node.name(), new NodeState(cause == null ? "UP" : "DOWN", cause));
        }
        return new PlatformState(up ? (all ? "UP" : "DEGRADED") : "DOWN", services, reach);
    }
}
