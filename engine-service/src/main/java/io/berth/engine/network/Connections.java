package io.berth.engine.network;

import io.berth.engine.network.dns.DnsSockets;
import io.berth.engine.network.dns.Upstreams;
import io.berth.engine.network.runtime.Attachment;
import io.berth.engine.network.runtime.EndpointPlan;
import io.berth.engine.network.runtime.EndpointPlan.LinkedPort;
import io.berth.engine.network.runtime.PortRule;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The networks of one container while it runs. Changes are made with the container's lock held; reading takes none.
 */
public final class Connections {
    private final String sandboxId;
    private volatile Publication publication;
    private final Upstreams upstreams;
    private volatile NetworkRequest request;
    private volatile List<Connection> connections = List.of();
    private volatile List<PublishedPort> ports = List.of();
    private volatile List<LinkedPort> links = List.of();
    private @Nullable DnsSockets sockets;

    Connections(NetworkRequest request, String sandboxId, Publication publication, Upstreams upstreams) {
        this.request = request;
        this.sandboxId = sandboxId;
        this.publication = publication;
        this.upstreams = upstreams;
    }

    NetworkRequest request() {
        return request;
    }

    void request(NetworkRequest changed) {
        request = changed;
    }

    /** Whose they are. */
    public String containerId() {
        return request.containerId();
    }

    List<Connection> all() {
        return connections;
    }

    /** Those that the kernel has something to do for. */
    List<Connection> inKernel() {
        return connections.stream()
                .filter(connection -> connection.network().plan().isPresent())
                .toList();
    }

    /** What the kernel has made for them. */
    List<Attachment> attachments() {
        List<Attachment> attachments = new ArrayList<>();
        for (Connection connection : connections) {
            @Nullable Attachment attachment = connection.attachment();
            if (attachment != null) {
                attachments.add(attachment);
            }
        }
        return attachments;
    }

    void add(Connection connection) {
        List<Connection> more = new ArrayList<>(connections);
        more.add(connection);
        connections = List.copyOf(more);
    }

    void remove(Connection connection) {
        connections = connections.stream()
                .filter(other ->
                        !other.endpoint().id().equals(connection.endpoint().id()))
                .toList();
    }

    /** Takes a connection in the place of the one with the same id. */
    void replace(Connection changed) {
        connections = connections.stream()
                .map(other -> other.endpoint().id().equals(changed.endpoint().id()) ? changed : other)
                .toList();
    }

    Optional<Connection> to(Network network) {
        return connections.stream()
                .filter(connection -> connection.network().equals(network))
                .findFirst();
    }

    /** The first name of an interface that is not taken. */
    String freeInterface(String prefix) {
        Set<String> taken = new HashSet<>();
        connections.forEach(connection -> taken.add(connection.endpoint().interfaceName()));
        int number = 0;
        while (taken.contains(prefix + number)) {
            number++;
        }
        return prefix + number;
    }

    /** What the kernel is told of a connection, as things are now. */
    EndpointPlan plan(Connection connection) {
        List<Connection> all = connections;
        List<PortRule> rules = publication.rules(connection, all);
        return connection
                .plan(Gateways.of(connection, all), rules, links, request.routes())
                .orElseThrow();
    }

    void publication(Publication changed) {
        publication = changed;
    }

    Publication publication() {
        return publication;
    }

    /** Ports of others that it may reach where the network's containers do not reach each other. */
    void links(List<LinkedPort> ports) {
        links = List.copyOf(ports);
    }

    /** Its ports have changed. */
    void publish() {
        ports = publication.ports();
    }

    Upstreams upstreams() {
        return upstreams;
    }

    Optional<DnsSockets> sockets() {
        return Optional.ofNullable(sockets);
    }

    void sockets(@Nullable DnsSockets opened) {
        sockets = opened;
    }

    /** Whether it finds other containers by name. */
    public boolean hasNames() {
        return connections.stream()
                .anyMatch(connection -> connection.network().spec().hasNames());
    }

    List<Network> networks() {
        return connections.stream().map(Connection::network).toList();
    }

    /** What is kept of it. */
    public NetworkState state(String resolvConf) {
        return new NetworkState(
                // What is in another container's namespace has none of its own.
                connections.isEmpty() ? "" : sandboxId,
                connections.stream().map(Connection::endpoint).toList(),
                ports,
                resolvConf);
    }

    /** Its connections, in the order of its interfaces. */
    public List<Endpoint> endpoints() {
        return connections.stream().map(Connection::endpoint).toList();
    }
}
