package io.berth.engine.network.kernel;

import static io.berth.engine.network.kernel.FirewallLab.NOTHING;
import static io.berth.engine.network.kernel.FirewallLab.OUTSIDE;
import static io.berth.engine.network.kernel.FirewallLab.sh;
import static io.berth.engine.network.kernel.FirewallLab.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.network.kernel.FirewallLab.Container;
import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.kernel.KernelTest;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Containers that say they are others: each test first sees that the attack works without the firewall. */
@KernelTest
class SpoofingTest {
    private static final int IPPROTO_ICMPV6 = 58;

    private FirewallLab lab;
    private Firewall firewall;
    private Container attacker;
    private Container victim;

    @BeforeAll
    static void useSockets() throws Exception {
        new ServerSocket(0, 1, InetAddress.getLoopbackAddress()).close();
    }

    @BeforeEach
    void open() {
        lab = new FirewallLab();
        firewall = Namespaces.callIn(lab.host, Namespace.NETWORK, () -> Firewall.open("berth"));
        firewall.replace(List.of(), List.of());
        NetworkPlan network = lab.network(1);
        attacker = lab.container(network);
        victim = lab.container(network);
        lab.serveTcp(victim.namespace(), 80);
        lab.serveTcp(lab.outside, 80);
        lab.settle();
    }

    @AfterEach
    void close() {
        firewall.close();
        lab.close();
    }

    private void protect() {
        firewall.add(List.of(attacker.attachment(), victim.attachment()));
    }

    private void attack(String command) {
        sh(attacker.namespace(), command);
    }

    private String fromAttacker(boolean ipv4) {
        return tcp(attacker.namespace(), ipv4 ? victim.ip() : victim.ip6(), 80);
    }

    @Test
    void anotherIpv4Address() {
        attack("ip addr del " + attacker.ip() + "/24 dev eth0; ip addr add 172.30.1.99/24 dev eth0");
        assertThat(fromAttacker(true)).isEqualTo("172.30.1.99");
        protect();
        assertThat(fromAttacker(true)).as("with Ethernet addresses known").isEqualTo(NOTHING);
        sh(victim.namespace(), "ip neigh flush all");
        assertThat(fromAttacker(true)).isEqualTo(NOTHING);
        assertThat(sh(victim.namespace(), "ip neigh")).doesNotContain("172.30.1.99 dev eth0 lladdr");
    }

    @Test
    void anotherIpv6Address() {
        attack("ip addr add fd30:1::99/64 dev eth0 nodad; ip addr del " + attacker.ip6() + "/64 dev eth0");
        assertThat(fromAttacker(false)).isEqualTo("fd30:1::99");
        protect();
        assertThat(fromAttacker(false)).isEqualTo(NOTHING);
    }

    @Test
    void anotherEthernetAddress() {
        attack("ip link set eth0 address 02:42:00:00:00:99");
        assertThat(fromAttacker(true)).isEqualTo(attacker.ip());
        protect();
        assertThat(fromAttacker(true)).isEqualTo(NOTHING);
        assertThat(fromAttacker(false)).isEqualTo(NOTHING);
    }

    @Test
    void anotherOnesAddressInArp() {
        String announce = "busybox arping -q -A -c 1 -w 1 -I eth0 -s " + victim.ip() + " " + victim.ip() + " || true";
        assertThat(tcp(lab.host, victim.ip(), 80)).isEqualTo("172.30.1.1");
        attack("ip addr add " + victim.ip() + "/32 dev eth0; " + announce + "; ip addr del " + victim.ip()
                + "/32 dev eth0");
        assertThat(sh(lab.host, "ip neigh show " + victim.ip()))
                .contains(attacker.attachment().mac().toString());
        protect();
        sh(lab.host, "ip neigh flush all");
        assertThat(tcp(lab.host, victim.ip(), 80)).isEqualTo("172.30.1.1");
        attack("ip addr add " + victim.ip() + "/32 dev eth0; " + announce + "; ip addr del " + victim.ip()
                + "/32 dev eth0");
        assertThat(sh(lab.host, "ip neigh show " + victim.ip()))
                .contains(victim.attachment().mac().toString());
    }

