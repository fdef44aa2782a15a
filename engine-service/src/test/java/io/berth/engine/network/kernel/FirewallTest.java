package io.berth.engine.network.kernel;

import static io.berth.engine.network.kernel.FirewallLab.HOST;
import static io.berth.engine.network.kernel.FirewallLab.HOST6;
import static io.berth.engine.network.kernel.FirewallLab.NOTHING;
import static io.berth.engine.network.kernel.FirewallLab.OUTSIDE;
import static io.berth.engine.network.kernel.FirewallLab.OUTSIDE6;
import static io.berth.engine.network.kernel.FirewallLab.ask;
import static io.berth.engine.network.kernel.FirewallLab.sh;
import static io.berth.engine.network.kernel.FirewallLab.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.network.kernel.FirewallLab.Container;
import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.engine.network.runtime.NetworkPlan.GatewayMode;
import io.berth.engine.network.runtime.PortRule.Protocol;
import io.berth.kernel.KernelTest;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who reaches whom, with real packets; where it matters with bridges that pass frames through netfilter and without. */
@KernelTest
class FirewallTest {
    private FirewallLab lab;
    private Firewall firewall;

    /** The JDK opens descriptors when it first uses and closes sockets, and keeps them. */
    @BeforeAll
    static void useSockets() throws Exception {
        new ServerSocket(0, 1, InetAddress.getLoopbackAddress()).close();
        new DatagramSocket(0, InetAddress.getLoopbackAddress()).close();
    }

    @BeforeEach
    void open() {
        lab = new FirewallLab();
        firewall = Namespaces.callIn(lab.host, Namespace.NETWORK, () -> Firewall.open("berth"));
        firewall.replace(List.of(), List.of());
    }

    @AfterEach
    void close() {
        firewall.close();
        lab.close();
    }

    private void add(Container... containers) {
        firewall.add(List.of(containers).stream().map(Container::attachment).toList());
        lab.settle();
    }

