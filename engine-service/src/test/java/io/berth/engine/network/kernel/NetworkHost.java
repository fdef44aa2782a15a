package io.berth.engine.network.kernel;

import io.berth.engine.network.runtime.EndpointPlan;
import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.engine.network.runtime.NetworkPlan.Driver;
import io.berth.engine.network.runtime.NetworkPlan.GatewayMode;
import io.berth.engine.network.runtime.Sandbox;
import io.berth.linux.fd.Fd;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import io.berth.linux.netlink.IpPrefix;
import io.berth.linux.netlink.Link;
import io.berth.linux.netlink.LinkKind;
import io.berth.linux.netlink.LinkRequests;
import io.berth.linux.netlink.NetlinkSocket;
import io.berth.linux.netlink.NewLink;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A host of the tests' own, which is a network namespace, with an engine's networks in it. */
final class NetworkHost implements AutoCloseable {
    /** For containers without a name server. */
    static final NameServers NO_NAMES = () -> {
        throw new AssertionError("nobody asked for names");
    };

    final Fd namespace = Namespaces.create(Namespace.NETWORK);
    final RecordedRules rules = new RecordedRules();
    final KernelNetworkRuntime runtime = start("test");

    KernelNetworkRuntime start(String owner) {
        return call(() -> KernelNetworkRuntime.open(owner, rules, NO_NAMES));
    }

    <T> T call(Callable<T> work) {
        return Namespaces.callIn(namespace, Namespace.NETWORK, work);
    }

    void run(Consumer<KernelNetworkRuntime> work) {
        boolean _ = call(() -> {
            work.accept(runtime);
            return true;
        });
    }

    Sandbox open(EndpointPlan... endpoints) {
        return open(null, endpoints);
    }

    Sandbox open(@Nullable Fd users, EndpointPlan... endpoints) {
        return call(() -> runtime.open(List.of(endpoints), users, false));
    }

    List<Link> links() {
        return linksOf(namespace);
    }

    static List<Link> linksOf(Fd namespace) {
        try (NetlinkSocket socket = NetlinkSocket.openIn(namespace)) {
            return socket.links();
        }
    }

    /** Something with carrier, as a cable would give it. */
    void addCard(String name) {
        try (NetlinkSocket socket = NetlinkSocket.openIn(namespace)) {
            socket.execute(NewLink.of(name, new LinkKind.Veth(NewLink.peer(name + "-far")))
                    .up()
                    .request());
            socket.execute(
                    LinkRequests.up(socket.link(name + "-far").orElseThrow().index()));
        }
    }

    /** A bridge network; its gateways are the first addresses of the subnets. */
    static NetworkPlan bridge(int number, String... subnets) {
        return new NetworkPlan(
                String.format("%064x", 0xb0000 + number),
                Driver.BRIDGE,
                "br-" + number,
                "",
                1400,
                Arrays.stream(subnets).map(IpPrefix::parse).toList(),
                Arrays.stream(subnets)
                        .map(IpPrefix::parse)
                        .map(subnet -> new IpPrefix(subnet.at(java.math.BigInteger.ONE), subnet.length()))
                        .toList(),
                false,
                true,
                true,
                GatewayMode.NAT,
                GatewayMode.NAT,
                List.of());
    }

    static NetworkPlan on(Driver driver, String parent, String mode, String... subnets) {
        return new NetworkPlan(
                String.format("%064x", 0xa0000),
                driver,
                parent,
                mode,
                0,
                Arrays.stream(subnets).map(IpPrefix::parse).toList(),
                List.of(),
                false,
                true,
                false,
                GatewayMode.NAT,
                GatewayMode.NAT,
                List.of());
    }

    /** An endpoint with these addresses, and the network's gateways of their families. */
    static EndpointPlan endpoint(NetworkPlan network, String interfaceName, String... addresses) {
        List<IpPrefix> prefixes = Arrays.stream(addresses).map(IpPrefix::parse).toList();
        List<InetAddress> gateways = network.gateways().stream()
                .filter(gateway -> prefixes.stream().anyMatch(address -> address.isIpv4() == gateway.isIpv4()))
                .map(IpPrefix::address)
                .toList();
        return new EndpointPlan(
                "e".repeat(64), network, interfaceName, null, prefixes, gateways, List.of(), List.of(), Map.of());
    }

    @Override
    public void close() {
        runtime.close();
        namespace.close();
    }
}
