package io.berth.engine.network.kernel;

import io.berth.engine.network.runtime.EndpointPlan;
import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.linux.Sysctl;
import io.berth.linux.netlink.AddressRequests;
import io.berth.linux.netlink.IpPrefix;
import io.berth.linux.netlink.LinkRequests;
import io.berth.linux.netlink.MacAddress;
import io.berth.linux.netlink.NetlinkRequest;
import io.berth.linux.netlink.Route;
import io.berth.linux.netlink.RouteRequests;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What makes an interface inside a container a connection to its network: Ethernet address, parameters, IP addresses and
 * default routes, in this order, since IPv6 makes an address of the Ethernet address, and a gateway has to be on a subnet.
 *
 * @param index the interface's, inside
 */
record InterfaceSetup(EndpointPlan endpoint, int index) {
    private static final String IPV6 = "net/ipv6/conf/";

    /** Comes before the parameters. */
    List<NetlinkRequest> identity() {
        return macOf(endpoint).map(mac -> LinkRequests.address(index, mac)).stream()
                .toList();
    }

    /** Comes after the parameters. */
    List<NetlinkRequest> addressing() {
        List<NetlinkRequest> requests = new ArrayList<>();
        requests.add(LinkRequests.up(index));
        endpoint.addresses().forEach(address -> requests.add(AddressRequests.add(index, address)));
        defaultRoutes().forEach(route -> requests.add(RouteRequests.add(route)));
        return requests;
    }

    /** Gives the container these default routes instead of the ones that it has of their families. */
    List<NetlinkRequest> rerouting() {
        return defaultRoutes().stream().map(RouteRequests::replace).toList();
    }

    /** Through a gateway; where that is the wildcard address, as for ipvlan's l3 modes, through the interface itself. */
    private List<Route> defaultRoutes() {
        return endpoint.defaultGateways().stream().map(this::defaultRoute).toList();
    }

    private Route defaultRoute(InetAddress gateway) {
        return gateway.isAnyLocalAddress()
                ? Route.defaultOn(index, gateway instanceof Inet4Address)
                : Route.defaultBy(gateway, index);
    }

    /** The interface's Ethernet address; empty where it is the kernel's choice, or its parent's. */
    static Optional<MacAddress> macOf(EndpointPlan endpoint) {
        if (endpoint.network().driver() == NetworkPlan.Driver.IPVLAN) {
            return Optional.empty();
        }
        return Optional.ofNullable(endpoint.mac())
                .or(() -> endpoint.addresses().stream()
                        .min(Comparator.comparing(IpPrefix::bits))
                        .map(address -> MacAddress.of(address.address())));
    }

    /** Whether there is anything for {@link #setParameters} to do, for an interface without IPv6. */
    boolean hasParameters() {
        return hasIpv6() || !endpoint.sysctls().isEmpty();
    }

    private boolean hasIpv6() {
        return endpoint.addresses().stream().anyMatch(IpPrefix::isIpv6);
    }

    /** On a thread that is in the namespace. */
    void setParameters() {
        if (hasIpv6()) {
            setIpv6(endpoint.interfaceName(), "0");
        } else {
            disableIpv6(endpoint.interfaceName());
        }
        new TreeMap<>(endpoint.sysctls()).forEach(Sysctl::set);
    }

    /** Of one interface, on a thread that is in its namespace: loopback keeps ::1. */
    static void disableIpv6(String interfaceName) {
        setIpv6(interfaceName, "1");
    }

    private static void setIpv6(String interfaceName, String disabled) {
        String parameter = IPV6 + interfaceName + "/disable_ipv6";
        // There is none where the kernel has no IPv6.
        if (Sysctl.exists(parameter) && !Sysctl.text(parameter).equals(disabled)) {
            Sysctl.set(parameter, disabled);
        }
    }
}
