package io.berth.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.kernel.KernelTest;
import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.Sysctl;
import io.berth.linux.fd.Fd;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Links, addresses and routes in namespaces of the test's own. */
@KernelTest
class RtnetlinkKernelTest {
    private Fd host;
    private Fd inside;
    private NetlinkSocket socket;
    private NetlinkSocket inner;

    @BeforeEach
    void makeNamespaces() {
        host = Namespaces.create(Namespace.NETWORK);
        inside = Namespaces.create(Namespace.NETWORK);
        socket = NetlinkSocket.openIn(host);
        inner = NetlinkSocket.openIn(inside);
    }

    @AfterEach
    void dropNamespaces() {
        socket.close();
        inner.close();
        host.close();
        inside.close();
    }

    private int make(NewLink link) {
        socket.execute(link.request());
        return socket.link(link.name()).orElseThrow().index();
    }

    /** Something with carrier that every kernel has: one end of a pair whose other end, {@code <name>p}, is up too. */
    private int makeEnd(String name) {
        int end = make(
                NewLink.of(name, new LinkKind.Veth(NewLink.peer(name + "p"))).up());
        socket.execute(LinkRequests.up(socket.link(name + "p").orElseThrow().index()));
        return end;
    }

    @Test
    void aPairIsMadeWithItsPeerElsewhereAndOnABridge() {
        MacAddress mac = MacAddress.parse("02:42:0a:00:00:02");
        int bridge = make(NewLink.of("br0", new LinkKind.Bridge())
                .withMtu(1400)
                .withMac(MacAddress.parse("02:42:0a:00:00:01"))
                .up());
        socket.execute(List.of(
                LinkRequests.alias(bridge, "berth:a:b"),
                NewLink.of(
                                "veth0",
                                new LinkKind.Veth(NewLink.peer("eth0")
                                        .withMac(mac)
                                        .withMtu(1400)
                                        .in(inside)))
                        .withMtu(1400)
                        .withMaster(bridge)
                        .up()
                        .request()));
        Link made = socket.link("br0").orElseThrow();
        assertThat(made.alias()).isEqualTo("berth:a:b");
        assertThat(made.mtu()).isEqualTo(1400);
        assertThat(made.address()).isEqualTo("02:42:0a:00:00:01");
        Link port = socket.link("veth0").orElseThrow();
        assertThat(port.masterIndex()).isEqualTo(bridge);
        assertThat(port.isUp()).isTrue();
        Link peer = inner.link("eth0").orElseThrow();
        assertThat(peer.address()).isEqualTo(mac.toString());
        assertThat(peer.mtu()).isEqualTo(1400);
        assertThat(peer.isUp()).isFalse();
        inner.execute(LinkRequests.up(peer.index()));
        socket.execute(List.of(
                LinkRequests.hairpin("veth0", true),
                LinkRequests.isolated("veth0", true),
                LinkRequests.master(port.index(), 0)));
        assertThat(socket.link("veth0").orElseThrow().masterIndex()).isZero();
        socket.execute(LinkRequests.delete("veth0"));
        assertThat(inner.link("eth0")).isEmpty();
    }

    @Test
    void bridgePortsHaveTheirSettings() throws Exception {
        int bridge = make(NewLink.of("br0", new LinkKind.Bridge()).up());
        int port = makeEnd("d0");
        socket.execute(List.of(
                LinkRequests.master(port, bridge),
                LinkRequests.hairpin("d0", true),
                LinkRequests.isolated("d0", true)));
        String shown = show("bridge", "-d", "link", "show", "dev", "d0");
        assertThat(shown).contains("hairpin on").contains("isolated on");
        socket.execute(List.of(LinkRequests.hairpin("d0", false), LinkRequests.isolated("d0", false)));
        assertThat(show("bridge", "-d", "link", "show", "dev", "d0"))
                .contains("hairpin off")
                .contains("isolated off")
                .doesNotContain("state disabled");
        socket.execute(LinkRequests.shut(port));
        assertThat(show("bridge", "-d", "link", "show", "dev", "d0")).contains("state disabled");
        assertThat(socket.executeUnless(Errno.ENODEV, LinkRequests.shut(4000))).isFalse();
    }

