package io.berth.image.transfer;

import io.berth.registryclient.RegistryException;

/** What a reference names is an artifact and no container image; in Docker's words (moby: distribution/errors.go). */
final class NotAnImage extends RegistryException {
    private static final long serialVersionUID = 1L;

    private static final String PLUGIN = "application/vnd.docker.plugin.v1+json";

    NotAnImage(String configMediaType) {
        super(0, "", describe(configMediaType), null);
    }

    private static String describe(String mediaType) {
        if (mediaType.startsWith("application/vnd.docker.ai.")) {
            return "AI models are not yet supported by the Engine, please use \"docker model pull/run\" instead";
        }
        return "Encountered remote \"" + mediaType + "\"(" + (mediaType.equals(PLUGIN) ? "plugin" : "unknown")
                + ") when fetching";
    }
}
