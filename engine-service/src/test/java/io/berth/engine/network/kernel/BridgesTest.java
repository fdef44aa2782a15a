package io.berth.engine.network.kernel;

import static io.berth.engine.network.kernel.NetworkHost.bridge;
import static io.berth.engine.network.kernel.NetworkHost.endpoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.engine.network.runtime.HostUse;
import io.berth.engine.network.runtime.HostUse.Kind;
import io.berth.engine.network.runtime.NetworkFailure;
import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.engine.network.runtime.NetworkPlan.GatewayMode;
import io.berth.engine.network.runtime.Sandbox;
import io.berth.kernel.KernelTest;
import io.berth.linux.Sysctl;
import io.berth.linux.netlink.AddressRequests;
import io.berth.linux.netlink.IpPrefix;
import io.berth.linux.netlink.Link;
import io.berth.linux.netlink.LinkAddress;
import io.berth.linux.netlink.LinkKind;
import io.berth.linux.netlink.NetlinkSocket;
import io.berth.linux.netlink.NewLink;
import io.berth.linux.netlink.Route;
import io.berth.linux.netlink.RouteRequests;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Networks' links on a host of the test's own. */
@KernelTest
class BridgesTest {
    private static final NetworkPlan NET = bridge(1, "10.7.0.0/24");
    private static final NetworkPlan DUAL = bridge(2, "10.8.0.0/24", "fd00:8::/64");

    private NetworkHost host;

    @BeforeEach
    void start() {
        host = new NetworkHost();
    }

    @AfterEach
    void stop() {
        host.close();
    }

    private String parameter(String name) {
        return host.call(() -> Sysctl.text(name));
    }

