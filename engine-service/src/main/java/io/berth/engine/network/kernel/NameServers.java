package io.berth.engine.network.kernel;

import io.berth.engine.network.dns.DnsSockets;

/** Opens the sockets of containers' name servers. */
@FunctionalInterface
public interface NameServers {
    /**
     * Opens those of the namespace that the calling thread is in.
     *
     * @throws RuntimeException when they cannot be opened; nothing is left open
     */
    DnsSockets openHere();
}
