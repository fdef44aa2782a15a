package io.berth.engine.image;

import io.berth.node.CommitRequest;
import io.berth.node.ImagesUsage;
import io.berth.node.ResolvedImage;
import java.util.OptionalInt;

/** The images of this node. Thread-safe. */
public interface Images {
    /**
     * Resolves an image; it is held for a minute, so that the container that uses it can be recorded.
     *
     * @param reference as the user wrote it
     * @param platform {@code os/arch[/variant]}, or empty for any
     * @throws io.berth.docker.error.NotFound when there is no such image
     * @throws io.berth.docker.error.InvalidParameter when the reference or the platform is none
     * @throws io.berth.docker.error.Unavailable when image-service does not answer
     */
    ResolvedImage resolve(String reference, String platform);

    /** How many there are; empty when image-service does not answer. */
    OptionalInt count();

    /**
     * Makes an image of a container's changes.
     *
     * @throws io.berth.docker.error.InvalidParameter for a malformed instruction or name
     * @throws io.berth.docker.error.Unavailable when image-service does not answer
     */
    CommitRequest.Committed commit(CommitRequest request);

    /**
     * What images take on disk.
     *
     * @throws io.berth.docker.error.Unavailable when image-service does not answer
     */
    ImagesUsage usage();
}
