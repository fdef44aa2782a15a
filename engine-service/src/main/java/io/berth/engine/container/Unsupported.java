package io.berth.engine.container;

import io.berth.docker.container.HostConfig;
import io.berth.docker.error.InvalidParameter;

/**
 * Refuses what this engine cannot do yet and whose silent absence would surprise. What clients send by default (empty lists,
 * zeros, the default network) passes.
 */
final class Unsupported {
    private Unsupported() {}

    static void refuse(HostConfig host) {
        if (!host.runtime().isEmpty() && !host.runtime().equals("berth")) {
            throw new InvalidParameter("unknown or invalid runtime name: " + host.runtime());
        }
        if (!host.isolation().isEmpty() && !host.isolation().equals("default")) {
            throw new InvalidParameter(
                    "Invalid isolation: \"" + host.isolation() + "\" - linux only supports 'default'");
        }
    }
}
