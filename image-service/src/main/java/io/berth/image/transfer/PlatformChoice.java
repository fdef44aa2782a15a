package io.berth.image.transfer;

import io.berth.docker.error.NotFound;
import io.berth.oci.Descriptor;
import io.berth.oci.Index;
import io.berth.oci.MediaType;
import io.berth.oci.Platform;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** Chooses the manifest of an index that fits a platform. */
public final class PlatformChoice {
    private PlatformChoice() {}

    /**
     * The manifest for the requested platform or, when none was requested, this machine's. Of several that fit, the one
     * that names no CPU variant is preferred, then the first.
     *
     * @throws NotFound when none fits, in Docker's words
     */
    public static Descriptor of(Index index, @Nullable Platform requested) {
        Platform wanted = requested == null ? Platform.current() : requested;
        return index.manifests().stream()
                .filter(candidate -> MediaType.isManifest(candidate.mediaType()))
                .filter(candidate ->
                        candidate.platform() != null && candidate.platform().serves(wanted))
                .min(Comparator.comparing(PlatformChoice::namesOtherVariant))
                .orElseThrow(
                        () -> new NotFound("no matching manifest for " + wanted + " in the manifest list entries"));
    }

    private static boolean namesOtherVariant(Descriptor candidate) {
        Platform platform = candidate.platform();
        return platform != null
                && platform.variant() != null
                && !platform.variant().isEmpty();
    }
}
