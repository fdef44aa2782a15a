package io.berth.engine.network.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.network.runtime.Attachment;
import io.berth.engine.network.runtime.EndpointPlan;
import io.berth.engine.network.runtime.EndpointPlan.LinkedPort;
import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.engine.network.runtime.NetworkPlan.Driver;
import io.berth.engine.network.runtime.NetworkPlan.GatewayMode;
import io.berth.engine.network.runtime.PortRule;
import io.berth.engine.network.runtime.PortRule.Protocol;
import io.berth.linux.netlink.IpPrefix;
import io.berth.linux.netlink.MacAddress;
import io.berth.linux.nftables.NftElement;
import io.berth.linux.nftables.NftValue;
import io.berth.linux.nftables.Verdict;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Elements of networks and connections, and who needs them; without a kernel. */
class FirewallElementsTest {
    private static final InetAddress ADDRESS = InetAddress.ofLiteral("172.30.1.2");
    private static final InetAddress ADDRESS6 = InetAddress.ofLiteral("fd30:1::2");
    private static final MacAddress MAC = MacAddress.parse("02:42:ac:1e:01:02");

    private static NetworkPlan network(Driver driver, boolean internal, boolean interContainer, GatewayMode mode) {
        return new NetworkPlan(
                "1".repeat(64),
                driver,
                "br1",
                "",
                0,
                List.of(IpPrefix.parse("172.30.1.0/24")),
                List.of(IpPrefix.parse("172.30.1.1/24")),
                internal,
                interContainer,
                true,
                mode,
                mode,
                List.of());
    }

    private static Attachment attachment(NetworkPlan network, String id, PortRule... ports) {
        return new Attachment(
                new EndpointPlan(
                        id,
                        network,
                        "eth0",
                        null,
                        List.of(new IpPrefix(ADDRESS, 24), new IpPrefix(ADDRESS6, 64)),
                        List.of(),
                        List.of(ports),
                        List.of(new LinkedPort(Protocol.TCP, InetAddress.ofLiteral("172.30.1.9"), 80)),
                        Map.of()),
                "veth1",
                MAC);
    }

    private static PortRule port(Protocol protocol, String hostAddress, int hostPort) {
        InetAddress host = InetAddress.ofLiteral(hostAddress);
        return new PortRule(protocol, host, hostPort, host.getAddress().length == 4 ? ADDRESS : ADDRESS6, 80);
    }

    private static List<NftElement> in(FirewallSet set, List<FirewallElement> elements) {
        return elements.stream()
                .filter(element -> element.set() == set)
                .map(FirewallElement::element)
                .toList();
    }

    @Test
    void aNetworkHasItsBridgeInTheSetsOfWhatItIs() {
        List<FirewallElement> plain = FirewallElements.of(network(Driver.BRIDGE, false, true, GatewayMode.NAT));
        assertThat(plain)
                .extracting(FirewallElement::set)
                .containsExactly(FirewallSet.BRIDGES, FirewallSet.SAME_BRIDGE, FirewallSet.SUBNETS4);
        assertThat(in(FirewallSet.SUBNETS4, plain))
                .containsExactly(
                        NftElement.prefix(IpPrefix.parse("172.30.1.0/24")).to(Verdict.goTo("source-br1")));
        assertThat(FirewallElements.of(network(Driver.BRIDGE, true, false, GatewayMode.ROUTED)))
                .extracting(FirewallElement::set)
                .containsExactly(
                        FirewallSet.BRIDGES,
                        FirewallSet.INTERNAL,
                        FirewallSet.SEPARATED,
                        FirewallSet.SEPARATED_BRIDGES,
                        FirewallSet.ROUTED4,
                        FirewallSet.ROUTED6,
                        FirewallSet.SUBNETS4);
        assertThat(FirewallElements.of(network(Driver.MACVLAN, false, true, GatewayMode.NAT)))
                .isEmpty();
    }

