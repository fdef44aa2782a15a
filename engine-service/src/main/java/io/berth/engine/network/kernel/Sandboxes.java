package io.berth.engine.network.kernel;

import io.berth.engine.network.runtime.Attachment;
import io.berth.engine.network.runtime.EndpointPlan;
import io.berth.engine.network.runtime.NetworkPlan.Driver;
import io.berth.engine.network.runtime.Sandbox;
import io.berth.linux.fd.Fd;
import io.berth.linux.launch.Launcher;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Opens namespaces with the interfaces of a container. Thread-safe. */
final class Sandboxes {
    private final SandboxPool pool;
    private final Interfaces interfaces;
    private final Ports ports;
    private final Launcher launcher;
    private final NameServers nameServers;

    Sandboxes(SandboxPool pool, Interfaces interfaces, Ports ports, Launcher launcher, NameServers nameServers) {
        this.pool = pool;
        this.interfaces = interfaces;
        this.ports = ports;
        this.launcher = launcher;
        this.nameServers = nameServers;
    }

    /**
     * Opens one.
     *
     * @param userNamespace that owns it; null for the engine's
     * @param named whether the container has the engine's name server
     * @param rules puts the rules of the attachments in force
     */
    Sandbox open(List<EndpointPlan> endpoints, @Nullable Fd userNamespace, boolean named, Rules rules) {
        BlankSandbox blank = blankFor(endpoints, userNamespace, named);
        List<Attachment> attachments = new ArrayList<>();
        try {
            for (EndpointPlan endpoint : endpoints) {
                BlankSandbox.Plugged plugged = isPooled(endpoint) ? blank.plugged() : null;
                attachments.add(
                        plugged == null
                                ? interfaces.connect(blank.namespace(), endpoint)
                                : interfaces.adopt(blank, plugged, endpoint));
            }
            if (!attachments.isEmpty()) {
                rules.add(attachments);
            }
            if (named) {
                blank.openNameServer(nameServers);
            } else {
                blank.closeNameServer();
            }
            return new Sandbox(blank.takeNamespace(), attachments, blank.nameServer());
        } catch (RuntimeException e) {
            // Interfaces go with the namespace, when the kernel comes to it; their addresses are free at once.
            attachments.forEach(attachment -> ports.shut(attachment.hostInterface()));
            blank.close();
            throw e;
        }
    }

    private BlankSandbox blankFor(List<EndpointPlan> endpoints, @Nullable Fd userNamespace, boolean named) {
        if (userNamespace != null) {
            return BlankSandbox.makeOwned(launcher, userNamespace, ports);
        }
        return endpoints.stream()
                .filter(Sandboxes::isPooled)
                .findFirst()
                .map(endpoint -> pool.take(endpoint.network().id(), interfaces.portOf(endpoint.network(), named)))
                .orElseGet(pool::take);
    }

    /** Whether an endpoint's interface is one that blank sandboxes have: names are unique, so one at most. */
    private static boolean isPooled(EndpointPlan endpoint) {
        return endpoint.network().driver() == Driver.BRIDGE
                && endpoint.interfaceName().equals(BlankSandbox.INTERFACE);
    }
}
