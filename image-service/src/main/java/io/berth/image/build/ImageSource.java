package io.berth.image.build;

import io.berth.image.lease.Lease;
import io.berth.image.store.Image;
import io.berth.oci.Platform;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Where an image comes from that is not among this node's, and is not to be. */
@FunctionalInterface
public interface ImageSource {
    /**
     * Brings it here.
     *
     * @param lease holds all that it is made of
     * @param platform which one of several; null is this machine's
     * @return without names
     * @throws BuildFailure when it is malformed, or none of the platform
     */
    Image fetch(Lease lease, @Nullable Platform platform) throws IOException, InterruptedException;
}
