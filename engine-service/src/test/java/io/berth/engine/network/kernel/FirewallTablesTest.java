package io.berth.engine.network.kernel;

import static io.berth.engine.network.kernel.FirewallLab.HOST;
import static io.berth.engine.network.kernel.FirewallLab.NOTHING;
import static io.berth.engine.network.kernel.FirewallLab.OUTSIDE;
import static io.berth.engine.network.kernel.FirewallLab.sh;
import static io.berth.engine.network.kernel.FirewallLab.tcp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.engine.network.kernel.Firewall.Protection;
import io.berth.engine.network.kernel.FirewallLab.Container;
import io.berth.engine.network.runtime.Attachment;
import io.berth.engine.network.runtime.EndpointPlan;
import io.berth.engine.network.runtime.NetworkFailure;
import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.engine.network.runtime.PortRule;
import io.berth.engine.network.runtime.PortRule.Protocol;
import io.berth.kernel.KernelTest;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import io.berth.linux.netlink.IpPrefix;
import io.berth.linux.netlink.MacAddress;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The tables themselves: whose they are, what others can do to them, and what many changes at once leave. */
@KernelTest
class FirewallTablesTest {
    private static final Duration DEADLINE = Duration.ofSeconds(5);

    private FirewallLab lab;
    private NetworkPlan network;

    @BeforeAll
    static void useSockets() throws Exception {
        new ServerSocket(0, 1, InetAddress.getLoopbackAddress()).close();
    }

    @BeforeEach
    void open() {
        lab = new FirewallLab();
        network = lab.network(1);
    }

    @AfterEach
    void close() {
        lab.close();
    }

    private Firewall firewall(Protection protection) {
        return Namespaces.callIn(lab.host, Namespace.NETWORK, () -> Firewall.open("berth", protection));
    }

    private Container server() {
        Container server = lab.container(network);
        lab.serveTcp(server.namespace(), 80);
        lab.settle();
        return server.publishing(server.tcp("0.0.0.0", 8080));
    }

    private String ruleset() {
        return sh(lab.host, "nft list table inet berth; nft list table bridge berth");
    }

    @Test
    void othersCannotTouchWhatTheEngineOwns() {
        Container server = server();
        try (Firewall firewall = firewall(Protection.OWNER)) {
            firewall.replace(List.of(network), List.of(server.attachment()));
            sh(lab.host, "nft add table ip others; nft flush ruleset");
            assertThat(tcp(lab.outside, HOST, 8080)).isEqualTo(OUTSIDE);
            assertThat(sh(lab.host, "nft delete table inet berth 2>&1 || true")).contains("not permitted");
            assertThat(tcp(lab.outside, server.ip(), 80)).isEqualTo(NOTHING);
            assertThatThrownBy(() -> {
                        try (Firewall second = firewall(Protection.OWNER)) {
                            second.replace(List.of(), List.of());
                        }
                    })
                    .isInstanceOf(NetworkFailure.class)
                    .hasMessageContaining("another process owns its tables");
        }
    }

    @Test
    void theNextEngineClaimsTheTables() {
        Container server = server();
        try (Firewall first = firewall(Protection.OWNER)) {
            first.replace(List.of(network), List.of(server.attachment()));
        }
        assertThat(tcp(lab.outside, HOST, 8080)).as("while no engine runs").isEqualTo(OUTSIDE);
        try (Firewall second = firewall(Protection.OWNER)) {
            assertThat(tcp(lab.outside, HOST, 8080))
                    .as("before it knows anything")
                    .isEqualTo(OUTSIDE);
            second.replace(List.of(network), List.of(server.attachment()));
            assertThat(tcp(lab.outside, HOST, 8080)).isEqualTo(OUTSIDE);
            sh(lab.host, "nft flush ruleset");
            assertThat(tcp(lab.outside, HOST, 8080)).isEqualTo(OUTSIDE);
        }
        try (Firewall third = firewall(Protection.MONITOR)) {
            third.replace(List.of(network), List.of());
            assertThat(tcp(lab.outside, HOST, 8080)).isEqualTo(NOTHING);
        }
    }

    @Test
    void whatOthersDeleteIsMadeAgain() throws Exception {
        Container server = server();
        try (Firewall firewall = firewall(Protection.MONITOR)) {
            firewall.replace(List.of(network), List.of(server.attachment()));
            String before = ruleset();
            for (String damage : List.of(
                    "nft flush ruleset",
                    "nft delete table bridge berth",
                    "nft flush chain inet berth forward",
                    "nft flush set bridge berth sources4")) {
                sh(lab.host, damage);
                Instant deadline = Instant.now().plus(DEADLINE);
                String tables = "nft list table inet berth 2>&1; nft list table bridge berth 2>&1";
                while (!sh(lab.host, "(" + tables + ") || true").equals(before)
                        && Instant.now().isBefore(deadline)) {
                    Thread.sleep(20);
                }
                assertThat(ruleset()).as(damage).isEqualTo(before);
            }
            assertThat(sh(lab.host, "nft list table inet berth-admin")).contains("chain forward");
            assertThat(tcp(lab.outside, HOST, 8080)).isEqualTo(OUTSIDE);
        }
    }

