package io.berth.image.removal.web;

import io.berth.docker.error.Unavailable;
import io.berth.image.removal.ImageUsers;
import io.berth.node.EngineNode;
import io.berth.oci.Digest;
import java.util.List;
import org.springframework.web.client.RestClientException;

/** Asks the node's engine. */
final class EngineImageUsers implements ImageUsers {
    private final EngineNode engine;

    EngineImageUsers(EngineNode engine) {
        this.engine = engine;
    }

    @Override
    public List<EngineNode.ImageUser> of(Digest imageId) {
        try {
            return engine.imageUsers(imageId);
        } catch (RestClientException e) {
            throw new Unavailable("cannot ask the engine which containers use image " + imageId.shortHex(), e);
        }
    }
}
