package io.berth.buildkit;

import io.berth.oci.Platform;
import org.jspecify.annotations.Nullable;

/**
 * An image whose configuration a client wants.
 *
 * @param reference as the client wrote it; to be parsed
 * @param platform null for the worker's own
 * @param pull whether its registry is to be asked even where it is here
 */
public record ImageConfigRequest(String reference, @Nullable Platform platform, boolean pull) {}
