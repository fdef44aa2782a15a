package io.berth.engine.node.web;

import io.berth.engine.container.Container;
import io.berth.engine.container.ContainerSnapshot;
import io.berth.engine.container.ContainerSpec;
import io.berth.engine.container.Containers;
import io.berth.engine.event.EngineEvents;
import io.berth.engine.mount.ContainerMount;
import io.berth.node.EngineNode;
import io.berth.oci.Digest;
import java.util.List;
import org.springframework.web.bind.annotation.RestController;

/** Tells image-service which containers use an image, and takes its events. */
@RestController
class EngineNodeController implements EngineNode {
    private final Containers containers;
    private final EngineEvents events;

    EngineNodeController(Containers containers, EngineEvents events) {
        this.containers = containers;
        this.events = events;
    }

    @Override
    public List<ImageUser> imageUsers(Digest imageId) {
        return containers.all().stream()
                .map(Container::snapshot)
                .filter(container -> uses(container.spec(), imageId.toString()))
                .map(EngineNodeController::user)
                .toList();
    }

    private static boolean uses(ContainerSpec spec, String imageId) {
        return spec.imageId().equals(imageId)
                || spec.mounts().stream()
                        .map(ContainerMount::image)
                        .anyMatch(image -> image != null && image.id().equals(imageId));
    }

    @Override
    public void publish(ImageEvent event) {
        events.publish("image", event.action(), event.subject(), event.attributes());
    }

    private static ImageUser user(ContainerSnapshot container) {
        return new ImageUser(
                container.id().value(),
                container.state().running(),
                container.spec().imageReference());
    }
}
