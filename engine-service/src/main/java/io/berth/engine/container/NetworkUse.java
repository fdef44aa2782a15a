package io.berth.engine.container;

import io.berth.engine.network.Connections;
import io.berth.engine.network.ContainerNetworks;
import io.berth.engine.network.NetworkRequest;
import io.berth.engine.network.NetworkState;
import io.berth.engine.network.ResumeConnections;
import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Fd;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import io.berth.linux.process.Pidfd;
import io.berth.linux.process.ProcessIdentity;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What a container's networks need before each start, while it runs and after each end. Called with the container's lock held. */
@Component
final class NetworkUse {
    /** What opening a namespace fails with whose process has ended, or is being reaped. */
    private static final Set<Integer> ENDED = Set.of(Errno.ENOENT, Errno.ESRCH);

    private final ContainerNetworks networks;
    private final ResumeConnections resume;
    private final ContainerTexts texts;

    NetworkUse(ContainerNetworks networks, ResumeConnections resume, ContainerTexts texts) {
        this.networks = networks;
        this.resume = resume;
        this.texts = texts;
    }

    /** What a start has taken, and what it will be kept as. */
    record Begun(Connections connections, NetworkState state) {}

    /**
     * Takes addresses and ports, and writes the files that tell the container of them.
     *
     * @throws io.berth.docker.error.ApiException when a network does not exist, or an address or port is in use; nothing is taken
     *     then
     */
    Begun begin(ContainerSnapshot container) {
        Connections connections = networks.begin(request(container), ContainerTexts.resolver(container.spec()));
        try {
            String written = texts.write(container, connections);
            networks.publishConnected(connections);
            return new Begun(connections, connections.state(written));
        } catch (RuntimeException e) {
            Optional<Connections> _ = networks.end(container.id().value());
            throw e;
        }
    }

    /**
     * Makes the container's network namespace, by the thread that starts it.
     *
     * @return owned by the caller
     */
    Fd open(Begun begun, @Nullable Fd userNamespace) {
        return networks.open(begun.connections(), userNamespace);
    }

    /** The container runs. */
    NetworkState started(Begun begun, ProcessIdentity process) {
        networks.started(begun.connections(), namespaceOf(begun.connections().containerId(), process));
        return begun.connections().state(begun.state().resolvConf());
    }

    /** The container has ended, or its start has failed: what it had is free. */
    Optional<Connections> end(ContainerSnapshot container) {
        return networks.end(container.id().value());
    }

    /** Tells of the end of its connections. */
    void publishEnd(Connections ended) {
        networks.publishDisconnected(ended);
    }

    /** The container has been running since before the engine started. */
    void resume(ContainerSnapshot container, ProcessIdentity process) {
        resume.resume(
                request(container),
                container.network(),
                ContainerTexts.resolver(container.spec()),
                namespaceOf(container.spec().id(), process));
    }

    /** All containers that run have been taken up: the kernel is brought in line. */
    void reconcile() {
        resume.reconcile();
    }

    /** The container has another name. */
    void rename(ContainerSnapshot container) {
        networks.rename(request(container));
    }

    static NetworkRequest request(ContainerSnapshot container) {
        ContainerSpec spec = container.spec();
        return new NetworkRequest(
                spec.id(),
                container.name(),
                spec.config(),
                spec.hostConfig(),
                spec.networks(),
                spec.given(),
                container.network());
    }

    /**
     * Opens the network namespace of a container's process, and of no other that has its number later; the supplier throws
     * {@link ProcessEnded} when it has ended.
     */
    static Supplier<Fd> namespaceOf(String containerId, ProcessIdentity process) {
        return () -> {
            try (Pidfd pidfd = Pidfd.open(process).orElseThrow(() -> new ProcessEnded(containerId))) {
                return Namespaces.open(pidfd, Namespace.NETWORK);
            } catch (SyscallException e) {
                throw ENDED.contains(e.errno()) ? new ProcessEnded(containerId) : e;
            }
        };
    }
}
