package io.berth.engine.network.runtime;

import io.berth.linux.netlink.IpPrefix;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A network as the kernel is to make it.
 *
 * @param id 64 hex digits
 * @param link name of the bridge, or of the parent link of a macvlan or ipvlan network
 * @param mode of macvlan ({@code bridge}, {@code private}, {@code vepa}, {@code passthru}) or ipvlan ({@code l2}, {@code l3},
 *     {@code l3s}); empty for a bridge
 * @param mtu of its links; 0 for the kernel's default
 * @param subnets whose addresses its containers have
 * @param gateways the bridge's own addresses, with the lengths of the subnets' prefixes
 * @param internal whether nothing goes out of it or comes in
 * @param interContainer whether its containers reach each other
 * @param masquerade whether what leaves the host has the host's address, where the gateway mode is NAT
 * @param sourceAddresses addresses that masquerading uses instead of the outgoing link's; at most one of each family
 */
public record NetworkPlan(
        String id,
        Driver driver,
        String link,
        String mode,
        int mtu,
        List<IpPrefix> subnets,
        List<IpPrefix> gateways,
        boolean internal,
        boolean interContainer,
        boolean masquerade,
        GatewayMode ipv4Mode,
        GatewayMode ipv6Mode,
        List<InetAddress> sourceAddresses) {

    public NetworkPlan {
        subnets = List.copyOf(subnets);
        gateways = List.copyOf(gateways);
        sourceAddresses = List.copyOf(sourceAddresses);
    }

    /** How containers are connected. */
    public enum Driver {
        BRIDGE,
        MACVLAN,
        IPVLAN
    }

    /** How containers on a bridge are reached from outside the host (Docker's com.docker.network.bridge.gateway_mode_ipv4). */
    public enum GatewayMode {
        /** Published ports only, by address translation. */
        NAT,
        /** Published ports by translation, and every port of a container by its own address. */
        NAT_UNPROTECTED,
        /** Published ports by the container's own address, without translation. */
        ROUTED,
        /** Not at all: the bridge has no address. */
        ISOLATED
    }

    /** The gateway mode of an address's family. */
    public GatewayMode modeFor(IpPrefix prefix) {
        return prefix.isIpv4() ? ipv4Mode : ipv6Mode;
    }

    /** The bridge's address of a family, or null. */
    public @Nullable InetAddress gateway(boolean ipv4) {
        return gateways.stream()
                .filter(gateway -> gateway.isIpv4() == ipv4)
                .map(IpPrefix::address)
                .findFirst()
                .orElse(null);
    }
}
