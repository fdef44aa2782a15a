package io.berth.node;

import io.berth.oci.Digest;
import java.util.List;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.HttpExchange;

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
     * A container that uses an image.
     *
     * @param containerId 64 hex digits
     * @param running whether it runs now: Docker words the refusal to delete its image accordingly
     * @param imageReference the reference it was created from, as the user wrote it
     */
    record ImageUser(String containerId, boolean running, String imageReference) {}
}
