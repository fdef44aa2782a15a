package io.berth.engine.network.runtime;

import io.berth.json.Frozen;
import io.berth.linux.netlink.IpPrefix;
import io.berth.linux.netlink.MacAddress;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A container's connection to one network.
 *
 * @param id 64 hex digits
 * @param interfaceName inside the container, such as {@code eth0}
 * @param addresses with the lengths of their subnets' prefixes
 * @param defaultGateways through which the container reaches everything else, where this is the connection for that: at most
 *     one of each family
 * @param ports published through this connection
 * @param links addresses of containers that this one may reach although the network is one whose containers do not reach each
 *     other, with the ports
 * @param sysctls of the interface, by name with slashes such as {@code net/ipv4/conf/eth0/log_martians}
 * @param routes whether the container may send what is not from its own addresses: it may configure its network, and perhaps
 *     passes on what others send
 */
public record EndpointPlan(
        String id,
        NetworkPlan network,
        String interfaceName,
        @Nullable MacAddress mac,
        List<IpPrefix> addresses,
        List<InetAddress> defaultGateways,
        List<PortRule> ports,
        List<LinkedPort> links,
        Map<String, String> sysctls,
        boolean routes) {

    public EndpointPlan {
        addresses = List.copyOf(addresses);
        defaultGateways = List.copyOf(defaultGateways);
        ports = List.copyOf(ports);
        links = List.copyOf(links);
        sysctls = Frozen.map(sysctls);
    }

    /** One that sends from its own addresses only. */
    public EndpointPlan(
            String id,
            NetworkPlan network,
            String interfaceName,
            @Nullable MacAddress mac,
            List<IpPrefix> addresses,
            List<InetAddress> defaultGateways,
            List<PortRule> ports,
            List<LinkedPort> links,
            Map<String, String> sysctls) {
        this(id, network, interfaceName, mac, addresses, defaultGateways, ports, links, sysctls, false);
    }

    /** The same, where another connection is the way to everything else. */
    public EndpointPlan withoutDefaultGateways() {
        return new EndpointPlan(id, network, interfaceName, mac, addresses, List.of(), ports, links, sysctls, routes);
    }

    /** A port of another container that this one may reach. */
    public record LinkedPort(PortRule.Protocol protocol, InetAddress address, int port) {}
}
