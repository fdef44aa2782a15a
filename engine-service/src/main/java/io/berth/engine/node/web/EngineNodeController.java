package io.berth.engine.node.web;

import io.berth.engine.container.Container;
import io.berth.engine.container.ContainerSnapshot;
import io.berth.engine.container.ContainerSpec;
import io.berth.engine.container.Containers;
import io.berth.engine.container.RunBuildStep;
import io.berth.engine.event.EngineEvents;
import io.berth.engine.image.Images;
import io.berth.engine.image.Images.ComingUser;
import io.berth.engine.mount.ContainerMount;
import io.berth.engine.network.ContainerNetworks;
import io.berth.linux.netlink.IpPrefix;
import io.berth.node.EngineNode;
import io.berth.oci.Digest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.web.bind.annotation.RestController;

/** Tells image-service which containers use an image, and takes its events. */
@RestController
class EngineNodeController implements EngineNode {
    private final Containers containers;
    private final Images images;
    private final EngineEvents events;
    private final RunBuildStep steps;
    private final ContainerNetworks networks;

    EngineNodeController(
            Containers containers, Images images, EngineEvents events, RunBuildStep steps, ContainerNetworks networks) {
        this.containers = containers;
        this.images = images;
        this.events = events;
        this.steps = steps;
        this.networks = networks;
    }

    @Override
    public List<ImageUser> imageUsers(Digest imageId) {
        // First those to come: one that is recorded meanwhile is then seen twice rather than not at all.
        Map<String, ImageUser> users = new LinkedHashMap<>();
        for (ComingUser user : images.comingUsers(imageId)) {
            users.put(user.container().value(), new ImageUser(user.container().value(), false, user.reference()));
        }
        containers.all().stream()
                .map(Container::snapshot)
                .filter(container -> uses(container.spec(), imageId.toString()))
                .map(EngineNodeController::user)
                .forEach(user -> users.put(user.containerId(), user));
        return List.copyOf(users.values());
    }

    private static boolean uses(ContainerSpec spec, String imageId) {
        return spec.imageId().equals(imageId)
                || spec.mounts().stream()
                        .map(ContainerMount::image)
                        .anyMatch(image -> image != null && image.id().equals(imageId));
    }

    @Override
    public void publish(ImageEvent event) {
        events.publish(event.type(), event.action(), event.subject(), event.attributes());
    }

    @Override
    public void stopBuildStep(String id) {
        steps.stop(id);
    }

    @Override
    public HostGateway hostGateway() {
        return new HostGateway(networks.hostGateway().map(IpPrefix::text).orElse(null));
    }

    private static ImageUser user(ContainerSnapshot container) {
        return new ImageUser(
                container.id().value(),
                container.state().running(),
                container.spec().imageReference());
    }
}
