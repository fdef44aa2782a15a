package io.berth.engine.container;

import io.berth.docker.DockerJson;
import io.berth.docker.container.HostConfig;
import io.berth.docker.error.Conflict;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.SystemFailure;
import io.berth.engine.network.ConnectionChanges;
import io.berth.engine.network.Connections;
import io.berth.engine.network.ContainerNetworks;
import io.berth.linux.fd.Fd;
import io.berth.linux.process.ProcessIdentity;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/**
 * Publishes other ports of a container, whether it runs or not: an addition of Berth's own to the update of a container, whose
 * ports Docker fixes when it is created.
 */
@Component
public final class PublishPorts {
    private final Respecification respecification;
    private final ConnectionChanges changes;

    PublishPorts(Respecification respecification, ConnectionChanges changes) {
        this.respecification = respecification;
        this.changes = changes;
    }

    /**
     * Publishes these ports and no others, and returns when that is on disk. Ports that are published the same way before and
     * afterwards are not touched.
     *
     * @param bindings as HostConfig.PortBindings
     * @throws InvalidParameter when one is wrong
     * @throws Conflict when the container is being removed
     * @throws SystemFailure when a port is in use; nothing has changed then
     */
    public void publish(Container container, Map<String, @Nullable List<Map<String, Object>>> bindings) {
        container.exclusively(() -> {
            if (container.isRemoved()) {
                throw new Conflict("container " + container.id() + " is marked for removal");
            }
            ContainerSnapshot before = container.snapshot();
            ContainerSnapshot after =
                    before.with(before.spec().with(with(before.spec().hostConfig(), bindings)));
            ContainerNetworks.checkPorts(after.spec().hostConfig());
            ProcessIdentity process = before.state().process();
            if (container.run().isPresent()
                    && process != null
                    && before.network().active()) {
                Supplier<Fd> namespace = NetworkUse.namespaceOf(container.id().value(), process);
                respecification.change(
                        container, after, planned -> published(planned, namespace), () -> published(before, namespace));
            } else {
                respecification.change(container, after, UnaryOperator.identity(), () -> {});
            }
        });
    }

    private ContainerSnapshot published(ContainerSnapshot container, Supplier<Fd> namespace) {
        Connections made = changes.publishPorts(NetworkUse.request(container), namespace);
        return container.with(made.state(container.network().resolvConf()));
    }

    private static HostConfig with(HostConfig host, Map<String, @Nullable List<Map<String, Object>>> bindings) {
        ObjectNode tree = DockerJson.MAPPER.valueToTree(host);
        tree.set("PortBindings", DockerJson.MAPPER.valueToTree(bindings));
        return DockerJson.MAPPER.treeToValue(tree, HostConfig.class);
    }
}
