package io.berth.linux.conntrack;

import static io.berth.linux.nftables.NetworkCommands.sh;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.kernel.KernelTest;
import io.berth.linux.fd.Fd;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@KernelTest
class ConntrackKernelTest {
    private static final int UDP = 17;
    private static final int TCP = 6;

    private Fd namespace;

    @BeforeEach
    void makeNamespace() {
        namespace = Namespaces.create(Namespace.NETWORK);
        sh(namespace, "ip link set lo up");
    }

    @AfterEach
    void dropNamespace() {
        namespace.close();
    }

    private ConntrackSocket open() {
        return Namespaces.callIn(namespace, Namespace.NETWORK, ConntrackSocket::open);
    }

    private void insert(String protocol, String source, int sourcePort, String destination, int port, String target) {
        String state = protocol.equals("tcp") ? " --state ESTABLISHED" : "";
        sh(
                namespace,
                "conntrack -I -p " + protocol + state + " -t 100 -s " + source + " -d " + destination + " --sport "
                        + sourcePort + " --dport " + port + " -r " + target + " -q " + source
                        + " --reply-port-src 53 --reply-port-dst " + sourcePort);
    }

    @Test
    void listsTheConnectionsOfAProtocol() {
        insert("udp", "10.0.0.1", 1000, "10.0.0.2", 8053, "172.17.0.2");
        insert("tcp", "10.0.0.1", 1000, "10.0.0.2", 8053, "172.17.0.2");
        insert("udp", "fd00::1", 1000, "fd00::2", 8053, "fd17::2");
        try (ConntrackSocket socket = open()) {
            List<Connection> connections = socket.list(ConntrackSocket.Family.IPV4, UDP);
            assertThat(connections).hasSize(1);
            assertThat(connections.getFirst().original())
                    .isEqualTo(new Flow(
                            UDP, InetAddress.ofLiteral("10.0.0.1"), 1000, InetAddress.ofLiteral("10.0.0.2"), 8053));
            assertThat(connections.getFirst().reply().source()).isEqualTo(InetAddress.ofLiteral("172.17.0.2"));
            assertThat(connections.getFirst().reply().sourcePort()).isEqualTo(53);
            assertThat(socket.list(ConntrackSocket.Family.IPV6, UDP)).hasSize(1);
            assertThat(socket.list(ConntrackSocket.Family.IPV6, TCP)).isEmpty();
        }
    }

    @Test
    void deletesWhatIsMeantAndNothingElse() {
        for (int i = 0; i < 22; i++) {
            insert("udp", "10.0.0.1", 2000 + i, "10.0.0.2", 8000 + i % 2, "172.17.0.2");
        }
        insert("tcp", "10.0.0.1", 1000, "10.0.0.2", 8000, "172.17.0.2");
        try (ConntrackSocket socket = open()) {
            assertThat(socket.delete(
                            ConntrackSocket.Family.IPV4,
                            UDP,
                            connection -> connection.original().destinationPort() == 8000))
                    .isEqualTo(11);
            assertThat(socket.list(ConntrackSocket.Family.IPV4, UDP))
                    .hasSize(11)
                    .allMatch(connection -> connection.original().destinationPort() == 8001);
            assertThat(socket.list(ConntrackSocket.Family.IPV4, TCP)).hasSize(1);
        }
    }
}
