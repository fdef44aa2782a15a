package io.berth.engine.network.kernel;

import static io.berth.engine.network.kernel.NetworkHost.bridge;
import static io.berth.engine.network.kernel.NetworkHost.endpoint;
import static io.berth.engine.network.kernel.NetworkHost.on;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.berth.engine.network.runtime.Attachment;
import io.berth.engine.network.runtime.EndpointPlan;
import io.berth.engine.network.runtime.NetworkFailure;
import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.engine.network.runtime.NetworkPlan.Driver;
import io.berth.engine.network.runtime.Sandbox;
import io.berth.kernel.KernelTest;
import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.Sysctl;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.LibC;
import io.berth.linux.launch.IdMap;
import io.berth.linux.launch.Launcher;
import io.berth.linux.launch.UserNamespaces;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import io.berth.linux.netlink.IpPrefix;
import io.berth.linux.netlink.Link;
import io.berth.linux.netlink.LinkAddress;
import io.berth.linux.netlink.LinkRequests;
import io.berth.linux.netlink.MacAddress;
import io.berth.linux.netlink.NetlinkSocket;
import io.berth.linux.netlink.Route;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Namespaces with interfaces, on a host of the test's own. */
@KernelTest
class SandboxTest {
    private static final NetworkPlan NET = bridge(1, "10.7.0.0/24");
    private static final NetworkPlan DUAL = bridge(2, "10.8.0.0/24", "fd00:8::/64");

    private NetworkHost host;

    /** The JDK keeps descriptors from the first socket that is closed. */
    @BeforeAll
    static void openJdkSockets() throws Exception {
        new ServerSocket(0, 1, InetAddress.getLoopbackAddress()).close();
    }

    @BeforeEach
    void start() {
        host = new NetworkHost();
    }

    @AfterEach
    void stop() {
        host.close();
    }