    private NetworkPlan network(int number) {
        NetworkPlan network = lab.network(number);
        firewall.raise(network);
        return network;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void publishedPortsAreReachedWithTheClientsAddress(boolean netfilter) {
        lab.passFramesThroughNetfilter(netfilter);
        Container server = lab.container(network(1));
        lab.serveTcp(server.namespace(), 80);
        add(server.publishing(server.tcp("0.0.0.0", 8080), server.tcp("::", 8080)));
        assertThat(tcp(lab.outside, HOST, 8080)).isEqualTo(OUTSIDE);
        assertThat(tcp(lab.outside, HOST6, 8080)).isEqualTo(OUTSIDE6);
        assertThat(tcp(lab.host, HOST, 8080)).isEqualTo(HOST);
        assertThat(tcp(lab.host, HOST6, 8080)).isEqualTo(HOST6);
        assertThat(tcp(lab.host, "127.0.0.1", 8080)).as("loopback").isEqualTo("172.30.1.1");
        // Known limit: where bridges pass IPv6 frames through netfilter, answers to ::1 are lost there.
        assertThat(tcp(lab.host, "::1", 8080)).as("loopback").isEqualTo(netfilter ? NOTHING : "fd30:1::1");
        assertThat(tcp(lab.outside, HOST, 8081)).isEqualTo(NOTHING);
        firewall.remove(List.of(server.attachment()));
        assertThat(tcp(lab.outside, HOST, 8080)).isEqualTo(NOTHING);
    }

    @Test
    void aPortOfOneAddressIsNotOneOfAnother() {
        Container server = lab.container(network(1));
        lab.serveTcp(server.namespace(), 80);
        sh(lab.host, "ip addr add 10.9.0.9/24 dev ext0");
        add(server.publishing(server.tcp("10.9.0.9", 8080), server.tcp("127.0.0.1", 8081)));
        assertThat(tcp(lab.outside, "10.9.0.9", 8080)).isEqualTo(OUTSIDE);
        assertThat(tcp(lab.outside, HOST, 8080)).isEqualTo(NOTHING);
        assertThat(tcp(lab.host, "127.0.0.1", 8080)).isEqualTo(NOTHING);
        assertThat(tcp(lab.host, "127.0.0.1", 8081)).isNotEqualTo(NOTHING);
        assertThat(tcp(lab.outside, HOST, 8081)).isEqualTo(NOTHING);
        sh(lab.outside, "ip addr del 127.0.0.1/8 dev lo; ip route add 127.0.0.1/32 via " + HOST);
        sh(lab.outside, "echo 1 > /proc/sys/net/ipv4/conf/out0/route_localnet");
        sh(lab.host, "echo 1 > /proc/sys/net/ipv4/conf/ext0/route_localnet");
        assertThat(tcp(lab.outside, "127.0.0.1", 8081))
                .as("by a route to our loopback")
                .isEqualTo(NOTHING);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void containersReachPublishedPortsToo(boolean netfilter) {
        lab.passFramesThroughNetfilter(netfilter);
        NetworkPlan network = network(1);
        Container server = lab.container(network);
        Container neighbour = lab.container(network);
        Container foreigner = lab.container(network(2));
        lab.serveTcp(server.namespace(), 80);
        add(server.publishing(server.tcp("0.0.0.0", 8080), server.tcp("::", 8080)), neighbour, foreigner);
        assertThat(tcp(server.namespace(), HOST, 8080)).as("itself").isNotEqualTo(NOTHING);
        assertThat(tcp(server.namespace(), HOST6, 8080)).as("itself").isNotEqualTo(NOTHING);
        assertThat(tcp(neighbour.namespace(), HOST, 8080)).isNotEqualTo(NOTHING);
        assertThat(tcp(neighbour.namespace(), "172.30.1.1", 8080)).isNotEqualTo(NOTHING);
        assertThat(tcp(neighbour.namespace(), HOST6, 8080)).isNotEqualTo(NOTHING);
        assertThat(tcp(foreigner.namespace(), HOST, 8080)).isNotEqualTo(NOTHING);
        assertThat(tcp(foreigner.namespace(), HOST6, 8080)).isNotEqualTo(NOTHING);
        assertThat(tcp(neighbour.namespace(), server.ip(), 80)).as("directly").isEqualTo(neighbour.ip());
        assertThat(tcp(neighbour.namespace(), server.ip6(), 80)).as("directly").isEqualTo(neighbour.ip6());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void networksAreClosedToEachOtherAndToNeighbours(boolean netfilter) {
        lab.passFramesThroughNetfilter(netfilter);
        Container server = lab.container(network(1));
        Container foreigner = lab.container(network(2));
        lab.serveTcp(server.namespace(), 80);
        add(server.publishing(server.tcp("0.0.0.0", 8080)), foreigner);
        for (String address : List.of(server.ip(), server.ip6())) {
            assertThat(tcp(lab.outside, address, 80))
                    .as("by a route from outside")
                    .isEqualTo(NOTHING);
            assertThat(tcp(foreigner.namespace(), address, 80)).isEqualTo(NOTHING);
            assertThat(tcp(lab.host, address, 80)).as("the host itself").isNotEqualTo(NOTHING);
        }
    }

    @Test
    void whatLeavesHasTheHostsAddress() {
        NetworkPlan network = network(1);
        Container client = lab.container(network);
        lab.serveTcp(lab.outside, 80);
        add(client);
        assertThat(tcp(client.namespace(), OUTSIDE, 80)).isEqualTo(HOST);
        assertThat(tcp(client.namespace(), OUTSIDE6, 80)).isEqualTo(HOST6);
        sh(lab.host, "ip addr add 10.9.0.7/24 dev ext0");
        firewall.raise(new NetworkPlan(
                network.id(),
                network.driver(),
                network.link(),
                network.mode(),
                network.mtu(),
                network.subnets(),
                network.gateways(),
                false,
                true,
                true,
                GatewayMode.NAT,
                GatewayMode.ROUTED,
                List.of(InetAddress.ofLiteral("10.9.0.7"))));
        assertThat(tcp(client.namespace(), OUTSIDE, 80)).isEqualTo("10.9.0.7");
        assertThat(tcp(client.namespace(), OUTSIDE6, 80)).as("routed").isEqualTo(client.ip6());
    }

    /** A published port is the host's, and nobody else's that has the same number. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void portsOfOthersAreLeftAlone(boolean netfilter) {
        lab.passFramesThroughNetfilter(netfilter);
        NetworkPlan network = network(1);
        Container server = lab.container(network);
        Container neighbour = lab.container(network);
        Container client = lab.container(network(2));
        lab.serveTcp(server.namespace(), 80);
        lab.serveTcp(neighbour.namespace(), 8080);
        lab.serveTcp(lab.outside, 8080);
        add(server.publishing(server.tcp("0.0.0.0", 8080)), neighbour, client);
        assertThat(tcp(client.namespace(), OUTSIDE, 8080))
                .as("through the host")
                .isEqualTo(HOST);
        assertThat(tcp(server.namespace(), neighbour.ip(), 8080)).isEqualTo(server.ip());
        assertThat(tcp(lab.host, OUTSIDE, 8080)).as("from the host").isEqualTo(HOST);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void internalNetworksAreClosedBothWays(boolean netfilter) {
        lab.passFramesThroughNetfilter(netfilter);
        NetworkPlan internal = FirewallLab.internal(lab.network(1));
        Container inside = lab.container(internal);
        Container neighbour = lab.container(internal);
        Container foreigner = lab.container(network(2));
        lab.serveTcp(inside.namespace(), 80);
        lab.serveTcp(foreigner.namespace(), 80);
        lab.serveTcp(lab.outside, 80);
        add(
                inside.publishing(inside.tcp("0.0.0.0", 8080)),
                neighbour,
                foreigner.publishing(foreigner.tcp("0.0.0.0", 8081)));
        assertThat(tcp(neighbour.namespace(), inside.ip(), 80)).isEqualTo(neighbour.ip());
        assertThat(tcp(neighbour.namespace(), inside.ip6(), 80)).isEqualTo(neighbour.ip6());
        assertThat(tcp(lab.outside, inside.ip(), 80)).isEqualTo(NOTHING);
        assertThat(tcp(lab.outside, HOST, 8080)).isEqualTo(NOTHING);
        assertThat(tcp(foreigner.namespace(), inside.ip(), 80)).isEqualTo(NOTHING);
        assertThat(tcp(inside.namespace(), OUTSIDE, 80)).isEqualTo(NOTHING);
        assertThat(tcp(inside.namespace(), OUTSIDE6, 80)).isEqualTo(NOTHING);
        assertThat(tcp(inside.namespace(), foreigner.ip(), 80)).isEqualTo(NOTHING);
        assertThat(tcp(inside.namespace(), HOST, 8081))
                .as("another network's published port")
                .isEqualTo(NOTHING);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void separatedContainersReachEachOtherByLinksAndPublishedPortsOnly(boolean netfilter) {
        lab.passFramesThroughNetfilter(netfilter);
        NetworkPlan separated = FirewallLab.separated(lab.network(1));
        Container server = lab.container(separated);
        Container linked = lab.container(separated);
        Container stranger = lab.container(separated);
        lab.serveTcp(server.namespace(), 80);
        lab.serveTcp(server.namespace(), 81);
        lab.serveTcp(linked.namespace(), 80);
        lab.serveTcp(lab.outside, 80);
        add(server.publishing(server.tcp("0.0.0.0", 8080)), linked.linkedTo(server, 80), stranger);
        for (boolean ipv4 : new boolean[] {true, false}) {
            String to = ipv4 ? server.ip() : server.ip6();
            assertThat(tcp(stranger.namespace(), to, 80)).isEqualTo(NOTHING);
            assertThat(tcp(linked.namespace(), to, 80)).isEqualTo(ipv4 ? linked.ip() : linked.ip6());
            assertThat(tcp(linked.namespace(), to, 81)).as("another port").isEqualTo(NOTHING);
            assertThat(tcp(server.namespace(), ipv4 ? linked.ip() : linked.ip6(), 80))
                    .as("the other way")
                    .isEqualTo(NOTHING);
        }
        assertThat(tcp(stranger.namespace(), HOST, 8080)).as("published").isNotEqualTo(NOTHING);
        assertThat(tcp(stranger.namespace(), OUTSIDE, 80)).isEqualTo(HOST);
        sh(stranger.namespace(), "ip neigh replace " + server.ip() + " dev eth0 lladdr " + mac(separated));
        assertThat(tcp(stranger.namespace(), server.ip(), 80))
                .as("through the host")
                .isEqualTo(NOTHING);
    }

    private String mac(NetworkPlan network) {
        return sh(lab.host, "ip -br link show " + network.link() + " | awk '{print $3}'")
                .trim();
    }

    @Test
    void routedAndUnprotectedNetworksAreReachedByTheirOwnAddresses() {
        NetworkPlan routed = FirewallLab.mode(lab.network(1), GatewayMode.ROUTED);
        NetworkPlan unprotected = FirewallLab.mode(lab.network(2), GatewayMode.NAT_UNPROTECTED);
        Container server = lab.container(routed);
        Container open = lab.container(unprotected);
        for (Container container : List.of(server, open)) {
            lab.serveTcp(container.namespace(), 80);
            lab.serveTcp(container.namespace(), 81);
        }
        add(server.publishing(server.tcp("0.0.0.0", 80), server.tcp("::", 80)), open);
        assertThat(tcp(lab.outside, server.ip(), 80)).isEqualTo(OUTSIDE);
        assertThat(tcp(lab.outside, server.ip6(), 80)).isEqualTo(OUTSIDE6);
        assertThat(tcp(lab.outside, server.ip(), 81)).isEqualTo(NOTHING);
        assertThat(tcp(lab.outside, server.ip6(), 81)).isEqualTo(NOTHING);
        assertThat(tcp(lab.outside, open.ip(), 81)).isEqualTo(OUTSIDE);
        assertThat(tcp(lab.outside, open.ip6(), 81)).isEqualTo(OUTSIDE6);
        sh(lab.outside, "busybox ping -c 1 -W 1 " + server.ip() + " && busybox ping6 -c 1 -W 1 " + server.ip6());
    }

    @Test
    void datagramsFollowThePortWhenItMoves() throws Exception {
        NetworkPlan network = network(1);
        Container first = lab.container(network);
        Container second = lab.container(network);
        lab.serveUdp(first.namespace(), 53, "first");
        lab.serveUdp(second.namespace(), 53, "second");
        DatagramSocket client = lab.udpClient(lab.outside);
        assertThat(ask(client, HOST, 5353)).as("a flow that begins before").isEqualTo(NOTHING);
        Container published = first.publishing(first.port(Protocol.UDP, "0.0.0.0", 5353, 53));
        add(published);
        assertThat(ask(client, HOST, 5353)).isEqualTo("first " + OUTSIDE);
        Container moved = second.publishing(second.port(Protocol.UDP, "0.0.0.0", 5353, 53));
        firewall.change(List.of(published.attachment()), List.of(moved.attachment()));
        assertThat(ask(client, HOST, 5353)).isEqualTo("second " + OUTSIDE);
        firewall.remove(List.of(moved.attachment()));
        assertThat(ask(client, HOST, 5353)).isEqualTo(NOTHING);
    }

    /**
     * The kernel may have no SCTP of its own, yet sees and translates it: an INIT (RFC 9260, 3.3.2) from outside becomes a
     * connection to the container.
     */
    @Test
    void sctpIsPublishedAsTcpIs() {
        Container server = lab.container(network(1));
        add(server.publishing(server.port(Protocol.SCTP, "0.0.0.0", 8080, 80)));
        ByteBuffer packet = ByteBuffer.allocate(32);
        packet.putShort((short) 4000).putShort((short) 8080).putInt(0).putInt(0); // ports, tag, checksum
        packet.put((byte) 1).put((byte) 0).putShort((short) 20); // INIT
        packet.putInt(1).putInt(65_536).putShort((short) 1).putShort((short) 1).putInt(1);
        CRC32C checksum = new CRC32C();
        checksum.update(packet.array());
        packet.putInt(8, Integer.reverseBytes((int) checksum.getValue()));
        FirewallLab.sendRaw(lab.outside, "out0", Protocol.SCTP.number(), InetAddress.ofLiteral(HOST), packet.array());
        assertThat(sh(lab.host, "conntrack -L -p sctp 2>/dev/null"))
                .contains("src=" + OUTSIDE + " dst=" + HOST + " sport=4000 dport=8080")
                .contains("src=" + server.ip() + " dst=" + OUTSIDE + " sport=80 dport=4000");
    }
}
