package io.berth.engine.network;

import io.berth.linux.netlink.IpPrefix;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Networks that nobody has described further.
 *
 * @param bridge name of the link of the network {@code bridge}; two engines in one network namespace need two
 * @param subnet of the network {@code bridge}, such as {@code 10.9.0.1/24} with the address of its gateway; empty for the first
 *     free pool
 * @param hostAddress where ports are published of which nobody says where; {@code 127.0.0.1} keeps them on the host
 * @param defaultAddressPools from which subnets are chosen, in this order; empty for Docker's
 * @param projectAddressPools where the subnets are that developers choose, such as {@code 10.200.0.0/16}; empty for the default pools
 */
@Validated
@ConfigurationProperties("berth.engine.network")
record NetworkProperties(
        @NotNull @DefaultValue("berth0") String bridge,
        @NotNull @DefaultValue("") String subnet,
        @NotNull @DefaultValue("0.0.0.0") String hostAddress,
        @DefaultValue List<@Valid Pool> defaultAddressPools,
        @DefaultValue List<String> projectAddressPools) {

    NetworkProperties {
        defaultAddressPools = List.copyOf(defaultAddressPools);
        projectAddressPools = List.copyOf(projectAddressPools);
        for (String pool : projectAddressPools) {
            IpPrefix _ = IpPrefix.parse(pool);
        }
        if (!subnet.isEmpty()) {
            IpPrefix _ = IpPrefix.parse(subnet);
        }
        InetAddress _ = InetAddress.ofLiteral(hostAddress);
        if (!bridge.matches("[a-zA-Z0-9._-]{1,15}")) {
            throw new IllegalArgumentException("berth.engine.network.bridge: \"" + bridge + "\" is no name of a link");
        }
    }

    /**
     * Addresses to choose subnets from.
     *
     * @param base such as {@code 10.0.0.0/8}
     * @param size length of the prefix of each subnet
     */
    record Pool(@Nullable String base, int size) {
        Pool {
            IpPrefix prefix = IpPrefix.parse(String.valueOf(base));
            if (size < prefix.length() || size > prefix.bits()) {
                throw new IllegalArgumentException("berth.engine.network.default-address-pools: a subnet of " + base
                        + " with a prefix of " + size + " (expected: " + prefix.length() + " to " + prefix.bits()
                        + ")");
            }
        }

        IpPrefix prefix() {
            return IpPrefix.parse(String.valueOf(base)).network();
        }
    }
}
