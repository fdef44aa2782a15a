package io.berth.engine.container;

import io.berth.docker.error.Conflict;
import io.berth.docker.error.Forbidden;
import io.berth.docker.error.NotFound;
import io.berth.docker.network.EndpointConfig;
import io.berth.engine.network.ConnectionChanges;
import io.berth.engine.network.Connections;
import io.berth.engine.network.ContainerNetworks;
import io.berth.engine.network.Network;
import io.berth.engine.network.NetworkSpec;
import io.berth.engine.network.Networks;
import io.berth.engine.network.NoSuchNetwork;
import io.berth.linux.fd.Fd;
import io.berth.linux.process.ProcessIdentity;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.springframework.stereotype.Component;

/**
 * Connects containers to networks and disconnects them, whether they run or not (moby: daemon/container_operations.go). What
 * returns is on disk.
 */
@Component
public final class ConnectContainer {
    private static final String SHARING =
            "container sharing network namespace with another container or host cannot be connected to any other network";
    private static final String HOST_NETWORK =
            "container cannot be disconnected from host network or connected to host network";

    /** From the end of a process to its record. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Containers containers;
    private final Respecification respecification;
    private final Networks networks;
    private final ContainerNetworks connections;
    private final ConnectionChanges changes;
    private final ContainerTexts texts;

    ConnectContainer(
            Containers containers,
            Respecification respecification,
            Networks networks,
            ContainerNetworks connections,
            ConnectionChanges changes,
            ContainerTexts texts) {
        this.containers = containers;
        this.respecification = respecification;
        this.networks = networks;
        this.connections = connections;
        this.changes = changes;
        this.texts = texts;
    }

    /**
     * Connects a container.
     *
     * @throws NotFound when there is no such network or container
     * @throws io.berth.docker.error.InvalidParameter when the settings are wrong
     * @throws Forbidden when it is connected already, an address is in use, or it cannot be in this network
     * @throws Conflict when it is being removed, or its process has ended and that is not recorded in time
     */
    public void connect(String networkReference, String reference, EndpointConfig config) {
        Network network = networks.find(networkReference);
        Container container = containers.find(reference);
        connections.check(network.spec().name(), config);
        asItIs(container, () -> {
            refuseRemoved(container);
            ContainerSnapshot before = container.snapshot();
            refuseExclusive(before.spec(), network.spec());
            boolean runs = container.run().isPresent();
            String name = network.spec().name();
            if (before.spec().networks().containsKey(name) && runs) {
                throw new Forbidden("endpoint with name " + before.name() + " already exists in network " + name);
            }
            Map<String, EndpointConfig> changed =
                    new LinkedHashMap<>(before.spec().networks());
            changed.put(name, config);
            ContainerSnapshot after = before.with(
                    before.spec().withNetworks(changed, before.spec().given().with(network.spec())));
            if (!runs) {
                keep(container, after.with(after.network().knowing(Set.of(name))));
                return;
            }
            Supplier<Fd> namespace = NetworkUse.namespaceOf(before.spec().id(), process(before));
            respecification.change(
                    container,
                    after,
                    planned ->
                            settled(planned, changes.connect(NetworkUse.request(planned), network, config, namespace)),
                    () -> settled(before, changes.disconnect(NetworkUse.request(before), network, namespace)));
        });
    }

    /**
     * Disconnects a container.
     *
     * @param force also one that does not exist any more
     * @throws NotFound when there is no such network or container
     * @throws Forbidden when it is not connected
     */
    public void disconnect(String networkReference, String reference, boolean force) {
        Container container;
        try {
            container = containers.find(reference);
        } catch (NoSuchContainer e) {
            if (force) {
                Network _ = networks.find(networkReference);
                throw new NotFound("endpoint " + reference + " not found", e);
            }
            throw e;
        }
        asItIs(container, () -> {
            refuseRemoved(container);
            disconnect(container, networkReference);
        });
    }

    private void disconnect(Container container, String reference) {
        ContainerSnapshot before = container.snapshot();
        boolean runs = container.run().isPresent();
        Optional<Network> found = networks.lookUp(reference);
        if (found.isEmpty() && runs) {
            throw new NoSuchNetwork(reference);
        }
        String name = found.map(network -> network.spec().name()).orElse(reference);
        if (found.filter(network -> network.spec().driver().equals(NetworkSpec.HOST))
                .isPresent()) {
            throw new Forbidden(HOST_NETWORK);
        }
        if (!before.spec().networks().containsKey(name)) {
            throw new Forbidden(
                    "container " + before.id() + " is not connected to " + (runs ? "network " : "the network ") + name);
        }
        Map<String, EndpointConfig> changed = new LinkedHashMap<>(before.spec().networks());
        changed.remove(name);
        ContainerSnapshot after =
                before.with(before.spec().withNetworks(changed, before.spec().given()));
        if (!runs) {
            keep(container, after);
            return;
        }
        Network network = found.orElseThrow();
        Supplier<Fd> namespace = NetworkUse.namespaceOf(before.spec().id(), process(before));
        EndpointConfig config = before.spec().networks().get(name);
        respecification.change(
                container,
                after,
                planned -> settled(planned, changes.disconnect(NetworkUse.request(planned), network, namespace)),
                // It may have another address now.
                () -> container.publish(
                        settled(before, changes.connect(NetworkUse.request(before), network, config, namespace))));
    }

    private ContainerSnapshot settled(ContainerSnapshot container, Connections made) {
        return container.with(made.state(texts.write(container, made)));
    }

    private void keep(Container container, ContainerSnapshot after) {
        respecification.change(container, after, UnaryOperator.identity(), () -> {});
    }

    /** Meets a container whose process has just ended again when that is recorded: then it is one that does not run. */
    private static void asItIs(Container container, Runnable work) {
        Optional<Run> run = container.run();
        try {
            container.exclusively(work);
        } catch (ProcessEnded e) {
            if (run.isEmpty() || !isRecorded(run.get())) {
                throw e;
            }
            container.exclusively(work);
        }
    }

    private static boolean isRecorded(Run run) {
        try {
            ContainerState _ = run.ended().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }

    private static ProcessIdentity process(ContainerSnapshot container) {
        ProcessIdentity process = container.state().process();
        if (process == null) {
            throw new ProcessEnded(container.spec().id());
        }
        return process;
    }

    private static void refuseRemoved(Container container) {
        if (container.isRemoved()) {
            throw new Conflict("container " + container.id()
                    + " is marked for removal and cannot be connected or disconnected to the network");
        }
    }

    /** Some networks a container is in alone. */
    private static void refuseExclusive(ContainerSpec spec, NetworkSpec network) {
        if (NamespaceModes.isContainer(spec.hostConfig().networkMode())
                || spec.networks().containsKey("host")) {
            throw new Forbidden(SHARING);
        }
        if (network.driver().equals(NetworkSpec.HOST)) {
            throw new Forbidden(HOST_NETWORK);
        }
        boolean none = spec.networks().containsKey("none")
                || (network.driver().equals(NetworkSpec.NULL)
                        && !spec.networks().isEmpty());
        if (none) {
            throw new Forbidden(
                    "container cannot be connected to multiple networks with one of the networks in private (none) mode");
        }
    }
}
