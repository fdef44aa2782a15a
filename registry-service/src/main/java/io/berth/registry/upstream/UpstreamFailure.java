package io.berth.registry.upstream;

import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import java.io.IOException;

/** Something is neither here nor to be had from its registry now. Says to clients nothing of what the registry answered. */
final class UpstreamFailure {
    private static final int BAD_GATEWAY = 502;

    private UpstreamFailure() {}

    /** The answer when a registry could not be asked, or answered what cannot be right. */
    static RegistryException of(Upstream upstream, ErrorCode code, IOException cause) {
        RegistryException failure = RegistryException.of(
                BAD_GATEWAY, code, "cannot be fetched from " + upstream.registry() + " at present");
        failure.initCause(cause);
        return failure;
    }

    /** Whether the registry says that there is no such thing, or not for us: to a client the same. */
    static boolean isUnknown(IOException failure) {
        return failure instanceof io.berth.registryclient.RegistryException refusal
                && (refusal.status() == 401 || refusal.status() == 403 || refusal.status() == 404);
    }
}
