package io.berth.engine.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.engine.network.kernel.KernelNetworkRuntime;
import io.berth.engine.network.kernel.Rules;
import io.berth.engine.network.runtime.Attachment;
import io.berth.engine.network.runtime.EndpointPlan;
import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.engine.network.runtime.NetworkPlan.Driver;
import io.berth.engine.network.runtime.NetworkPlan.GatewayMode;
import io.berth.engine.runtime.ContainerProcess;
import io.berth.engine.runtime.Isolation.IdRange;
import io.berth.engine.runtime.Isolation.NamespaceChoice;
import io.berth.engine.runtime.LaunchFailure;
import io.berth.engine.runtime.kernel.BusyboxContainers.Request;
import io.berth.engine.runtime.kernel.BusyboxContainers.Run;
import io.berth.kernel.KernelTest;
import io.berth.linux.fd.Fd;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import io.berth.linux.netlink.IpPrefix;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers in network namespaces that are made for them at launch, on a host of the test's own. */
@KernelTest
class PreparedNetworkTest {
    private static final NetworkPlan NETWORK = new NetworkPlan(
            "b".repeat(64),
            Driver.BRIDGE,
            "br-test",
            "",
            0,
            List.of(IpPrefix.parse("10.7.0.0/24")),
            List.of(IpPrefix.parse("10.7.0.1/24")),
            false,
            true,
            true,
            GatewayMode.NAT,
            GatewayMode.NAT,
            List.of());

    /** No firewall. */
    private static final Rules NONE = new Rules() {
        @Override
        public void raise(NetworkPlan network) {}

        @Override
        public void lower(NetworkPlan network) {}

        @Override
        public void change(List<Attachment> ended, List<Attachment> begun) {}

        @Override
        public void add(List<Attachment> attachments) {}

        @Override
        public void remove(List<Attachment> attachments) {}

        @Override
        public void replace(Collection<NetworkPlan> networks, Collection<Attachment> attachments) {}
    };

    @TempDir
    static Path data;

    private Fd host;
    private KernelNetworkRuntime networks;
    private BusyboxContainers containers;
    private final List<Fd> made = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        host = Namespaces.create(Namespace.NETWORK);
        networks = Namespaces.callIn(host, Namespace.NETWORK, () -> {
            KernelNetworkRuntime runtime = KernelNetworkRuntime.open("test", NONE, () -> {
                throw new AssertionError("nobody asked for names");
            });
            runtime.raise(NETWORK);
            return runtime;
        });
        containers = new BusyboxContainers(data.resolve("c" + System.nanoTime()));
    }

    @AfterEach
    void stop() {
        assertThat(made).as("closed after the launch").noneMatch(Fd::isOpen);
        containers.close();
        networks.close();
        host.close();
    }

    private NamespaceChoice onNetwork(String address) {
        EndpointPlan endpoint = new EndpointPlan(
                "e".repeat(64),
                NETWORK,
                "eth0",
                null,
                List.of(IpPrefix.parse(address)),
                List.of(InetAddress.ofLiteral("10.7.0.1")),
                List.of(),
                List.of(),
                Map.of());
        return prepared(List.of(endpoint));
    }

    private NamespaceChoice prepared(List<EndpointPlan> endpoints) {
        return new NamespaceChoice.Prepared(users -> {
            Fd namespace = Namespaces.callIn(host, Namespace.NETWORK, () -> networks.open(endpoints, users, false))
                    .namespace();
            synchronized (made) {
                made.add(namespace);
            }
            return namespace;
        });
    }

    private Request sh(String script, NamespaceChoice network) {
        Request request = containers.sh(script);
        request.network = network;
        return request;
    }

    @Test
    void aContainerIsOnItsNetworkFromItsFirstInstruction() throws Exception {
        Request sleeping = sh("sleep 100", onNetwork("10.7.0.3/24"));
        ContainerProcess other = sleeping.start();
        try {
            Run run = sh(
                            "ping -c 1 -W 2 10.7.0.3 && ip -o -4 addr show eth0 && ip route && ls /sys/class/net"
                                    + " && cat /proc/sys/net/ipv4/ip_unprivileged_port_start"
                                    + " && cat /proc/sys/net/ipv4/ping_group_range && ip -o link show lo",
                            onNetwork("10.7.0.2/24"))
                    .run();
            assertThat(run.exitCode()).as(run.output() + run.error()).isZero();
            assertThat(run.output())
                    .contains("1 packets received", "inet 10.7.0.2/24", "default via 10.7.0.1", "LOOPBACK,UP")
                    .contains("\neth0\n", "\n0\n0\t2147483647\n")
                    .doesNotContain("br-test");
        } finally {
            other.signal(9);
            assertThat(BusyboxContainers.finish(other).exitCode()).isEqualTo(137);
            sleeping.clean();
        }
    }

    @Test
    void parametersOfUsersAreSetInIt() throws Exception {
        Request request = sh(
                "cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/ip_unprivileged_port_start",
                onNetwork("10.7.0.2/24"));
        request.sysctls = Map.of("net/ipv4/ip_forward", "1", "net/ipv4/ip_unprivileged_port_start", "99");
        assertThat(request.run().output()).isEqualTo("1\n99\n");
    }

    @Test
    void withoutNetworksThereIsLoopback() throws Exception {
        Run run = sh("ip -o addr; ls /sys/class/net", prepared(List.of())).run();
        assertThat(run.output()).contains("127.0.0.1/8", "::1/128").doesNotContain("eth0");
    }

    @Test
    void aContainerWithUserIdsOfItsOwnRulesItsNamespace() throws Exception {
        Request request = sh(
                "ping -c 1 -W 2 10.7.0.1 && ip -o -4 addr show eth0 && ls /sys/class/net"
                        + " && cat /proc/sys/net/ipv4/ping_group_range",
                onNetwork("10.7.0.2/24"));
        request.users = new IdRange(700_000, 65_536);
        request.sysctls = Map.of("net/ipv4/ip_forward", "1");
        Run run = request.run();
        assertThat(run.exitCode()).as(run.output() + run.error()).isZero();
        assertThat(run.output()).contains("1 packets received", "inet 10.7.0.2/24", "\neth0\n", "0\t65535");
    }

    @Test
    void failuresCloseIt() {
        Request noProgram = containers.command("/no/such/program");
        noProgram.network = onNetwork("10.7.0.2/24");
        assertThatThrownBy(noProgram::start).isInstanceOf(LaunchFailure.class);
        noProgram.clean();
        Request noUser = sh("true", onNetwork("10.7.0.2/24"));
        noUser.user = "nobody-knows";
        assertThatThrownBy(noUser::start).isInstanceOf(LaunchFailure.class);
        noUser.clean();
        assertThat(made).hasSize(2);
        Request unmade = sh("true", new NamespaceChoice.Prepared(users -> {
            throw new IllegalStateException("no network today");
        }));
        assertThatThrownBy(unmade::start).isInstanceOf(LaunchFailure.class).hasMessage("no network today");
        unmade.clean();
    }
}