    /** Type 136 with the flag that lets it override what is known, and a link-layer address (RFC 4861, 4.4). */
    @Test
    void anotherOnesAddressInNeighbourDiscovery() {
        ByteBuffer advertisement = ByteBuffer.allocate(32);
        advertisement.put((byte) 136).put((byte) 0).putShort((short) 0).putInt(0x2000_0000);
        advertisement.put(InetAddress.ofLiteral(victim.ip6()).getAddress());
        advertisement
                .put((byte) 2)
                .put((byte) 1)
                .put(attacker.attachment().mac().bytes());
        assertThat(tcp(lab.host, victim.ip6(), 80)).isEqualTo("fd30:1::1");
        send(advertisement.array());
        assertThat(sh(lab.host, "ip -6 neigh show " + victim.ip6()))
                .contains(attacker.attachment().mac().toString());
        protect();
        sh(lab.host, "ip -6 neigh flush all");
        assertThat(tcp(lab.host, victim.ip6(), 80)).isEqualTo("fd30:1::1");
        send(advertisement.array());
        assertThat(fromAttacker(false)).as("comes after it").isEqualTo(attacker.ip6());
        assertThat(sh(lab.host, "ip -6 neigh show " + victim.ip6()))
                .contains(victim.attachment().mac().toString());
    }

    /** Type 134, hop limit 64, lifetime 1800 s (RFC 4861, 4.2): the victim would have a new default router. */
    @Test
    void routerAdvertisements() {
        sh(victim.namespace(), "echo 2 > /proc/sys/net/ipv6/conf/eth0/accept_ra");
        ByteBuffer advertisement = ByteBuffer.allocate(16);
        advertisement
                .put((byte) 134)
                .put((byte) 0)
                .putShort((short) 0)
                .put((byte) 64)
                .put((byte) 0);
        advertisement.putShort((short) 1800);
        send(advertisement.array());
        assertThat(routes()).contains("proto ra");
        sh(victim.namespace(), "ip -6 route flush proto ra; ip -6 route del default proto ra 2>/dev/null || true");
        assertThat(routes()).doesNotContain("proto ra");
        protect();
        send(advertisement.array());
        assertThat(fromAttacker(false)).as("comes after it").isEqualTo(attacker.ip6());
        assertThat(routes()).doesNotContain("proto ra");
    }

    private String routes() {
        return sh(victim.namespace(), "ip -6 route");
    }

    /** To all nodes; the kernel adds the checksum. */
    private void send(byte[] icmp) {
        FirewallLab.sendRaw(attacker.namespace(), "eth0", IPPROTO_ICMPV6, InetAddress.ofLiteral("ff02::1"), icmp);
    }

    @Test
    void honestContainersAreNotDisturbed() {
        protect();
        assertThat(fromAttacker(true)).isEqualTo(attacker.ip());
        assertThat(fromAttacker(false)).isEqualTo(attacker.ip6());
        assertThat(tcp(attacker.namespace(), OUTSIDE, 80)).isEqualTo(FirewallLab.HOST);
        sh(attacker.namespace(), "ip neigh flush all; ip link set eth0 down; ip link set eth0 up");
        sh(
                attacker.namespace(),
                "ip addr add " + attacker.ip6() + "/64 dev eth0 nodad; ip route add default via 172.30.1.1");
        assertThat(fromAttacker(true)).as("with ARP anew").isEqualTo(attacker.ip());
        lab.settle();
        assertThat(fromAttacker(false)).as("with neighbour discovery anew").isEqualTo(attacker.ip6());
        sh(lab.host, "ip link add other type bridge; ip link set other up");
    }
}
