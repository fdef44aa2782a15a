package io.berth.engine.network;

import io.berth.docker.error.SystemFailure;
import io.berth.engine.network.runtime.Attachment;
import io.berth.engine.network.runtime.NetworkFailure;
import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.engine.network.runtime.NetworkRuntime;
import io.berth.linux.fd.Fd;
import io.berth.linux.netlink.MacAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Takes up, when the engine starts, the connections of containers that have been running since before. */
@Component
public final class ResumeConnections {
    private static final Logger LOG = LoggerFactory.getLogger(ResumeConnections.class);

    private final Networks networks;
    private final NetworkRuntime runtime;
    private final ActiveConnections active;
    private final Joining joining;
    private final ContainerPorts ports;
    private final ContainerNameServer names;
    private final LegacyLinks links;

    ResumeConnections(
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
     * Takes up the connections of a container that has been running since before the engine was started.
     *
     * @param state as it was kept
     * @param namespace opens its network namespace
     */
    public void resume(NetworkRequest request, NetworkState state, Resolver resolver, Supplier<Fd> namespace) {
        Connections made =
                new Connections(request, state.sandboxId(), ports.publication(request), resolver.upstreams());
        for (Endpoint endpoint : state.endpoints()) {
            Optional<Network> network = networks.byId(endpoint.networkId());
            if (endpoint.active() && network.isPresent()) {
                Joining.rejoin(made, network.get(), request.config(endpoint.networkName()), endpoint);
            }
        }
        try {
            made.publication().retake(state.ports());
        } catch (SystemFailure e) {
            LOG.atWarn()
                    .setCause(e)
                    .addKeyValue("containerId", request.containerId())
                    .log("a published port was taken by another program while no engine ran");
        }
        made.publish();
        made.links(links.ports(request));
        for (Connection connection : made.inKernel()) {
            made.replace(connection.with(new Attachment(
                    made.plan(connection),
                    connection.endpoint().hostInterface(),
                    MacAddress.parse(connection.endpoint().mac()))));
        }
        active.put(made);
        if (made.hasNames()) {
            resumeNames(made, namespace);
        }
    }

    private void resumeNames(Connections made, Supplier<Fd> namespace) {
        try (Fd inside = namespace.get()) {
            names.open(made, inside, namespace);
        } catch (RuntimeException e) {
            LOG.atError()
                    .setCause(e)
                    .addKeyValue("containerId", made.containerId())
                    .log("a container's name server could not be opened again");
        }
    }

    /** Brings the kernel's state in line, after all containers that run have been taken up again. */
    public void reconcile() {
        Set<Network> inUse = new HashSet<>();
        List<Attachment> running = new ArrayList<>();
        for (Connections made : active.all()) {
            inUse.addAll(made.networks());
            running.addAll(made.attachments());
        }
        List<NetworkPlan> plans = new ArrayList<>();
        for (Network network : networks.unordered()) {
            if (!network.spec().predefined() || inUse.contains(network)) {
                network.plan().ifPresent(plans::add);
            }
        }
        try {
            runtime.reconcile(plans, running);
        } catch (NetworkFailure e) {
            // Containers without a network can still be run, and each start on a bridge says what is wrong.
            LOG.atError().setCause(e).log("networks could not be brought in line");
            return;
        }
        releaseEnded(running);
        for (Network network : networks.unordered()) {
            if (network.plan().filter(plans::contains).isPresent()) {
                raiseAgain(network);
            }
        }
    }

    /** A container that ended a moment ago was not in the firewall yet when it was taken out of it. */
    private void releaseEnded(List<Attachment> taken) {
        Set<String> still = new HashSet<>();
        for (Connections made : active.all()) {
            made.attachments()
                    .forEach(attachment -> still.add(attachment.endpoint().id()));
        }
        for (Attachment attachment : taken) {
            if (!still.contains(attachment.endpoint().id())) {
                release(attachment);
            }
        }
    }

    private void release(Attachment attachment) {
        try {
            runtime.release(attachment);
        } catch (NetworkFailure e) {
            LOG.atError()
                    .setCause(e)
                    .addKeyValue("interface", attachment.hostInterface())
                    .log("a connection that has ended could not be released");
        }
    }

    private void raiseAgain(Network network) {
        try {
            network.exclusively(() -> joining.raise(network));
        } catch (SystemFailure e) {
            // The others are raised all the same; a start on this one tries again.
            LOG.atError()
                    .setCause(e)
                    .addKeyValue("network", network.spec().name())
                    .log("network not raised");
        }
    }
}
