package io.berth.engine.network;

import io.berth.docker.network.EndpointConfig;
import io.berth.engine.network.runtime.Attachment;
import io.berth.engine.network.runtime.EndpointPlan;
import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.engine.network.runtime.PortRule;
import io.berth.linux.netlink.IpPrefix;
import io.berth.linux.netlink.MacAddress;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A container's connection to one network: what was asked for, what it got, and what the kernel was told.
 *
 * @param attachment null where the kernel has nothing to do ({@code host}, {@code none}), and before it has been done
 */
record Connection(
        Network network,
        EndpointConfig config,
        Endpoint endpoint,
        @Nullable Attachment attachment) {
    private static final String SYSCTLS = "com.docker.network.endpoint.sysctls";
    private static final String INTERFACE_WORD = "IFNAME";

    /** RFC 3927 and RFC 4291: of the prefixes of addresses of the link. */
    private static final int LINK_LOCAL_LENGTH = 16;

    private static final int LINK_LOCAL_LENGTH_IPV6 = 64;

    /**
     * What the kernel is told; empty where it has nothing to do.
     *
     * @param gateways through which everything else is reached
     */
    Optional<EndpointPlan> plan(
            List<InetAddress> gateways, List<PortRule> ports, List<EndpointPlan.LinkedPort> links, boolean routes) {
        Optional<NetworkPlan> plan = network.plan();
        return plan.map(made -> new EndpointPlan(
                endpoint.id(),
                made,
                endpoint.interfaceName(),
                endpoint.mac().isEmpty() ? null : MacAddress.parse(endpoint.mac()),
                addresses(),
                gateways,
                ports,
                links,
                sysctls(),
                routes));
    }

    /** What it got from the network, and those of the link that were asked for, which no pool has. */
    private List<IpPrefix> addresses() {
        List<IpPrefix> addresses = new ArrayList<>(endpoint.prefixes());
        config.linkLocalAddresses().stream()
                .map(InetAddress::ofLiteral)
                .map(address -> new IpPrefix(
                        address, address instanceof Inet4Address ? LINK_LOCAL_LENGTH : LINK_LOCAL_LENGTH_IPV6))
                .forEach(addresses::add);
        return addresses;
    }

    /** {@code net.ipv4.conf.IFNAME.log_martians=1,…} with the interface's name, and slashes. */
    private Map<String, String> sysctls() {
        Map<String, String> sysctls = new HashMap<>();
        for (String entry : config.driverOptsOrNone().getOrDefault(SYSCTLS, "").split(",")) {
            int equals = entry.indexOf('=');
            if (equals > 0) {
                sysctls.put(
                        entry.substring(0, equals).replace('.', '/').replace(INTERFACE_WORD, endpoint.interfaceName()),
                        entry.substring(equals + 1));
            }
        }
        return sysctls;
    }

    Connection with(Attachment made) {
        return new Connection(
                network,
                config,
                endpoint.attached(made.hostInterface(), made.mac().toString()),
                made);
    }
}
