package io.berth.engine.network.kernel;

import io.berth.engine.network.runtime.NetworkFailure;
import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.engine.network.runtime.NetworkPlan.GatewayMode;
import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.Sysctl;
import io.berth.linux.netlink.AddressRequests;
import io.berth.linux.netlink.IpPrefix;
import io.berth.linux.netlink.Link;
import io.berth.linux.netlink.LinkKind;
import io.berth.linux.netlink.LinkRequests;
import io.berth.linux.netlink.MacAddress;
import io.berth.linux.netlink.NetlinkRequest;
import io.berth.linux.netlink.NewLink;
import io.berth.linux.netlink.Route;
import io.berth.linux.netlink.RouteRequests;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Bridges of networks. One that is there already and is not the engine's is used, with the addresses that it lacks, and never
 * removed. The caller sees to it that a network is raised or lowered by one thread at a time.
 */
final class Bridges {
    /** Far behind loopback's own, so that nothing changes for packets that the host sends to itself. */
    private static final int LOCALHOST_METRIC = 4096;

    private static final IpPrefix LOCALHOST = IpPrefix.of(InetAddress.ofLiteral("::1"));
    private static final String NETFILTER = "net/bridge/bridge-nf-call-iptables";

    private final HostLinks links;
    private final LinkOwner owner;
    private volatile boolean hairpin;

    Bridges(HostLinks links, LinkOwner owner) {
        this.links = links;
        this.owner = owner;
    }

    /**
     * The bridge of a network; it is raised where somebody has removed it.
     *
     * @return its index
     */
    int indexOf(NetworkPlan network) {
        return links.index(network.link()).orElseGet(() -> raise(network));
    }

    /**
     * Whether a port has to send frames back where they came from: bridged packets pass netfilter here, and are not routed.
     * As it was when a bridge was raised last.
     */
    boolean wantsHairpin() {
        return hairpin;
    }

    /**
     * Makes the bridge, or what it lacks.
     *
     * @return its index
     */
    int raise(NetworkPlan network) {
        hairpin = Sysctl.exists(NETFILTER) && Sysctl.number(NETFILTER) == 1;
        Link found = links.find(network.link()).orElse(null);
        if (found != null && !"bridge".equals(found.kind())) {
            throw new NetworkFailure("link " + network.link() + " exists and is no bridge", null);
        }
        Link bridge = found == null ? links.make(newBridge(network), owner.alias(network.id())) : found;
        try {
            setParameters(network, owner.made(bridge, network.id()));
            addAddresses(network, bridge);
            if (!bridge.isUp()) {
                links.execute(LinkRequests.up(bridge.index()));
            }
            addRoutes(network, bridge);
            if (!network.internal()) {
                forward(network);
            }
            return bridge.index();
        } catch (RuntimeException e) {
            if (found == null) {
                links.delete(network.link());
            }
            throw e;
        }
    }

    /** With an address of its own: else it has that of one of its ports, and changes it when ports come and go. */
    private static NewLink newBridge(NetworkPlan network) {
        NewLink bridge = NewLink.of(network.link(), new LinkKind.Bridge()).withMtu(network.mtu());
        return network.gateways().isEmpty()
                ? bridge
                : bridge.withMac(MacAddress.of(network.gateways().getFirst().address()));
    }

    /** Before it is up: nothing is to be learnt from routers among the containers, and no address made where IPv6 is not meant. */
    private static void setParameters(NetworkPlan network, boolean own) {
        String ipv6 = "net/ipv6/conf/" + network.link() + "/";
        if (Sysctl.exists(ipv6 + "accept_ra")) {
            if (own || hasIpv6(network)) {
                change(ipv6 + "disable_ipv6", hasIpv6(network) ? "0" : "1");
            }
            change(ipv6 + "accept_ra", "0");
        }
        if (translates(network.ipv4Mode()) && !network.internal()) {
            // What is sent to a published port of 127.0.0.1 is not dropped as one that came from outside.
            change("net/ipv4/conf/" + network.link() + "/route_localnet", "1");
        }
    }

    private static void change(String parameter, String value) {
        if (!Sysctl.text(parameter).equals(value)) {
            Sysctl.set(parameter, value);
        }
    }

    private void addAddresses(NetworkPlan network, Link bridge) {
        Set<IpPrefix> has = links.addresses().stream()
                .filter(address -> address.link() == bridge.index())
                .map(address -> address.address())
                .collect(Collectors.toSet());
        List<NetlinkRequest> requests = new ArrayList<>();
        for (IpPrefix gateway : network.gateways()) {
            if (!has.contains(gateway)) {
                requests.add(AddressRequests.add(bridge.index(), gateway));
            }
        }
        links.execute(requests);
    }

    /**
     * What is sent to a published port of {@code ::1} comes back from the container to this address by the bridge, where IPv6
     * has no parameter like route_localnet: so the address is the host's there too.
     */
    private void addRoutes(NetworkPlan network, Link bridge) {
        if (!hasIpv6(network) || network.internal() || !translates(network.ipv6Mode())) {
            return;
        }
        try {
            links.execute(RouteRequests.add(Route.local(LOCALHOST, bridge.index(), LOCALHOST_METRIC)));
        } catch (SyscallException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
        }
    }

    private static void forward(NetworkPlan network) {
        IpForwarding.enableIpv4();
        if (hasIpv6(network)) {
            IpForwarding.enableIpv6();
        }
    }

    private static boolean translates(GatewayMode mode) {
        return mode == GatewayMode.NAT || mode == GatewayMode.NAT_UNPROTECTED;
    }

    private static boolean hasIpv6(NetworkPlan network) {
        return network.subnets().stream().anyMatch(IpPrefix::isIpv6);
    }

    /** Removes the bridge where the engine made it for this network. */
    void lower(NetworkPlan network) {
        if (links.find(network.link())
                .filter(link -> owner.made(link, network.id()))
                .isPresent()) {
            links.delete(network.link());
        }
    }
}