    private Link link(String name) {
        return host.links().stream()
                .filter(link -> link.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private List<IpPrefix> addressesOf(String name) {
        int index = link(name).index();
        try (NetlinkSocket socket = NetlinkSocket.openIn(host.namespace)) {
            return socket.addresses().stream()
                    .filter(address -> address.link() == index && !address.isTentative())
                    .map(LinkAddress::address)
                    .toList();
        }
    }

    @Test
    void aBridgeHasAddressesMarkAndParameters() {
        host.run(runtime -> runtime.raise(NET));
        assertThat(link("br-1").kind()).isEqualTo("bridge");
        assertThat(link("br-1").isUp()).isTrue();
        assertThat(link("br-1").mtu()).isEqualTo(1400);
        assertThat(link("br-1").address()).isEqualTo("02:42:0a:07:00:01");
        assertThat(link("br-1").alias()).isEqualTo("berth:test:" + NET.id());
        assertThat(addressesOf("br-1")).containsExactly(IpPrefix.parse("10.7.0.1/24"));
        assertThat(parameter("net/ipv4/conf/br-1/route_localnet")).isEqualTo("1");
        assertThat(parameter("net/ipv6/conf/br-1/disable_ipv6")).isEqualTo("1");
        assertThat(parameter("net/ipv4/ip_forward")).isEqualTo("1");
        assertThat(parameter("net/ipv6/conf/all/forwarding")).isEqualTo("0");
    }

    @Test
    void ipv6IsForwardedAndRoutersStayHeard() {
        host.addCard("card0");
        host.run(runtime -> runtime.raise(DUAL));
        assertThat(addressesOf("br-2")).contains(IpPrefix.parse("10.8.0.1/24"), IpPrefix.parse("fd00:8::1/64"));
        assertThat(parameter("net/ipv6/conf/br-2/disable_ipv6")).isEqualTo("0");
        assertThat(parameter("net/ipv6/conf/br-2/accept_ra")).isEqualTo("0");
        assertThat(parameter("net/ipv6/conf/all/forwarding")).isEqualTo("1");
        assertThat(parameter("net/ipv6/conf/default/forwarding")).isEqualTo("1");
        assertThat(parameter("net/ipv6/conf/card0/accept_ra")).isEqualTo("2");
        try (NetlinkSocket socket = NetlinkSocket.openIn(host.namespace)) {
            assertThat(socket.routes())
                    .contains(
                            Route.local(IpPrefix.parse("::1/128"), link("br-2").index(), 4096));
        }
    }

    @Test
    void internalNetworksTurnNothingOn() {
        NetworkPlan internal = new NetworkPlan(
                NET.id(),
                NET.driver(),
                NET.link(),
                "",
                0,
                NET.subnets(),
                NET.gateways(),
                true,
                true,
                true,
                GatewayMode.NAT,
                GatewayMode.NAT,
                List.of());
        host.run(runtime -> runtime.raise(internal));
        assertThat(parameter("net/ipv4/ip_forward")).isEqualTo("0");
        assertThat(parameter("net/ipv4/conf/br-1/route_localnet")).isEqualTo("0");
        assertThat(link("br-1").mtu()).isEqualTo(1500);
    }

    @Test
    void raisingAgainAddsWhatIsMissing() {
        host.run(runtime -> runtime.raise(DUAL));
        Link first = link("br-2");
        try (NetlinkSocket socket = NetlinkSocket.openIn(host.namespace)) {
            socket.execute(AddressRequests.delete(first.index(), IpPrefix.parse("fd00:8::1/64")));
        }
        host.run(runtime -> runtime.raise(DUAL));
        assertThat(link("br-2")).isEqualTo(first);
        assertThat(addressesOf("br-2")).contains(IpPrefix.parse("fd00:8::1/64"));
        host.run(runtime -> runtime.lower(DUAL));
        host.run(runtime -> runtime.lower(DUAL));
        assertThat(host.links()).extracting(Link::name).containsExactly("lo");
        assertThat(host.rules.networks()).isEmpty();
    }

    @Test
    void withoutRulesThereIsNoBridge() {
        host.rules.refuse(true);
        assertThatThrownBy(() -> host.run(runtime -> runtime.raise(NET))).isInstanceOf(NetworkFailure.class);
        assertThat(host.links()).extracting(Link::name).containsExactly("lo");
        host.rules.refuse(false);
        host.run(runtime -> runtime.raise(NET));
        assertThat(host.rules.networks()).containsExactly(NET);
    }

    @Test
    void aBridgeOfSomebodyElseIsUsedAndNeverRemoved() throws Exception {
        try (NetlinkSocket socket = NetlinkSocket.openIn(host.namespace)) {
            socket.execute(NewLink.of("br-1", new LinkKind.Bridge()).request());
            socket.execute(
                    AddressRequests.add(socket.link("br-1").orElseThrow().index(), IpPrefix.parse("10.99.0.1/24")));
        }
        host.run(runtime -> runtime.raise(NET));
        assertThat(link("br-1").alias()).isEmpty();
        assertThat(addressesOf("br-1")).contains(IpPrefix.parse("10.99.0.1/24"), IpPrefix.parse("10.7.0.1/24"));
        try (Sandbox sandbox = host.open(endpoint(NET, "eth0", "10.7.0.2/24"))) {
            assertThat(sandbox.attachments()).hasSize(1);
        }
        host.run(runtime -> runtime.lower(NET));
        host.run(runtime -> runtime.reconcile(List.of(), List.of()));
        assertThat(host.links()).extracting(Link::name).contains("br-1");
    }

    @Test
    void anotherKindOfLinkIsRefused() {
        host.addCard("br-1");
        assertThatThrownBy(() -> host.run(runtime -> runtime.raise(NET)))
                .isInstanceOf(NetworkFailure.class)
                .hasMessage("link br-1 exists and is no bridge");
    }

    @Test
    void aFailureTakesTheBridgeAway() {
        NetworkPlan wrong = new NetworkPlan(
                NET.id(),
                NET.driver(),
                NET.link(),
                "",
                0,
                NET.subnets(),
                List.of(IpPrefix.parse("224.0.0.1/24"), IpPrefix.parse("::/64")),
                false,
                true,
                true,
                GatewayMode.NAT,
                GatewayMode.NAT,
                List.of());
        assertThatThrownBy(() -> host.run(runtime -> runtime.raise(wrong))).isInstanceOf(NetworkFailure.class);
        assertThat(host.links()).extracting(Link::name).containsExactly("lo");
    }

    @Test
    void reconcilingRemovesOnlyOnesOwnLinksOfUnknownNetworks() {
        host.run(runtime -> {
            runtime.raise(NET);
            runtime.raise(DUAL);
        });
        NetworkPlan others = bridge(3, "10.6.0.0/24");
        try (KernelNetworkRuntime another = host.start("another")) {
            boolean _ = host.call(() -> {
                another.raise(others);
                return true;
            });
        }
        host.run(runtime -> runtime.reconcile(List.of(DUAL), List.of()));
        assertThat(host.links()).extracting(Link::name).containsExactlyInAnyOrder("lo", "br-2", "br-3");
        assertThat(host.runtime.occupied())
                .contains(IpPrefix.parse("10.8.0.0/24"), IpPrefix.parse("10.6.0.0/24"), IpPrefix.parse("fd00:8::/64"))
                .doesNotContain(IpPrefix.parse("10.7.0.0/24"), IpPrefix.parse("127.0.0.0/8"))
                .noneMatch(prefix -> prefix.length() == 0);
    }

    @Test
    void knowsWhatTheHostReaches() {
        host.addCard("lan0");
        try (NetlinkSocket socket = NetlinkSocket.openIn(host.namespace)) {
            int lan = socket.link("lan0").orElseThrow().index();
            socket.execute(AddressRequests.add(lan, IpPrefix.parse("192.168.1.7/24")));
            socket.execute(AddressRequests.add(lan, IpPrefix.parse("fd00:1::7/64")));
            socket.execute(RouteRequests.add(new Route(
                    IpPrefix.parse("10.20.0.0/16"),
                    InetAddress.ofLiteral("192.168.1.2"),
                    lan,
                    Route.MAIN,
                    Route.Type.UNICAST,
                    0)));
            socket.execute(RouteRequests.add(Route.defaultBy(InetAddress.ofLiteral("192.168.1.1"), lan)));
        }
        List<HostUse> uses = host.call(host.runtime::hostUses);
        assertThat(uses)
                .contains(
                        new HostUse(Kind.ROUTE, IpPrefix.parse("192.168.1.0/24"), "lan0"),
                        new HostUse(Kind.ROUTE, IpPrefix.parse("fd00:1::/64"), "lan0"),
                        new HostUse(Kind.ROUTE, IpPrefix.parse("10.20.0.0/16"), "lan0"),
                        new HostUse(Kind.GATEWAY, IpPrefix.parse("192.168.1.2/32"), "lan0"),
                        new HostUse(Kind.GATEWAY, IpPrefix.parse("192.168.1.1/32"), "lan0"),
                        new HostUse(Kind.ADDRESS, IpPrefix.parse("192.168.1.7/24"), "lan0"))
                .noneMatch(use -> use.kind() == Kind.ROUTE && use.prefix().length() == 0)
                .noneMatch(use -> use.prefix().address().isLinkLocalAddress());
    }
}
