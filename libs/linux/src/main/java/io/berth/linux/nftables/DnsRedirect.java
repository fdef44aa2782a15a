package io.berth.linux.nftables;

import java.net.InetAddress;
import java.util.Set;

/**
 * Lets a network namespace find a name server at one address and port 53, although the sockets that answer have other ports: as
 * the embedded DNS of Docker does in a container (moby's libnetwork/resolver_unix.go: the chains DOCKER_OUTPUT and
 * DOCKER_POSTROUTING).
 *
 * <p>A container may itself bind port 53 of all addresses, which is why the sockets do not have it.
 */
public final class DnsRedirect {
    /** The name server's address in containers. */
    public static final InetAddress ADDRESS = InetAddress.ofLiteral("127.0.0.11");

    /** What the table is called. */
    public static final NftTable TABLE = new NftTable(NftFamily.IPV4, "berth-dns");

    private static final int PORT = 53;
    private static final int IPPROTO_TCP = 6;
    private static final int IPPROTO_UDP = 17;

    private DnsRedirect() {}

    /**
     * The commands for a container's namespace, whether or not it has a redirect. What goes to 127.0.0.11 port 53 arrives at the
     * given ports of that address, and answers seem to come from port 53; a connection that the name server itself opens from
     * those ports does as well, which is how Docker's rules are.
     *
     * @param udpPort where datagrams are received
     * @param tcpPort where connections are accepted
     */
    public static NftBatch batch(int udpPort, int tcpPort) {
        return add(new NftBatch().replaceTable(TABLE, Set.of()), udpPort, tcpPort);
    }

    /**
     * The same for a namespace that has no redirect. Nothing is deleted, also not what is not there: closing a socket that has
     * deleted something waits until the kernel has let go of it, 13 ms for a grace period of RCU.
     */
    public static NftBatch firstBatch(int udpPort, int tcpPort) {
        return add(new NftBatch().addTable(TABLE, Set.of()), udpPort, tcpPort);
    }

    private static NftBatch add(NftBatch batch, int udpPort, int tcpPort) {
        return batch.addChain(TABLE, "output", BaseChain.nat(BaseChain.Hook.OUTPUT, BaseChain.DSTNAT))
                .addChain(TABLE, "postrouting", BaseChain.nat(BaseChain.Hook.POSTROUTING, BaseChain.SRCNAT))
                .addRule(TABLE, "output", to(IPPROTO_UDP).destination(ADDRESS, udpPort))
                .addRule(TABLE, "output", to(IPPROTO_TCP).destination(ADDRESS, tcpPort))
                .addRule(TABLE, "postrouting", from(IPPROTO_UDP, udpPort).source(ADDRESS, PORT))
                .addRule(TABLE, "postrouting", from(IPPROTO_TCP, tcpPort).source(ADDRESS, PORT));
    }

    private static NftRule to(int protocol) {
        return NftRule.rule()
                .is(Field.IPV4_DESTINATION, NftValue.address(ADDRESS))
                .is(Field.TRANSPORT_PROTOCOL, NftValue.protocol(protocol))
                .is(Field.DESTINATION_PORT, NftValue.port(PORT));
    }

    private static NftRule from(int protocol, int port) {
        return NftRule.rule()
                .is(Field.IPV4_SOURCE, NftValue.address(ADDRESS))
                .is(Field.TRANSPORT_PROTOCOL, NftValue.protocol(protocol))
                .is(Field.SOURCE_PORT, NftValue.port(port));
    }
}
