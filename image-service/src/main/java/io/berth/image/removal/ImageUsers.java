package io.berth.image.removal;

import io.berth.node.EngineNode;
import io.berth.oci.Digest;
import java.util.List;

/** Tells which containers use an image. */
public interface ImageUsers {
    /**
     * The containers, running or not.
     *
     * @throws io.berth.docker.error.Unavailable when the engine does not answer: then nothing may be deleted
     */
    List<EngineNode.ImageUser> of(Digest imageId);
}
