package io.berth.engine.network;

import io.berth.docker.container.HostConfig;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.network.EndpointConfig;
import io.berth.engine.network.dns.DnsSockets;
import io.berth.engine.network.runtime.Attachment;
import io.berth.engine.network.runtime.NetworkFailure;
import io.berth.engine.network.runtime.NetworkRuntime;
import io.berth.engine.network.runtime.Sandbox;
import io.berth.linux.fd.Fd;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Connects containers to their networks when they start, and ends that when they do: gives them addresses, ports and names, and
 * has the kernel do its part.
 *
 * <p>Thread-safe for different containers; for one container, the calls are made with its lock held.
 */
@Component
public final class ContainerNetworks {
    private static final Logger LOG = LoggerFactory.getLogger(ContainerNetworks.class);

    private final Networks networks;
    private final NetworkRuntime runtime;
    private final ActiveConnections active;
    private final Joining joining;
    private final ContainerPorts ports;
    private final ContainerNameServer names;
    private final LegacyLinks links;

    ContainerNetworks(
            Networks networks,
            NetworkRuntime runtime,
            ActiveConnections active,
            Joining joining,
            ContainerPorts ports,
            ContainerNameServer names,
            LegacyLinks links) {
        this.networks = networks;
        this.runtime = runtime;
        this.active = active;
        this.joining = joining;
        this.ports = ports;
        this.names = names;
        this.links = links;
    }

    /**
     * Takes addresses and ports for a container that is about to start. It must be followed by {@link #end}, also when the start
     * fails.
     *
     * @param resolver who is asked for names that the container's networks do not know
     * @throws NoSuchNetwork when one of its networks does not exist
     * @throws io.berth.docker.error.Forbidden when an address is in use
     * @throws io.berth.docker.error.SystemFailure when a port is, in moby's words
     */
    public Connections begin(NetworkRequest request, Resolver resolver) {
        Connections made =
                new Connections(request, CreateNetwork.newId(), ports.publication(request), resolver.upstreams());
        try {
            for (String name : request.endpoints().keySet()) {
                joining.join(made, find(name, request), request.config(name));
            }
            made.links(links.ports(request));
            ContainerPorts.take(made);
        } catch (RuntimeException e) {
            forget(made);
            throw e;
        }
        active.put(made);
        return made;
    }

    /**
     * The one that the container was given, by its id (moby: findAndAttachNetwork), and not whichever has got its name since. What every
     * engine has, and what was not there yet, is known by name.
     */
    private Network find(String name, NetworkRequest request) {
        Optional<Network> named = networks.byName(name);
        if (named.filter(network -> network.spec().predefined()).isPresent()) {
            return named.get();
        }
        Optional<String> id = request.networkId(name);
        return (id.isPresent() ? networks.byId(id.get()) : named).orElseThrow(() -> new NoSuchNetwork(id.orElse(name)));
    }

    /**
     * Makes a namespace with the container's interfaces, and its name server. Called by the thread that starts the container.
     *
     * @return owned by the caller
     * @throws NetworkFailure when the kernel refuses it; {@link #end} cleans up
     */
    public Fd open(Connections made, @Nullable Fd userNamespace) {
        List<Connection> inKernel = made.inKernel();
        Sandbox sandbox = runtime.open(inKernel.stream().map(made::plan).toList(), userNamespace, made.hasNames());
        for (int i = 0; i < inKernel.size(); i++) {
            made.replace(inKernel.get(i).with(sandbox.attachments().get(i)));
        }
        made.sockets(sandbox.nameServer());
        return sandbox.namespace();
    }

    /**
     * The container runs: names are served.
     *
     * @param namespace opens its network namespace; called by threads that may block
     */
    public void started(Connections made, Supplier<Fd> namespace) {
        names.serve(made, namespace);
    }

    /** Tells that a container is connected to its networks. */
    public void publishConnected(Connections made) {
        made.networks().forEach(network -> publish(network, "connect", made.containerId()));
    }

    private void publish(Network network, String action, String containerId) {
        networks.publish(network, action, Map.of("container", containerId));
    }

    /**
     * The container has ended, or was not started: its addresses and ports are free when this returns.
     *
     * @return what it had; empty when it had no connections
     */
    public Optional<Connections> end(String containerId) {
        Optional<Connections> ended = active.remove(containerId);
        ended.ifPresent(connections -> {
            // First: an interface that is about to go would else answer for the address of who gets it next.
            connections.attachments().forEach(this::release);
            forget(connections);
        });
        return ended;
    }

    /** Tells that a container is no longer connected. */
    public void publishDisconnected(Connections ended) {
        ended.networks().forEach(network -> publish(network, "disconnect", ended.containerId()));
    }

    private void release(Attachment attachment) {
        try {
            runtime.release(attachment);
        } catch (RuntimeException e) {
            // The next engine replaces all rules.
            LOG.atError()
                    .setCause(e)
                    .addKeyValue("endpoint", attachment.endpoint().id())
                    .log("rules of a stopped container could not be removed");
        }
    }

    private static void forget(Connections made) {
        made.sockets().ifPresent(DnsSockets::close);
        made.publication().close();
        made.all().forEach(connection -> Joining.leave(made.containerId(), connection));
    }

    /** The container has another name now. */
    public void rename(NetworkRequest request) {
        active.find(request.containerId()).ifPresent(renamed -> {
            renamed.request(request);
            renamed.all().forEach(connection -> Joining.rename(request, connection));
        });
    }

    /** The address by which containers on the default bridge reach the host. */
    public Optional<InetAddress> hostGateway() {
        return networks.unordered().stream()
                .filter(network -> network.spec().isDefaultBridge())
                .findFirst()
                .map(network -> network.gateway(true));
    }

    /**
     * Checks the ports that a container is to publish.
     *
     * @throws InvalidParameter in moby's words
     */
    public static void checkPorts(HostConfig host) {
        List<PortSpec> _ = PortSpec.of(host.portBindings(), Set.of(), false);
    }

    /**
     * Checks how a container is to be connected.
     *
     * @param name of the network
     * @throws InvalidParameter in moby's words, with everything that is wrong
     */
    public void check(String name, EndpointConfig config) {
        List<String> errors = EndpointCheck.errors(config, networks.toJoin(name));
        if (!errors.isEmpty()) {
            throw new InvalidParameter("invalid endpoint settings:\n" + IpamCheck.joined(errors));
        }
    }
}
