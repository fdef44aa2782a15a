package io.berth.engine.image;

import io.berth.engine.runtime.ContainerId;
import io.berth.node.BuildCacheUsage;
import io.berth.node.CommitRequest;
import io.berth.node.ImagesUsage;
import io.berth.node.ResolvedImage;
import io.berth.oci.Digest;
import java.util.List;
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

    /**
     * Resolves the image of a container that is about to be made. The container counts among the image's users until
     * {@link #release}; by then it is recorded, or never will be.
     *
     * @throws io.berth.docker.error.NotFound as {@link #resolve}
     */
    ResolvedImage resolveFor(ContainerId container, String reference, String platform);

    /** Ends what {@link #resolveFor} began; nothing happens when it did not begin. */
    void release(ContainerId container);

    /** The containers that are about to be made of an image. */
    List<ComingUser> comingUsers(Digest imageId);

    /**
     * A container that is about to be made.
     *
     * @param reference of its image, as the user wrote it
     */
    record ComingUser(ContainerId container, Digest imageId, String reference) {}

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

    /**
     * What builds keep.
     *
     * @throws io.berth.docker.error.Unavailable when image-service does not answer
     */
    List<BuildCacheUsage> buildCache();
}