    @Test
    void linksOnOtherLinksAreMadeAsTheToolsShowThem() throws Exception {
        int parent = makeEnd("d0");
        make(NewLink.of("m0", new LinkKind.Macvlan(parent, LinkKind.MacvlanMode.PRIVATE)));
        assertThat(show("ip", "-d", "link", "show", "m0")).contains("macvlan mode private");
        assertThat(socket.link("m0").orElseThrow().parentIndex()).isEqualTo(parent);
        socket.execute(NewLink.of("eth0", new LinkKind.Macvlan(parent, LinkKind.MacvlanMode.BRIDGE))
                .in(inside)
                .request());
        assertThat(inner.link("eth0").orElseThrow().kind()).isEqualTo("macvlan");
    }

    /** Kinds that a kernel may be built without. */
    @Test
    void rarerKindsAreMadeWhereTheKernelHasThem() throws Exception {
        int parent = makeEnd("d0");
        if (has(NewLink.of("v0", new LinkKind.Vlan(parent, 7)))) {
            assertThat(show("ip", "-d", "link", "show", "v0")).contains("vlan protocol 802.1Q id 7");
        }
        if (has(NewLink.of("i0", new LinkKind.Ipvlan(parent, LinkKind.IpvlanMode.L3, LinkKind.IpvlanReach.PRIVATE)))) {
            assertThat(show("ip", "-d", "link", "show", "i0"))
                    .contains("ipvlan")
                    .contains("mode l3")
                    .contains("private");
        }
        if (has(NewLink.of("x0", new LinkKind.Dummy()))) {
            assertThat(show("ip", "-d", "link", "show", "x0")).contains("dummy");
        }
    }

    private boolean has(NewLink link) {
        return socket.executeUnless(Errno.EOPNOTSUPP, link.request());
    }

    private String show(String... command) throws Exception {
        return Namespaces.callIn(host, Namespace.NETWORK, () -> {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output =
                    new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
            return output;
        });
    }

    @Test
    void linksAreChanged() {
        int link = makeEnd("d0");
        socket.execute(List.of(
                LinkRequests.address(link, MacAddress.parse("02:00:00:00:00:09")),
                LinkRequests.mtu(link, 1300),
                LinkRequests.rename(link, "d9"),
                LinkRequests.up(link)));
        Link changed = socket.link("d9").orElseThrow();
        assertThat(changed.address()).isEqualTo("02:00:00:00:00:09");
        assertThat(changed.mtu()).isEqualTo(1300);
        assertThat(changed.isUp()).isTrue();
        assertThat(socket.index("d9")).hasValue(link);
        assertThat(socket.index("d0")).isEmpty();
        assertThat(inner.index("d9")).isEmpty();
        socket.execute(LinkRequests.down(link));
        assertThat(socket.link("d9").orElseThrow().isUp()).isFalse();
        assertThat(socket.executeUnless(Errno.ENODEV, LinkRequests.delete("d9")))
                .isTrue();
        assertThat(socket.executeUnless(Errno.ENODEV, LinkRequests.delete("d9")))
                .isFalse();
        assertThat(socket.link("d9")).isEmpty();
    }

