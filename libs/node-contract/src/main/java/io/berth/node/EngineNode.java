package io.berth.node;

import io.berth.oci.Digest;
import java.util.List;
import java.util.Map;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
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
     * Something that happened to an image.
     *
     * <pre>{"action": "tag", "subject": "sha256:…", "attributes": {"name": "app:1"}}</pre>
     *
     * @param action Docker's word, such as {@code pull} or {@code untag}
     * @param subject the image's id, or for pull and push its name
     * @param attributes its labels and its name
     */
    record ImageEvent(String action, String subject, Map<String, String> attributes) {
        public ImageEvent {
            attributes = Map.copyOf(attributes);
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
