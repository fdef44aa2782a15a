package io.berth.node;

import io.berth.json.Frozen;
import io.berth.oci.Digest;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.service.annotation.DeleteExchange;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.HttpExchange;
import org.springframework.web.service.annotation.PostExchange;

/** What image-service asks of the engine. */
@HttpExchange(url = "/node/v1", accept = "application/json")
public interface EngineNode {
    /**
     * The containers, running or not, that use an image.
     *
     * @param imageId digest of the image's configuration
     */
    @GetExchange("/image-users")
    List<ImageUser> imageUsers(@RequestParam("imageId") Digest imageId);

    /**
     * Tells the engine what happened to an image, for those who listen to its events.
     *
     * @param event what happened
     */
    @PostExchange("/events")
    void publish(@RequestBody ImageEvent event);

    /**
     * Ends a command of a build that {@link BuildStep} began; does nothing when there is none.
     *
     * @param id the caller's
     */
    @DeleteExchange("/build-steps/{id}")
    void stopBuildStep(@PathVariable("id") String id);

    /** Where containers reach the host. */
    @GetExchange("/host-gateway")
    HostGateway hostGateway();

    /**
     * Where containers on the default bridge reach the host: what {@code host-gateway} stands for in extra hosts.
     *
     * <pre>{"address": "172.17.0.1"}</pre>
     *
     * @param address null when there is no default bridge
     */
    record HostGateway(@Nullable String address) {}

    /**
     * Something that happened to an image, or to what builds keep.
     *
     * <pre>{"type": "image", "action": "tag", "subject": "sha256:…", "attributes": {"name": "app:1"}}</pre>
     *
     * @param type Docker's word for what it happened to, {@code image}, which is meant where it is left out, or {@code builder}
     * @param action Docker's word, such as {@code pull} or {@code untag}
     * @param subject the image's id, or for pull and push its name
     * @param attributes its labels and its name
     */
    record ImageEvent(String type, String action, String subject, Map<String, String> attributes) {
        public ImageEvent {
            type = Objects.requireNonNullElse(type, "image");
            attributes = Frozen.map(attributes);
        }
    }

    /**
     * A container that uses an image.
     *
     * @param containerId 64 hex digits
     * @param running whether it runs now: Docker words the refusal to delete its image accordingly
     * @param imageReference the reference it was created from, as the user wrote it
     */
    record ImageUser(String containerId, boolean running, String imageReference) {}
}