    @Test
    void publishedPortsAreKeyedByAddressOrForAll() {
        NetworkPlan network = network(Driver.BRIDGE, false, true, GatewayMode.NAT);
        List<FirewallElement> elements = FirewallElements.of(attachment(
                network,
                "1",
                port(Protocol.TCP, "127.0.0.1", 8080),
                port(Protocol.SCTP, "0.0.0.0", 8081),
                port(Protocol.UDP, "::", 8082),
                port(Protocol.TCP, "::1", 8083)));
        NftValue to = NftValue.address(ADDRESS);
        NftValue to6 = NftValue.address(ADDRESS6);
        assertThat(in(FirewallSet.PORTS4, elements))
                .containsExactly(NftElement.of(
                                NftValue.address(InetAddress.ofLiteral("127.0.0.1")),
                                NftValue.protocol(6),
                                NftValue.port(8080))
                        .to(to, NftValue.port(80)));
        assertThat(in(FirewallSet.ANY_PORTS4, elements))
                .containsExactly(NftElement.of(NftValue.protocol(132), NftValue.port(8081))
                        .to(to, NftValue.port(80)));
        assertThat(in(FirewallSet.ANY_PORTS6, elements))
                .containsExactly(NftElement.of(NftValue.protocol(17), NftValue.port(8082))
                        .to(to6, NftValue.port(80)));
        assertThat(in(FirewallSet.PORTS6, elements)).hasSize(1);
        assertThat(in(FirewallSet.SOURCES4, elements))
                .containsExactly(NftElement.of(NftValue.interfaceName("veth1"), NftValue.mac(MAC), to));
    }

    @Test
    void howANetworkIsReachedDecidesWhatPublishingMeans() {
        PortRule port = port(Protocol.TCP, "0.0.0.0", 80);
        List<FirewallElement> routed =
                FirewallElements.of(attachment(network(Driver.BRIDGE, false, true, GatewayMode.ROUTED), "1", port));
        assertThat(in(FirewallSet.ANY_PORTS4, routed)).isEmpty();
        assertThat(in(FirewallSet.ROUTED_PORTS4, routed))
                .containsExactly(NftElement.of(NftValue.address(ADDRESS), NftValue.protocol(6), NftValue.port(80)));
        for (NetworkPlan closed : List.of(
                network(Driver.BRIDGE, true, true, GatewayMode.NAT),
                network(Driver.BRIDGE, false, true, GatewayMode.ISOLATED))) {
            assertThat(FirewallElements.of(attachment(closed, "1", port)))
                    .extracting(FirewallElement::set)
                    .doesNotContain(FirewallSet.ANY_PORTS4, FirewallSet.ROUTED_PORTS4);
        }
        assertThat(FirewallElements.of(attachment(network(Driver.IPVLAN, false, true, GatewayMode.NAT), "1", port)))
                .isEmpty();
    }

    @Test
    void linksAreOfOneDirectionAndNeighboursOfBoth() {
        List<FirewallElement> elements =
                FirewallElements.of(attachment(network(Driver.BRIDGE, false, false, GatewayMode.NAT), "1"));
        assertThat(in(FirewallSet.LINKS4, elements)).hasSize(1);
        assertThat(in(FirewallSet.PEERS4, elements)).hasSize(2);
        assertThat(in(FirewallSet.LINKS6, elements)).isEmpty();
        assertThat(in(FirewallSet.SEPARATED_INTERFACES, elements)).hasSize(1);
    }

    @Test
    void whatTwoNeedIsDeletedWithTheSecond() {
        NetworkPlan network = network(Driver.BRIDGE, false, true, GatewayMode.NAT);
        FirewallState state = new FirewallState();
        Attachment first = attachment(network, "1");
        Attachment second = attachment(network, "2");
        FirewallState.Change begun = state.change(List.of(), List.of(first));
        assertThat(begun.networks()).containsExactly(network);
        assertThat(begun.come()).isNotEmpty();
        FirewallState.Change same = state.change(List.of(), List.of(second));
        assertThat(same.networks()).isEmpty();
        assertThat(same.come()).isEmpty();
        assertThat(state.change(List.of(first), List.of()).gone()).isEmpty();
        assertThat(state.change(List.of(second), List.of()).gone()).hasSameSizeAs(FirewallElements.of(second));
        assertThat(state.change(List.of(second), List.of()).gone()).as("once").isEmpty();
    }

    @Test
    void aChangeIsTheDifferenceAndCanBeTakenBack() {
        NetworkPlan network = network(Driver.BRIDGE, false, true, GatewayMode.NAT);
        FirewallState state = new FirewallState();
        Attachment before = attachment(network, "1", port(Protocol.TCP, "0.0.0.0", 8080));
        Attachment after = attachment(network, "1", port(Protocol.TCP, "0.0.0.0", 8081));
        state.change(List.of(), List.of(before));
        var elements = Set.copyOf(state.elements());
        FirewallState.Change change = state.change(List.of(before), List.of(after));
        assertThat(change.gone()).hasSize(1);
        assertThat(change.come()).hasSize(1);
        assertThat(change.ended()).containsExactly(before);
        state.undo(change);
        assertThat(state.elements()).isEqualTo(elements);
        FirewallState empty = new FirewallState();
        empty.undo(empty.change(List.of(), List.of(before)));
        assertThat(empty.elements()).isEmpty();
        assertThat(empty.networks()).isEmpty();
    }
}
