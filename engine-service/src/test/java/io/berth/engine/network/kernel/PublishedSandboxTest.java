package io.berth.engine.network.kernel;

import static io.berth.engine.network.kernel.FirewallLab.HOST;
import static io.berth.engine.network.kernel.FirewallLab.HOST6;
import static io.berth.engine.network.kernel.FirewallLab.NOTHING;
import static io.berth.engine.network.kernel.FirewallLab.OUTSIDE;
import static io.berth.engine.network.kernel.FirewallLab.OUTSIDE6;
import static io.berth.engine.network.kernel.FirewallLab.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.network.runtime.Attachment;
import io.berth.engine.network.runtime.EndpointPlan;
import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.engine.network.runtime.PortRule;
import io.berth.engine.network.runtime.PortRule.Protocol;
import io.berth.engine.network.runtime.Sandbox;
import io.berth.kernel.KernelTest;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The links and the firewall together, as the engine uses them. */
@KernelTest
class PublishedSandboxTest {
    private static final NetworkPlan NETWORK = NetworkHost.bridge(1, "172.31.1.0/24", "fd31:1::/64");

    private static final EndpointPlan ENDPOINT = NetworkHost.endpoint(NETWORK, "eth0", "172.31.1.2/24", "fd31:1::2/64");

    private FirewallLab lab;
    private Firewall firewall;
    private KernelNetworkRuntime runtime;

    @BeforeAll
    static void useSockets() throws Exception {
        new ServerSocket(0, 1, InetAddress.getLoopbackAddress()).close();
    }

    @BeforeEach
    void open() {
        lab = new FirewallLab();
        firewall = onHost(() -> Firewall.open("berth"));
        runtime = onHost(() -> KernelNetworkRuntime.open("test", firewall, NetworkHost.NO_NAMES));
    }

    @AfterEach
    void close() {
        runtime.close();
        firewall.close();
        lab.close();
    }

    private <T> T onHost(Callable<T> work) {
        return Namespaces.callIn(lab.host, Namespace.NETWORK, work);
    }

    private static PortRule port(String hostAddress, int hostPort, String containerAddress) {
        return new PortRule(
                Protocol.TCP,
                InetAddress.ofLiteral(hostAddress),
                hostPort,
                InetAddress.ofLiteral(containerAddress),
                80);
    }

    private static EndpointPlan publishing(EndpointPlan plan, PortRule... ports) {
        return new EndpointPlan(
                plan.id(),
                plan.network(),
                plan.interfaceName(),
                plan.mac(),
                plan.addresses(),
                plan.defaultGateways(),
                List.of(ports),
                plan.links(),
                plan.sysctls());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSandboxIsReachedAtWhatItPublishes(boolean netfilter) {
        lab.passFramesThroughNetfilter(netfilter);
        boolean _ = onHost(() -> {
            runtime.reconcile(List.of(), List.of());
            runtime.raise(NETWORK);
            return true;
        });
        EndpointPlan plan = publishing(
                ENDPOINT,
                port("0.0.0.0", 8080, "172.31.1.2"),
                port("::", 8080, "fd31:1::2"),
                port("127.0.0.1", 8081, "172.31.1.2"));
        Attachment attachment;
        try (Sandbox sandbox = onHost(() -> runtime.open(List.of(plan), null, false))) {
            attachment = sandbox.attachments().getFirst();
            lab.serveTcp(sandbox.namespace(), 80);
            lab.serveTcp(lab.outside, 80);
            lab.settle();
            assertThat(tcp(lab.outside, HOST, 8080)).isEqualTo(OUTSIDE);
            assertThat(tcp(lab.outside, HOST6, 8080)).isEqualTo(OUTSIDE6);
            assertThat(tcp(lab.outside, "172.31.1.2", 80)).isEqualTo(NOTHING);
            assertThat(tcp(lab.host, "127.0.0.1", 8081)).isEqualTo("172.31.1.1");
            assertThat(tcp(lab.host, "127.0.0.1", 8080)).isEqualTo("172.31.1.1");
            // Known limit: where bridges pass IPv6 frames through netfilter, answers to ::1 are lost there.
            assertThat(tcp(lab.host, "::1", 8080)).isEqualTo(netfilter ? NOTHING : "fd31:1::1");
            assertThat(tcp(sandbox.namespace(), OUTSIDE, 80)).isEqualTo(HOST);
            assertThat(tcp(sandbox.namespace(), OUTSIDE6, 80)).isEqualTo(HOST6);
            assertThat(tcp(sandbox.namespace(), HOST, 8080)).as("itself").isNotEqualTo(NOTHING);
            Attachment moved =
                    onHost(() -> runtime.publish(attachment, publishing(plan, port("0.0.0.0", 8090, "172.31.1.2"))));
            assertThat(tcp(lab.outside, HOST, 8080)).isEqualTo(NOTHING);
            assertThat(tcp(lab.outside, HOST, 8090)).isEqualTo(OUTSIDE);
            boolean _ = onHost(() -> {
                runtime.release(moved);
                return true;
            });
            assertThat(tcp(lab.outside, HOST, 8090)).isEqualTo(NOTHING);
        }
        boolean _ = onHost(() -> {
            runtime.lower(NETWORK);
            return true;
        });
        assertThat(FirewallLab.sh(lab.host, "nft list table inet berth; nft list table bridge berth"))
                .doesNotContain("elements", "br-1");
    }
}
