package io.berth.engine.network.kernel;

import static io.berth.engine.network.kernel.NetworkHost.bridge;
import static io.berth.engine.network.kernel.NetworkHost.endpoint;
import static io.berth.engine.network.kernel.NetworkHost.on;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.network.runtime.EndpointPlan;
import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.engine.network.runtime.NetworkPlan.Driver;
import io.berth.linux.netlink.MacAddress;
import io.berth.linux.netlink.NetlinkRequest;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InterfaceSetupTest {
    private static final NetworkPlan DUAL = bridge(2, "10.8.0.0/24", "fd00:8::/64");

    private static List<String> texts(List<NetlinkRequest> requests) {
        return requests.stream().map(NetlinkRequest::toString).toList();
    }

    @Test
    void addressesComeBeforeTheRoutesThatNeedThem() {
        InterfaceSetup setup = new InterfaceSetup(endpoint(DUAL, "eth0", "10.8.0.2/24", "fd00:8::2/64"), 7);
        assertThat(texts(setup.identity())).containsExactly("RTM_NEWLINK(link 7 address 02:42:0a:08:00:02)");
        assertThat(texts(setup.addressing()))
                .containsExactly(
                        "RTM_NEWLINK(link 7 up)",
                        "RTM_NEWADDR(address 10.8.0.2/24 of link 7)",
                        "RTM_NEWADDR(address fd00:8::2/64 of link 7)",
                        "RTM_NEWROUTE(route default via 10.8.0.1 on link 7)",
                        "RTM_NEWROUTE(route default via fd00:8::1 on link 7)");
        assertThat(setup.hasParameters()).isTrue();
        assertThat(new InterfaceSetup(endpoint(DUAL, "eth0", "10.8.0.2/24"), 7).hasParameters())
                .isFalse();
    }

    @Test
    void theEthernetAddressIsTheUsersElseMadeOfTheFirstIpAddressElseTheKernels() {
        assertThat(InterfaceSetup.macOf(endpoint(DUAL, "eth0", "fd00:8::2/64", "10.8.0.2/24")))
                .contains(MacAddress.parse("02:42:0a:08:00:02"));
        assertThat(InterfaceSetup.macOf(endpoint(DUAL, "eth0", "fd00:8::2/64")))
                .contains(MacAddress.parse("02:42:00:00:00:02"));
        assertThat(InterfaceSetup.macOf(endpoint(DUAL, "eth0"))).isEmpty();
        assertThat(InterfaceSetup.macOf(
                        endpoint(on(Driver.IPVLAN, "card0", "l2", "10.9.0.0/24"), "eth0", "10.9.0.2/24")))
                .isEmpty();
    }

    @Test
    void theWildcardAsGatewayIsTheInterfaceItself() {
        EndpointPlan routed = new EndpointPlan(
                "e".repeat(64),
                on(Driver.IPVLAN, "card0", "l3", "10.9.0.0/24"),
                "eth0",
                null,
                List.of(),
                List.of(InetAddress.ofLiteral("0.0.0.0"), InetAddress.ofLiteral("::")),
                List.of(),
                List.of(),
                Map.of());
        assertThat(texts(new InterfaceSetup(routed, 7).rerouting()))
                .containsExactly("RTM_NEWROUTE(route default on link 7)", "RTM_NEWROUTE(route default on link 7)");
    }
}
