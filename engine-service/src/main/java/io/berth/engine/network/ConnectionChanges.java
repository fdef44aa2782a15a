package io.berth.engine.network;

import io.berth.docker.error.Forbidden;
import io.berth.docker.error.SystemFailure;
import io.berth.docker.network.EndpointConfig;
import io.berth.engine.network.dns.DnsSockets;
import io.berth.engine.network.runtime.Attachment;
import io.berth.engine.network.runtime.EndpointPlan;
import io.berth.engine.network.runtime.NetworkFailure;
import io.berth.engine.network.runtime.NetworkRuntime;
import io.berth.linux.fd.Fd;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Changes the connections and ports of containers that run.
 *
 * <p>Thread-safe for different containers; for one container, the calls are made with its lock held.
 */
@Component
public final class ConnectionChanges {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionChanges.class);

    private final Networks networks;
    private final NetworkRuntime runtime;
    private final ActiveConnections active;
    private final Joining joining;
    private final ContainerPorts ports;
    private final ContainerNameServer names;

    ConnectionChanges(
            Networks networks,
            NetworkRuntime runtime,
            ActiveConnections active,
            Joining joining,
            ContainerPorts ports,
            ContainerNameServer names) {
        this.networks = networks;
        this.runtime = runtime;
        this.active = active;
        this.joining = joining;
        this.ports = ports;
        this.names = names;
    }

    /**
     * Connects a container to another network.
     *
     * @param request with the network among its endpoints
     * @param namespace opens its network namespace
     * @throws Forbidden when it is connected already, or an address is in use
     * @throws SystemFailure when the kernel refuses it; nothing has changed then
     */
    public Connections connect(NetworkRequest request, Network network, EndpointConfig config, Supplier<Fd> namespace) {
        Connections made = active.require(request.containerId());
        if (made.to(network).isPresent()) {
            throw new Forbidden("endpoint with name " + request.containerName() + " already exists in network "
                    + network.spec().name());
        }
        NetworkRequest before = made.request();
        made.request(request);
        try {
            joining.join(made, network, config);
            attach(made, network, namespace);
        } catch (RuntimeException e) {
            made.request(before);
            undo(made, network, namespace);
            throw asSystemFailure(e);
        }
        networks.publish(network, "connect", Map.of("container", made.containerId()));
        return made;
    }

    private void attach(Connections made, Network network, Supplier<Fd> namespace) {
        Connection joined = made.to(network).orElseThrow();
        ContainerPorts.take(made);
        try (Fd inside = namespace.get()) {
            if (network.plan().isPresent()) {
                // Its default routes take the place of those that there are, when all else is in order.
                EndpointPlan plan = made.plan(joined).withoutDefaultGateways();
                made.replace(joined.with(runtime.attach(inside, plan)));
            }
            settle(made, namespace);
            if (made.hasNames() && made.sockets().isEmpty()) {
                names.open(made, inside, namespace);
            }
        }
    }

    private void undo(Connections made, Network network, Supplier<Fd> namespace) {
        made.to(network).ifPresent(connection -> {
            try {
                detach(connection, namespace);
                made.remove(connection);
                settle(made, namespace);
                // How far the new ones had come is not known.
                for (Connection left : made.inKernel()) {
                    route(made.plan(left), namespace);
                }
            } catch (RuntimeException e) {
                LOG.atError()
                        .setCause(e)
                        .addKeyValue("containerId", made.containerId())
                        .log("a connection that failed could not be taken back whole");
            } finally {
                made.remove(connection);
                Joining.leave(made.containerId(), connection);
            }
        });
    }

    private void detach(Connection connection, Supplier<Fd> namespace) {
        @Nullable Attachment attachment = connection.attachment();
        if (attachment != null) {
            try (Fd inside = namespace.get()) {
                runtime.detach(inside, attachment);
            }
        }
    }

    private static RuntimeException asSystemFailure(RuntimeException failure) {
        return failure instanceof NetworkFailure
                ? new SystemFailure(String.valueOf(failure.getMessage()), failure)
                : failure;
    }

    /**
     * Disconnects a container.
     *
     * @param request without the network
     * @throws SystemFailure when the kernel refuses it; nothing has changed then
     */
    public Connections disconnect(NetworkRequest request, Network network, Supplier<Fd> namespace) {
        Connections made = active.require(request.containerId());
        Connection connection = made.to(network)
                .orElseThrow(() -> new Forbidden("container " + request.containerId() + " is not connected to network "
                        + network.spec().name()));
        try {
            detach(connection, namespace);
        } catch (NetworkFailure e) {
            throw asSystemFailure(e);
        }
        made.remove(connection);
        made.request(request);
        Joining.leave(made.containerId(), connection);
        try {
            settle(made, namespace);
        } catch (RuntimeException e) {
            // It is disconnected; what is left of its network is as far as the kernel let it.
            LOG.atError()
                    .setCause(e)
                    .addKeyValue("containerId", made.containerId())
                    .log("another way out could not be set up after a disconnection");
        }
        if (!made.hasNames()) {
            made.sockets().ifPresent(DnsSockets::close);
            made.sockets(null);
        }
        networks.publish(network, "disconnect", Map.of("container", made.containerId()));
        return made;
    }

    /**
     * Publishes other ports of a container that runs.
     *
     * @param request with the ports
     * @param namespace opens its network namespace
     * @throws SystemFailure when a port is in use, or the kernel refuses it; those from before are published then
     */
    public Connections publishPorts(NetworkRequest request, Supplier<Fd> namespace) {
        Connections made = active.require(request.containerId());
        NetworkRequest before = made.request();
        List<PublishedPort> published = made.publication().ports();
        made.request(request);
        made.publication(made.publication().changed(ContainerPorts.wishes(request)));
        try {
            ContainerPorts.take(made);
            settle(made, namespace);
        } catch (RuntimeException e) {
            restorePorts(made, before, published, namespace);
            throw asSystemFailure(e);
        }
        return made;
    }

    private void restorePorts(
            Connections made, NetworkRequest before, List<PublishedPort> published, Supplier<Fd> namespace) {
        made.request(before);
        made.publication().close();
        Publication again = ports.publication(before);
        made.publication(again);
        try {
            again.retake(published);
            settle(made, namespace);
        } catch (RuntimeException e) {
            LOG.atError()
                    .setCause(e)
                    .addKeyValue("containerId", made.containerId())
                    .log("ports could not be published again as before");
        }
    }

    /** Another connection may be the way to everything else now, and the one that ports are published through. */
    private void settle(Connections made, Supplier<Fd> namespace) {
        made.publish();
        for (Connection connection : made.inKernel()) {
            @Nullable Attachment attachment = connection.attachment();
            EndpointPlan plan = made.plan(connection);
            if (attachment == null || attachment.endpoint().equals(plan)) {
                continue;
            }
            boolean otherWay = !attachment.endpoint().defaultGateways().equals(plan.defaultGateways());
            Attachment changed = runtime.publish(attachment, plan);
            made.replace(connection.with(changed));
            if (otherWay) {
                route(plan, namespace);
            }
        }
    }

    private void route(EndpointPlan plan, Supplier<Fd> namespace) {
        if (!plan.defaultGateways().isEmpty()) {
            try (Fd inside = namespace.get()) {
                runtime.route(inside, plan);
            }
        }
    }
}
