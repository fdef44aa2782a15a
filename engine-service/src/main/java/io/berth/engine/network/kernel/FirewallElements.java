package io.berth.engine.network.kernel;

import io.berth.engine.network.runtime.Attachment;
import io.berth.engine.network.runtime.EndpointPlan;
import io.berth.engine.network.runtime.EndpointPlan.LinkedPort;
import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.engine.network.runtime.NetworkPlan.Driver;
import io.berth.engine.network.runtime.NetworkPlan.GatewayMode;
import io.berth.engine.network.runtime.PortRule;
import io.berth.linux.netlink.IpPrefix;
import io.berth.linux.nftables.NftElement;
import io.berth.linux.nftables.NftValue;
import io.berth.linux.nftables.Verdict;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** Which elements a network and a connection have in the firewall's sets. Pure functions. */
final class FirewallElements {
    private FirewallElements() {}

    /** Of a bridge network; other networks have none, since what they send does not pass the host's rules. */
    static List<FirewallElement> of(NetworkPlan network) {
        List<FirewallElement> elements = new ArrayList<>();
        if (network.driver() != Driver.BRIDGE) {
            return elements;
        }
        NftValue bridge = NftValue.interfaceName(network.link());
        add(elements, FirewallSet.BRIDGES, bridge);
        if (network.internal()) {
            add(elements, FirewallSet.INTERNAL, bridge);
        }
        if (network.interContainer()) {
            add(elements, FirewallSet.SAME_BRIDGE, bridge, bridge);
        } else {
            add(elements, FirewallSet.SEPARATED, bridge, bridge);
            add(elements, FirewallSet.SEPARATED_BRIDGES, bridge);
        }
        addMode(elements, network.ipv4Mode(), FirewallSet.OPEN4, FirewallSet.ROUTED4, bridge);
        addMode(elements, network.ipv6Mode(), FirewallSet.OPEN6, FirewallSet.ROUTED6, bridge);
        for (IpPrefix subnet : network.subnets()) {
            elements.add(new FirewallElement(
                    subnet.isIpv4() ? FirewallSet.SUBNETS4 : FirewallSet.SUBNETS6,
                    NftElement.prefix(subnet).to(Verdict.goTo(FirewallRules.sourceChain(network)))));
        }
        return elements;
    }

    private static void addMode(
            List<FirewallElement> elements, GatewayMode mode, FirewallSet open, FirewallSet routed, NftValue bridge) {
        switch (mode) {
            case NAT_UNPROTECTED -> add(elements, open, bridge);
            case ROUTED -> add(elements, routed, bridge);
            case NAT, ISOLATED -> {
                // published ports only, or nothing: what no element opens is closed
            }
        }
    }

    /** Of a connection to a bridge network. */
    static List<FirewallElement> of(Attachment attachment) {
        List<FirewallElement> elements = new ArrayList<>();
        EndpointPlan endpoint = attachment.endpoint();
        if (endpoint.network().driver() != Driver.BRIDGE) {
            return elements;
        }
        if (!attachment.hostInterface().isEmpty()) {
            addSources(elements, attachment);
        }
        if (!endpoint.network().internal()) {
            endpoint.ports().forEach(port -> addPort(elements, endpoint.network(), port));
        }
        endpoint.links().forEach(link -> addLink(elements, endpoint, link));
        return elements;
    }

    private static void addSources(List<FirewallElement> elements, Attachment attachment) {
        NftValue link = NftValue.interfaceName(attachment.hostInterface());
        NftValue mac = NftValue.mac(attachment.mac());
        if (!attachment.endpoint().network().interContainer()) {
            add(elements, FirewallSet.SEPARATED_INTERFACES, link);
        }
        if (attachment.endpoint().routes()) {
            return;
        }
        add(elements, FirewallSet.INTERFACES, link);
        add(elements, FirewallSet.MACS, link, mac);
        for (IpPrefix address : attachment.endpoint().addresses()) {
            add(
                    elements,
                    address.isIpv4() ? FirewallSet.SOURCES4 : FirewallSet.SOURCES6,
                    link,
                    mac,
                    NftValue.address(address.address()));
        }
    }

    private static void addPort(List<FirewallElement> elements, NetworkPlan network, PortRule port) {
        IpPrefix container = IpPrefix.of(port.containerAddress());
        boolean ipv4 = container.isIpv4();
        NftValue protocol = NftValue.protocol(port.protocol().number());
        NftValue address = NftValue.address(port.containerAddress());
        switch (network.modeFor(container)) {
            case NAT, NAT_UNPROTECTED -> {
                NftElement key = port.hostAddress().isAnyLocalAddress()
                        ? NftElement.of(protocol, NftValue.port(port.hostPort()))
                        : NftElement.of(NftValue.address(port.hostAddress()), protocol, NftValue.port(port.hostPort()));
                elements.add(new FirewallElement(
                        portMap(ipv4, port.hostAddress().isAnyLocalAddress()),
                        key.to(address, NftValue.port(port.containerPort()))));
            }
            case ROUTED ->
                add(
                        elements,
                        ipv4 ? FirewallSet.ROUTED_PORTS4 : FirewallSet.ROUTED_PORTS6,
                        address,
                        protocol,
                        NftValue.port(port.containerPort()));
            case ISOLATED -> {
                // reached by nobody beyond its bridge
            }
        }
    }

    private static FirewallSet portMap(boolean ipv4, boolean anyAddress) {
        if (anyAddress) {
            return ipv4 ? FirewallSet.ANY_PORTS4 : FirewallSet.ANY_PORTS6;
        }
        return ipv4 ? FirewallSet.PORTS4 : FirewallSet.PORTS6;
    }

    private static void addLink(List<FirewallElement> elements, EndpointPlan endpoint, LinkedPort link) {
        boolean ipv4 = IpPrefix.of(link.address()).isIpv4();
        NftValue target = NftValue.address(link.address());
        for (IpPrefix own : endpoint.addresses()) {
            if (own.isIpv4() != ipv4) {
                continue;
            }
            InetAddress source = own.address();
            add(
                    elements,
                    ipv4 ? FirewallSet.LINKS4 : FirewallSet.LINKS6,
                    NftValue.address(source),
                    target,
                    NftValue.protocol(link.protocol().number()),
                    NftValue.port(link.port()));
            FirewallSet peers = ipv4 ? FirewallSet.PEERS4 : FirewallSet.PEERS6;
            add(elements, peers, NftValue.address(source), target);
            add(elements, peers, target, NftValue.address(source));
        }
    }

    private static void add(List<FirewallElement> elements, FirewallSet set, NftValue... key) {
        elements.add(new FirewallElement(set, NftElement.of(key)));
    }
}
