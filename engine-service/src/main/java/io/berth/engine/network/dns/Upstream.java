package io.berth.engine.network.dns;

import java.net.InetSocketAddress;

/**
 * A name server that is asked for what a container's networks do not know.
 *
 * @param address with a literal address; the port is 53 outside of tests
 * @param askedFrom whose network the question goes through
 */
public record Upstream(InetSocketAddress address, Side askedFrom) {
    public Upstream {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("name server: " + address + " (expected: a literal address)");
        }
    }

    /** Whose network a name server is reached through. */
    public enum Side {
        /** The container's own, as most are. */
        CONTAINER,
        /** The engine's, as servers on the host's loopback are (moby: ExtDNSEntry.HostLoopback). */
        HOST
    }
}
