package io.berth.engine.network.dns;

import io.berth.linux.nftables.DnsRedirect;
import java.util.List;

/**
 * The name servers that a container's questions are forwarded to.
 *
 * @param servers in the order in which they are asked; the first three count, and none is the container's own
 * @param singleLabels whether names without a domain are forwarded too. When the container's resolver has been told how many
 *     dots a name must have (option ndots), they are not: it gets an empty answer, and tries the name in its search domains (moby:
 *     libnetwork/resolver.go, NdotsSet)
 */
public record Upstreams(List<Upstream> servers, boolean singleLabels) {
    /** None: what is not known is refused. */
    public static final Upstreams NONE = new Upstreams(List.of(), true);

    /** As many servers as a resolver asks (moby: maxExtDNS). */
    private static final int MOST_SERVERS = 3;

    public Upstreams {
        servers = servers.stream()
                .filter(server -> !isItself(server))
                .limit(MOST_SERVERS)
                .toList();
    }

    /** Whether it is the container's own server, which would ask itself for ever. The host may have another one there. */
    private static boolean isItself(Upstream server) {
        return server.askedFrom() == Upstream.Side.CONTAINER
                && server.address().getAddress().equals(DnsRedirect.ADDRESS);
    }
}