    @ParameterizedTest
    @EnumSource(Protection.class)
    void theAdministratorsRulesComeFirstAndStay(Protection protection) {
        Container server = server();
        try (Firewall firewall = firewall(protection)) {
            firewall.replace(List.of(network), List.of(server.attachment()));
            assertThat(tcp(lab.outside, HOST, 8080)).isEqualTo(OUTSIDE);
            sh(lab.host, "nft add rule inet berth-admin forward ct original proto-dst 8080 drop");
            assertThat(tcp(lab.outside, HOST, 8080)).isEqualTo(NOTHING);
            firewall.replace(List.of(network), List.of(server.attachment()));
            assertThat(tcp(lab.outside, HOST, 8080)).isEqualTo(NOTHING);
            sh(lab.host, "nft delete table inet berth-admin; nft add table ip others");
            firewall.replace(List.of(network), List.of(server.attachment()));
            assertThat(sh(lab.host, "nft list table inet berth-admin")).contains("chain forward");
            assertThat(tcp(lab.outside, HOST, 8080)).isEqualTo(OUTSIDE);
            assertThat(sh(lab.host, "nft list tables"))
                    .as("others' tables are left alone")
                    .contains("table ip others");
        }
    }

    static Attachment attachment(NetworkPlan network, int number) {
        Inet4Address address = (Inet4Address) InetAddress.ofLiteral("172.30.1." + number % 250);
        return new Attachment(
                new EndpointPlan(
                        "%064x".formatted(number),
                        network,
                        "eth0",
                        null,
                        List.of(new IpPrefix(address, 24)),
                        List.of(),
                        List.of(new PortRule(
                                Protocol.TCP, InetAddress.ofLiteral("0.0.0.0"), 10_000 + number, address, 80)),
                        List.of(),
                        Map.of()),
                "veth" + number,
                MacAddress.of(address));
    }

    @Test
    void manyThatComeAndGoAtOnceLeaveNothing() throws Exception {
        try (Firewall firewall = firewall(Protection.OWNER);
                ExecutorService threads = Executors.newFixedThreadPool(8)) {
            firewall.replace(List.of(network), List.of(attachment(network, 1)));
            String before = ruleset();
            List<Future<?>> done = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                Attachment attachment = attachment(network, 2 + i);
                done.add(threads.submit(() -> {
                    firewall.add(List.of(attachment));
                    firewall.add(List.of(attachment));
                    firewall.remove(List.of(attachment));
                    firewall.remove(List.of(attachment));
                }));
            }
            for (Future<?> each : done) {
                each.get();
            }
            assertThat(ruleset()).isEqualTo(before);
            firewall.raise(network);
            assertThat(ruleset()).isEqualTo(before);
            firewall.remove(List.of(attachment(network, 1)));
            firewall.lower(network);
            assertThat(ruleset()).doesNotContain("elements", "source-br1");
            firewall.add(List.of(attachment(network, 1)));
            assertThat(ruleset()).as("a network comes with its connection").isEqualTo(before);
        }
    }

    @Test
    void aFailedChangeChangesNothing() {
        try (Firewall firewall = firewall(Protection.OWNER)) {
            firewall.replace(List.of(network), List.of(attachment(network, 1)));
            String before = ruleset();
            Attachment other = attachment(network, 2);
            EndpointPlan plan = other.endpoint();
            Attachment taken = new Attachment(
                    new EndpointPlan(
                            plan.id(),
                            network,
                            "eth0",
                            null,
                            plan.addresses(),
                            List.of(),
                            List.of(new PortRule(
                                    Protocol.TCP,
                                    InetAddress.ofLiteral("0.0.0.0"),
                                    10_001,
                                    plan.addresses().getFirst().address(),
                                    80)),
                            List.of(),
                            Map.of()),
                    other.hostInterface(),
                    other.mac());
            assertThatThrownBy(() -> firewall.add(List.of(taken)))
                    .isInstanceOf(NetworkFailure.class)
                    .hasMessageContaining("any_ports4")
                    .hasMessageContaining("EEXIST");
            assertThat(ruleset()).isEqualTo(before);
            firewall.add(List.of(other));
            firewall.remove(List.of(other));
            assertThat(ruleset()).isEqualTo(before);
        }
    }
}
