package io.berth.engine.network;

import io.berth.engine.network.dns.Upstream;
import io.berth.engine.network.dns.Upstreams;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * Who is asked for names that a container's networks do not know.
 *
 * @param servers in the order in which they are asked
 * @param singleLabels whether names without a domain are asked for too
 */
public record Resolver(List<Server> servers, boolean singleLabels) {
    private static final int PORT = 53;

    public Resolver {
        servers = List.copyOf(servers);
    }

    /**
     * A name server.
     *
     * @param fromHost whether it is asked from the host's network, and not from the container's
     */
    public record Server(InetAddress address, boolean fromHost) {}

    Upstreams upstreams() {
        return new Upstreams(
                servers.stream()
                        .map(server -> new Upstream(
                                new InetSocketAddress(server.address(), PORT),
                                server.fromHost() ? Upstream.Side.HOST : Upstream.Side.CONTAINER))
                        .toList(),
                singleLabels);
    }
}