    private void raise(NetworkPlan... networks) {
        host.run(runtime -> List.of(networks).forEach(runtime::raise));
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        Instant deadline = Instant.now().plus(Duration.ofSeconds(10));
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as(what).isBefore(deadline);
            Thread.sleep(2);
        }
    }

    private static String parameter(Fd namespace, String name) {
        return Namespaces.callIn(namespace, Namespace.NETWORK, () -> Sysctl.text(name));
    }

    /** Whether what one says another hears. */
    private static void assertReaches(Fd from, Fd to, String address) throws Exception {
        InetAddress target = InetAddress.ofLiteral(address);
        try (ServerSocket server = Namespaces.callIn(to, Namespace.NETWORK, () -> new ServerSocket(0, 1, target))) {
            server.setSoTimeout(5_000);
            try (Socket client = Namespaces.callIn(from, Namespace.NETWORK, () -> {
                        Socket socket = new Socket();
                        socket.connect(new InetSocketAddress(target, server.getLocalPort()), 5_000);
                        return socket;
                    });
                    Socket accepted = server.accept()) {
                client.getOutputStream().write(42);
                assertThat(accepted.getInputStream().read()).isEqualTo(42);
            }
        }
    }

    @Test
    void twoOnABridgeReachEachOtherAndTheHost() throws Exception {
        raise(NET);
        try (Sandbox a = host.open(endpoint(NET, "eth0", "10.7.0.2/24"));
                Sandbox b = host.open(endpoint(NET, "eth0", "10.7.0.3/24"))) {
            assertReaches(a.namespace(), b.namespace(), "10.7.0.3");
            assertReaches(b.namespace(), a.namespace(), "10.7.0.2");
            assertReaches(a.namespace(), host.namespace, "10.7.0.1");
            assertReaches(host.namespace, b.namespace(), "10.7.0.3");
            assertReaches(a.namespace(), a.namespace(), "127.0.0.1");
        }
    }

    @Test
    void anInterfaceIsAsPlanned() {
        raise(NET);
        EndpointPlan plain = endpoint(NET, "eth0", "10.7.0.2/24");
        EndpointPlan plan = new EndpointPlan(
                plain.id(),
                NET,
                "eth0",
                MacAddress.parse("02:00:00:00:be:ef"),
                plain.addresses(),
                plain.defaultGateways(),
                List.of(),
                List.of(),
                Map.of("net/ipv4/conf/eth0/log_martians", "1"));
        try (Sandbox sandbox = host.open(plan);
                NetlinkSocket inside = NetlinkSocket.openIn(sandbox.namespace())) {
            Link link = inside.link("eth0").orElseThrow();
            assertThat(link.address()).isEqualTo("02:00:00:00:be:ef");
            assertThat(link.mtu()).isEqualTo(1400);
            assertThat(link.isUp()).isTrue();
            assertThat(inside.link("lo").orElseThrow().isUp()).isTrue();
            assertThat(inside.addresses())
                    .filteredOn(address -> address.link() == link.index())
                    .extracting(LinkAddress::address)
                    .containsExactly(IpPrefix.parse("10.7.0.2/24"));
            assertThat(inside.addresses())
                    .extracting(LinkAddress::address)
                    .contains(IpPrefix.parse("127.0.0.1/8"), IpPrefix.parse("::1/128"));
            assertThat(inside.routes().stream().filter(Route::isDefault))
                    .containsExactly(Route.defaultBy(InetAddress.ofLiteral("10.7.0.1"), link.index()));
            Attachment attachment = sandbox.attachments().getFirst();
            assertThat(attachment.mac()).isEqualTo(plan.mac());
            assertThat(attachment.hostInterface()).matches("veth[0-9a-f]{7}");
            assertThat(host.rules.inForce()).containsExactly(attachment);
            assertThat(parameter(sandbox.namespace(), "net/ipv4/conf/eth0/log_martians"))
                    .isEqualTo("1");
            assertThat(parameter(sandbox.namespace(), "net/ipv4/ip_unprivileged_port_start"))
                    .isEqualTo("0");
            assertThat(parameter(sandbox.namespace(), "net/ipv4/ping_group_range"))
                    .isEqualTo("0\t2147483647");
            assertThat(parameter(sandbox.namespace(), "net/ipv6/conf/eth0/disable_ipv6"))
                    .isEqualTo("1");
            assertThat(parameter(sandbox.namespace(), "net/ipv6/conf/lo/disable_ipv6"))
                    .isEqualTo("0");
        }
    }

    @Test
    void aMacAddressIsMadeOfTheIpAddress() {
        raise(NET);
        try (Sandbox sandbox = host.open(endpoint(NET, "eth0", "10.7.0.9/24"))) {
            assertThat(sandbox.attachments().getFirst().mac()).hasToString("02:42:0a:07:00:09");
            assertThat(NetworkHost.linksOf(sandbox.namespace()))
                    .anyMatch(link -> link.address().equals("02:42:0a:07:00:09"));
        }
    }

    @Test
    void ipv6IsThereAtOnceWhereItIsMeant() throws Exception {
        raise(DUAL);
        for (int round = 0; round < 2; round++) { // the second time from the pool
            try (Sandbox a = host.open(endpoint(DUAL, "eth0", "10.8.0.2/24", "fd00:8::2/64"));
                    Sandbox b = host.open(endpoint(DUAL, "eth0", "10.8.0.3/24", "fd00:8::3/64"));
                    NetlinkSocket inside = NetlinkSocket.openIn(a.namespace())) {
                assertThat(inside.addresses())
                        .anyMatch(address ->
                                address.address().equals(IpPrefix.parse("fd00:8::2/64")) && !address.isTentative())
                        // made of the Ethernet address
                        .anyMatch(address -> address.address().equals(IpPrefix.parse("fe80::42:aff:fe08:2/64")));
                assertThat(inside.routes().stream().filter(Route::isDefault).map(Route::gateway))
                        .containsExactlyInAnyOrder(
                                InetAddress.ofLiteral("10.8.0.1"), InetAddress.ofLiteral("fd00:8::1"));
                assertReaches(a.namespace(), b.namespace(), "fd00:8::3");
                assertReaches(a.namespace(), host.namespace, "fd00:8::1");
                assertReaches(a.namespace(), b.namespace(), "10.8.0.3");
                host.run(runtime -> {
                    a.attachments().forEach(runtime::release);
                    b.attachments().forEach(runtime::release);
                });
            }
            await("pool filled", () -> host.runtime.ready(DUAL.id()) == SandboxPool.STOCK);
        }
    }

    @Test
    void severalNetworksAndNone() throws Exception {
        raise(NET, DUAL);
        EndpointPlan second = endpoint(NET, "eth1", "10.7.0.2/24");
        EndpointPlan withoutGateway = new EndpointPlan(
                second.id(), NET, "eth1", null, second.addresses(), List.of(), List.of(), List.of(), Map.of());
        try (Sandbox both = host.open(withoutGateway, endpoint(DUAL, "eth0", "10.8.0.2/24", "fd00:8::2/64"));
                Sandbox other = host.open(endpoint(NET, "eth0", "10.7.0.3/24"));
                Sandbox none = host.open()) {
            assertThat(both.attachments())
                    .extracting(attachment -> attachment.endpoint().interfaceName())
                    .containsExactly("eth1", "eth0");
            assertReaches(both.namespace(), other.namespace(), "10.7.0.3");
            assertReaches(both.namespace(), host.namespace, "10.8.0.1");
            assertThat(NetworkHost.linksOf(none.namespace()))
                    .filteredOn(link -> link.name().startsWith("eth"))
                    .isEmpty();
            assertReaches(none.namespace(), none.namespace(), "127.0.0.1");
            assertReaches(none.namespace(), none.namespace(), "::1");
        }
    }

    @Test
    void thePoolIsFilledAndUsedAndDropped() throws Exception {
        raise(NET);
        try (Sandbox first = host.open(endpoint(NET, "eth0", "10.7.0.2/24"))) {
            assertThat(first.attachments()).hasSize(1);
            await("pool filled", () -> host.runtime.ready(NET.id()) == SandboxPool.STOCK);
            assertThat(host.links().stream().filter(link -> "veth".equals(link.kind())))
                    .hasSize(1 + SandboxPool.STOCK)
                    .allMatch(link -> link.mtu() == 1400);
            List<String> ports = host.links().stream().map(Link::name).toList();
            try (Sandbox second = host.open(endpoint(NET, "eth0", "10.7.0.3/24"))) {
                assertThat(ports).contains(second.attachments().getFirst().hostInterface());
                assertReaches(first.namespace(), second.namespace(), "10.7.0.3");
                await("pool filled again", () -> host.runtime.ready(NET.id()) == SandboxPool.STOCK);
            }
        }
        host.run(runtime -> runtime.lower(NET));
        assertThat(host.runtime.ready(NET.id())).isZero();
        await("only lo is left", () -> host.links().size() == 1);
    }

    @Test
    void whatWasMadeForABridgeThatIsGoneIsNotUsed() throws Exception {
        raise(NET);
        host.open(endpoint(NET, "eth0", "10.7.0.2/24")).close();
        await("pool filled", () -> host.runtime.ready(NET.id()) == SandboxPool.STOCK);
        try (NetlinkSocket socket = NetlinkSocket.openIn(host.namespace)) {
            socket.execute(LinkRequests.delete(NET.link()));
        }
        try (Sandbox after = host.open(endpoint(NET, "eth0", "10.7.0.3/24"))) {
            assertReaches(after.namespace(), host.namespace, "10.7.0.1");
        }
    }

    /** The kernel takes a namespace down when it comes to it; the same address is then somebody else's already. */
    @Test
    void anAddressIsTheNewContainersAlthoughTheOldNamespaceIsStillThere() throws Exception {
        raise(NET);
        try (Sandbox old = host.open(endpoint(NET, "eth0", "10.7.0.2/24"))) {
            assertReaches(host.namespace, old.namespace(), "10.7.0.2");
            host.run(runtime -> old.attachments().forEach(runtime::release));
            try (Sandbox now = host.open(endpoint(NET, "eth0", "10.7.0.2/24"))) {
                assertReaches(host.namespace, now.namespace(), "10.7.0.2");
            }
        }
    }

    @Test
    void failuresLeaveNothing() throws Exception {
        raise(NET);
        int before = host.links().size();
        EndpointPlan good = endpoint(NET, "eth0", "10.7.0.2/24");
        EndpointPlan unreachable = new EndpointPlan(
                good.id(),
                NET,
                "eth1",
                null,
                good.addresses(),
                List.of(InetAddress.ofLiteral("192.0.2.1")),
                List.of(),
                List.of(),
                Map.of());
        EndpointPlan wrongParameter = new EndpointPlan(
                good.id(),
                NET,
                "eth0",
                null,
                good.addresses(),
                good.defaultGateways(),
                List.of(),
                List.of(),
                Map.of("net/ipv4/conf/eth0/no_such_thing", "1"));
        NetworkPlan wrong = on(Driver.MACVLAN, "missing0", "bridge", "10.9.0.0/24");
        assertThatThrownBy(() -> host.open(good, unreachable))
                .isInstanceOf(NetworkFailure.class)
                .hasMessageContaining("192.0.2.1");
        assertThatThrownBy(() -> host.open(wrongParameter))
                .isInstanceOf(NetworkFailure.class)
                .hasMessageContaining("no_such_thing");
        assertThatThrownBy(() -> host.open(good, endpoint(wrong, "eth1", "10.9.0.2/24")))
                .isInstanceOf(NetworkFailure.class)
                .hasMessageContaining("missing0");
        host.rules.refuse(true);
        assertThatThrownBy(() -> host.open(good)).isInstanceOf(NetworkFailure.class);
        try (Sandbox none = host.open()) {
            assertThatThrownBy(() -> host.run(runtime -> runtime.attach(none.namespace(), good)))
                    .isInstanceOf(NetworkFailure.class);
            assertThat(NetworkHost.linksOf(none.namespace()))
                    .noneMatch(link -> link.name().equals("eth0"));
            host.rules.refuse(false);
            assertThatThrownBy(() -> host.run(runtime -> runtime.attach(none.namespace(), unreachable)))
                    .isInstanceOf(NetworkFailure.class);
            assertThat(NetworkHost.linksOf(none.namespace()))
                    .noneMatch(link -> link.name().equals("eth1"));
        }
        assertThat(host.rules.inForce()).isEmpty();
        host.runtime.close();
        await("the bridge is left", () -> host.links().size() == before);
    }

    @Test
    void aRunningContainerIsConnectedAndDisconnected() throws Exception {
        raise(NET, DUAL);
        try (Sandbox sandbox = host.open(endpoint(NET, "eth0", "10.7.0.2/24"))) {
            Fd inside = sandbox.namespace();
            EndpointPlan second = endpoint(DUAL, "eth1", "10.8.0.2/24", "fd00:8::2/64");
            EndpointPlan withoutGateway = new EndpointPlan(
                    second.id(), DUAL, "eth1", null, second.addresses(), List.of(), List.of(), List.of(), Map.of());
            Attachment attached = host.call(() -> host.runtime.attach(inside, withoutGateway));
            assertThat(host.rules.inForce()).contains(attached);
            assertReaches(inside, host.namespace, "fd00:8::1");
            assertThat(defaultGateways(inside)).containsExactly("10.7.0.1");
            host.run(runtime -> runtime.route(inside, second));
            assertThat(defaultGateways(inside)).containsExactlyInAnyOrder("10.8.0.1", "fd00:8::1");
            Attachment published = host.call(() -> host.runtime.publish(attached, second));
            assertThat(host.rules.inForce()).contains(published).doesNotContain(attached);
            host.run(runtime -> runtime.detach(inside, published));
            assertThat(NetworkHost.linksOf(inside))
                    .noneMatch(link -> link.name().equals("eth1"));
            assertThat(host.links()).noneMatch(link -> link.name().equals(attached.hostInterface()));
            assertThat(host.rules.inForce()).hasSize(1);
            host.run(runtime -> runtime.detach(inside, published));
            host.run(runtime -> runtime.release(sandbox.attachments().getFirst()));
            assertThat(host.rules.inForce()).isEmpty();
        }
    }

    private static List<String> defaultGateways(Fd namespace) {
        try (NetlinkSocket socket = NetlinkSocket.openIn(namespace)) {
            return socket.routes().stream()
                    .filter(route -> route.isDefault() && route.table() == Route.MAIN)
                    .flatMap(route -> Stream.ofNullable(route.gateway()))
                    .map(IpPrefix::text)
                    .toList();
        }
    }

    @Test
    void macvlanInterfacesReachEachOtherByTheirParent() throws Exception {
        host.addCard("card0");
        NetworkPlan network = on(Driver.MACVLAN, "card0", "bridge", "10.9.0.0/24");
        raise(network);
        try (Sandbox a = host.open(endpoint(network, "eth0", "10.9.0.2/24"));
                Sandbox b = host.open(endpoint(network, "eth0", "10.9.0.3/24"))) {
            assertReaches(a.namespace(), b.namespace(), "10.9.0.3");
            Attachment attachment = a.attachments().getFirst();
            assertThat(attachment.hostInterface()).isEmpty();
            assertThat(attachment.mac()).hasToString("02:42:0a:09:00:02");
            host.run(runtime -> runtime.detach(a.namespace(), attachment));
            assertThat(NetworkHost.linksOf(a.namespace()))
                    .noneMatch(link -> link.name().equals("eth0"));
        }
        host.run(runtime -> runtime.lower(network));
        assertThat(host.links()).anyMatch(link -> link.name().equals("card0"));
    }

    @Test
    void ipvlanAndDummiesWhereTheKernelHasThem() throws Exception {
        NetworkPlan network = on(Driver.IPVLAN, "", "l3", "10.9.0.0/24");
        try {
            raise(network);
        } catch (NetworkFailure e) {
            assumeFalse(
                    e.getCause() instanceof SyscallException refused && refused.errno() == Errno.EOPNOTSUPP,
                    e.getMessage());
            throw e;
        }
        EndpointPlan plan = endpoint(network, "eth0", "10.9.0.2/24");
        EndpointPlan routed = new EndpointPlan(
                plan.id(),
                network,
                "eth0",
                null,
                plan.addresses(),
                List.of(InetAddress.ofLiteral("0.0.0.0")),
                List.of(),
                List.of(),
                Map.of());
        try (Sandbox a = host.open(routed);
                Sandbox b = host.open(endpoint(network, "eth0", "10.9.0.3/24"))) {
            assertReaches(a.namespace(), b.namespace(), "10.9.0.3");
        }
        host.run(runtime -> runtime.lower(network));
        assertThat(host.links()).noneMatch(link -> link.name().startsWith("dm-"));
    }

    @Test
    void aUserNamespaceOwnsItsNetworkNamespace() throws Exception {
        raise(DUAL);
        try (Launcher launcher = Launcher.open();
                Fd users = UserNamespaces.create(launcher, new IdMap(0, 500_000, 1000), new IdMap(0, 600_000, 1000));
                Sandbox sandbox = host.open(users, endpoint(DUAL, "eth0", "10.8.0.2/24", "fd00:8::2/64"));
                Sandbox other = host.open(endpoint(DUAL, "eth0", "10.8.0.3/24", "fd00:8::3/64"))) {
            int nsGetUserNamespace = 0xb701;
            try (Fd owner = Fd.own(
                    (int) LibC.call(
                            SyscallNumber.IOCTL, "owner", sandbox.namespace().value(), nsGetUserNamespace),
                    "owner")) {
                assertThat(identity(owner)).isEqualTo(identity(users));
            }
            assertThat(parameter(sandbox.namespace(), "net/ipv4/ping_group_range"))
                    .isEqualTo("600000\t600999");
            assertReaches(sandbox.namespace(), other.namespace(), "fd00:8::3");
            assertReaches(other.namespace(), sandbox.namespace(), "10.8.0.2");
        }
    }

    private static String identity(Fd namespace) throws Exception {
        return Files.readSymbolicLink(Path.of("/proc/self/fd/" + namespace.value()))
                .toString();
    }

    @Test
    void manyAtOnceLeaveNothing() throws Exception {
        raise(NET);
        try (var threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                String address = "10.7.0." + (2 + i % 250) + "/24";
                all.add(threads.submit(() -> {
                    try (Sandbox sandbox = host.open(endpoint(NET, "eth0", address))) {
                        host.run(runtime -> sandbox.attachments().forEach(runtime::release));
                    }
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        assertThat(host.rules.inForce()).isEmpty();
        host.runtime.close();
        await("only lo and the bridge are left", () -> host.links().size() == 2);
    }
}
