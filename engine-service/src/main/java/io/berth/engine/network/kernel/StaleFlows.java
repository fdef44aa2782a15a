package io.berth.engine.network.kernel;

import io.berth.engine.network.runtime.Attachment;
import io.berth.engine.network.runtime.PortRule;
import io.berth.engine.network.runtime.PortRule.Protocol;
import io.berth.linux.SyscallException;
import io.berth.linux.conntrack.Connection;
import io.berth.linux.conntrack.ConntrackSocket;
import io.berth.linux.conntrack.Flow;
import java.net.Inet4Address;
import java.util.Collection;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what the kernel remembers of flows of datagrams to ports whose rules have changed. Only a flow's first packet meets the
 * rules of translation; a client that goes on sending would keep a flow alive to where nobody is any more, or past a container
 * that has started since (moby's libnetwork/iptables/conntrack.go). Thread-safe.
 */
final class StaleFlows implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StaleFlows.class);

    private final ConntrackSocket socket;

    private StaleFlows(ConntrackSocket socket) {
        this.socket = socket;
    }

    static StaleFlows open() {
        return new StaleFlows(ConntrackSocket.open());
    }

    /** Ends the flows to UDP ports that connections publish, and published. */
    void end(Collection<Attachment> attachments) {
        List<PortRule> ports = attachments.stream()
                .flatMap(attachment -> attachment.endpoint().ports().stream())
                .filter(port -> port.protocol() == Protocol.UDP)
                .toList();
        for (ConntrackSocket.Family family : ConntrackSocket.Family.values()) {
            boolean ipv4 = family == ConntrackSocket.Family.IPV4;
            List<PortRule> concerned = ports.stream()
                    .filter(port -> port.containerAddress() instanceof Inet4Address == ipv4)
                    .toList();
            if (!concerned.isEmpty()) {
                end(family, concerned);
            }
        }
    }

    /** A flow that cannot be ended does not keep a container from starting or stopping: it ends by itself after two minutes. */
    private synchronized void end(ConntrackSocket.Family family, List<PortRule> ports) {
        try {
            socket.delete(
                    family,
                    Protocol.UDP.number(),
                    connection -> ports.stream().anyMatch(port -> concerns(port, connection)));
        } catch (SyscallException e) {
            LOG.atWarn().addKeyValue("family", family).setCause(e).log("flows of published ports cannot be ended");
        }
    }

    static boolean concerns(PortRule port, Connection connection) {
        Flow flow = connection.original();
        return flow.destinationPort() == port.hostPort()
                && (port.hostAddress().isAnyLocalAddress() || port.hostAddress().equals(flow.destination()));
    }

    @Override
    public synchronized void close() {
        socket.close();
    }
}
