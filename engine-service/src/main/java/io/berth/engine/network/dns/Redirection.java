package io.berth.engine.network.dns;

import io.berth.linux.SyscallException;
import io.berth.linux.conntrack.Connection;
import io.berth.linux.conntrack.ConntrackSocket;
import io.berth.linux.nftables.DnsRedirect;
import io.berth.linux.nftables.NftSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets what is sent to 127.0.0.11 port 53 in the calling thread's network namespace arrive at a server's sockets. */
final class Redirection {
    private static final Logger LOG = LoggerFactory.getLogger(Redirection.class);
    private static final int DNS_PORT = 53;
    private static final int IPPROTO_UDP = 17;

    private Redirection() {}

    /**
     * Installs the redirect, in place of one that an earlier server may have left, in one step.
     *
     * @throws SyscallException when the kernel refuses it
     */
    static void install(int udpPort, int tcpPort) {
        try (NftSocket nftables = NftSocket.open()) {
            if (!nftables.tables().contains(DnsRedirect.TABLE)) {
                nftables.commit(DnsRedirect.firstBatch(udpPort, tcpPort));
                return;
            }
            nftables.commit(DnsRedirect.batch(udpPort, tcpPort));
        }
        forgetEarlierServer();
    }

    /**
     * Lets datagrams from ports that have asked the earlier server go by the new rules. The kernel keeps to the old translation
     * for as long as a port goes on asking, as those of programs do that have one socket for all their questions.
     */
    private static void forgetEarlierServer() {
        try (ConntrackSocket conntrack = ConntrackSocket.open()) {
            conntrack.delete(ConntrackSocket.Family.IPV4, IPPROTO_UDP, Redirection::isQuestion);
        } catch (SyscallException e) {
            LOG.atWarn().setCause(e).log("programs may ask a name server that is gone until they use other ports");
        }
    }

    private static boolean isQuestion(Connection connection) {
        return connection.original().destinationPort() == DNS_PORT
                && connection.original().destination().equals(DnsRedirect.ADDRESS);
    }
}
