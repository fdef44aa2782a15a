package io.berth.image.build.buildkit;

import io.berth.image.build.BuiltImage;
import io.berth.oci.Platform;

/**
 * What was built for one platform.
 *
 * @param platform that was asked for, or else that of the image
 */
record PlatformResult(Platform platform, BuiltImage image, Attested attested) {
    /** Of a directory or part of a name: {@code linux_arm64}. */
    String directory() {
        return platform.toString().replace('/', '_');
    }
}
