package io.berth.engine.network;

import io.berth.engine.network.runtime.PortRule.Protocol;
import java.util.Locale;

/**
 * A container's port as it is published.
 *
 * @param hostIp address of the host, {@code 0.0.0.0} or {@code ::} for all
 */
public record PublishedPort(int containerPort, Protocol protocol, String hostIp, int hostPort) {
    /** As the API names it: {@code 80/tcp}. */
    public String key() {
        return containerPort + "/" + protocol.name().toLowerCase(Locale.ROOT);
    }
}