    @Test
    void addressesAndRoutesComeAndGo() {
        int link = makeEnd("d0");
        IpPrefix ipv4 = IpPrefix.parse("10.5.0.2/24");
        IpPrefix ipv6 = IpPrefix.parse("fd00:5::2/64");
        Route gateway4 = Route.defaultBy(InetAddress.ofLiteral("10.5.0.1"), link);
        Route gateway6 = Route.defaultBy(InetAddress.ofLiteral("fd00:5::1"), link);
        Route subnet =
                new Route(IpPrefix.parse("10.9.0.0/16"), gateway4.gateway(), link, Route.MAIN, Route.Type.UNICAST, 7);
        Route local = Route.local(IpPrefix.parse("::1/128"), link, 4096);
        socket.execute(List.of(
                AddressRequests.add(link, ipv4),
                AddressRequests.add(link, ipv6),
                RouteRequests.add(gateway4),
                RouteRequests.add(gateway6),
                RouteRequests.add(subnet),
                RouteRequests.add(local)));
        assertThat(socket.addresses())
                .anySatisfy(address -> assertThat(address.address()).isEqualTo(ipv4))
                .anySatisfy(address -> {
                    assertThat(address.address()).isEqualTo(ipv6);
                    assertThat(address.isTentative()).isFalse();
                });
        assertThat(socket.routes()).contains(gateway4, subnet, local).anySatisfy(route -> {
            assertThat(route.isDefault()).isTrue();
            assertThat(route.gateway()).isEqualTo(gateway6.gateway());
        });
        Route other = Route.defaultBy(InetAddress.ofLiteral("10.5.0.9"), link);
        socket.execute(List.of(
                RouteRequests.replace(other),
                RouteRequests.replace(Route.defaultBy(InetAddress.ofLiteral("fd00:5::9"), link))));
        assertThat(socket.routes().stream().filter(Route::isDefault).map(Route::gateway))
                .containsExactlyInAnyOrder(InetAddress.ofLiteral("10.5.0.9"), InetAddress.ofLiteral("fd00:5::9"));
        socket.execute(
                List.of(RouteRequests.delete(other), RouteRequests.delete(local), AddressRequests.delete(link, ipv6)));
        assertThat(socket.routes()).doesNotContain(other, local);
        assertThat(socket.addresses())
                .noneSatisfy(address -> assertThat(address.address()).isEqualTo(ipv6));
    }

    @Test
    void aBatchTellsItsFirstFailureAndGoesOn() {
        assertThatThrownBy(() -> socket.execute(List.of(
                        LinkRequests.up(LinkRequests.LOOPBACK_INDEX),
                        AddressRequests.add(99, IpPrefix.parse("10.0.0.1/8")),
                        LinkRequests.up(98),
                        NewLink.of("d0", new LinkKind.Bridge()).request())))
                .isInstanceOfSatisfying(SyscallException.class, e -> {
                    assertThat(e.errno()).isEqualTo(Errno.ENODEV);
                    assertThat(e.call()).isEqualTo("RTM_NEWADDR");
                    assertThat(e.subject()).startsWith("address 10.0.0.1/8 of link 99");
                });
        assertThat(socket.link("d0")).as("the kernel goes on").isPresent();
        assertThat(socket.link("lo").orElseThrow().isUp()).isTrue();
        assertThatThrownBy(() -> socket.execute(RouteRequests.add(
                        Route.defaultBy(InetAddress.ofLiteral("10.77.0.1"), LinkRequests.LOOPBACK_INDEX))))
                .isInstanceOf(SyscallException.class)
                .hasMessageContaining("gateway");
    }

    @Test
    void parametersBelowNetAreOfTheThreadsNamespace() {
        Namespaces.callIn(host, Namespace.NETWORK, () -> {
            Sysctl.set("net/ipv4/ip_forward", "1");
            return Sysctl.number("net/ipv4/ip_forward");
        });
        assertThat(Namespaces.callIn(host, Namespace.NETWORK, () -> Sysctl.number("net/ipv4/ip_forward")))
                .isOne();
        assertThat(Namespaces.callIn(inside, Namespace.NETWORK, () -> Sysctl.number("net/ipv4/ip_forward")))
                .isZero();
        int link = makeEnd("d0");
        assertThat(link).isPositive();
        assertThat(Namespaces.callIn(host, Namespace.NETWORK, () -> Sysctl.exists("net/ipv6/conf/d0/accept_ra")))
                .isTrue();
        assertThat(Namespaces.callIn(inside, Namespace.NETWORK, () -> Sysctl.exists("net/ipv6/conf/d0/accept_ra")))
                .isFalse();
        assertThatThrownBy(() -> Sysctl.set("net/ipv4/no_such_thing", "1"))
                .hasMessageContaining("net/ipv4/no_such_thing");
    }
}
