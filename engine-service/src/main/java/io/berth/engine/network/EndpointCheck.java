package io.berth.engine.network;

import io.berth.docker.network.EndpointConfig;
import io.berth.docker.network.EndpointConfig.EndpointIpamConfig;
import io.berth.docker.network.Ipam.IpamConfig;
import io.berth.linux.netlink.IpPrefix;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks how a container is to be connected, in moby's words (moby: daemon/container_operations.go, validateEndpointSettings). */
final class EndpointCheck {
    private static final Pattern MAC = Pattern.compile("[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}");

    private EndpointCheck() {}

    /**
     * Everything that is wrong; empty when nothing is.
     *
     * @param network if it exists
     */
    static List<String> errors(EndpointConfig config, Optional<Network> network) {
        List<String> errors = new ArrayList<>();
        @Nullable EndpointIpamConfig ipam = config.ipamConfig();
        boolean predefined = network.map(found -> found.spec().predefined()).orElse(false);
        boolean wantsAddress =
                !config.ipv4Address().isEmpty() || !config.ipv6Address().isEmpty();
        if (predefined && wantsAddress) {
            errors.add("user specified IP address is supported on user defined networks only");
        }
        if (predefined && !config.aliasesOrNone().isEmpty()) {
            errors.add("network-scoped alias is supported only for containers in user defined networks");
        }
        if (ipam != null) {
            checkLiteral(config.ipv4Address(), true, errors);
            checkLiteral(config.ipv6Address(), false, errors);
            for (String address : config.linkLocalAddresses()) {
                // Any other could be a neighbour's.
                if (!IpamCheck.literal(address)
                        .map(InetAddress::isLinkLocalAddress)
                        .orElse(false)) {
                    errors.add("invalid link-local IP address: " + address);
                }
            }
        }
        if (wantsAddress) {
            network.ifPresent(found -> checkSubnets(config, found, errors));
        }
        String mac = config.macAddress();
        if (mac != null && !mac.isEmpty() && !MAC.matcher(mac).matches()) {
            errors.add("invalid MAC address: " + mac);
        }
        return errors;
    }

    private static void checkLiteral(String text, boolean ipv4, List<String> errors) {
        if (text.isEmpty()) {
            return;
        }
        Optional<InetAddress> address = IpamCheck.literal(text);
        if (address.isEmpty() || IpPrefix.of(address.get()).isIpv4() != ipv4) {
            errors.add("invalid IPv" + (ipv4 ? 4 : 6) + " address: " + text);
        }
    }

    private static void checkSubnets(EndpointConfig config, Network network, List<String> errors) {
        if (!network.spec().hasUserSubnets()) {
            errors.add("user specified IP address is supported only when connecting to networks with user configured"
                    + " subnets");
            return;
        }
        for (String text : List.of(config.ipv4Address(), config.ipv6Address())) {
            if (!text.isEmpty() && !isInSubnet(text, network.spec().pools())) {
                errors.add("no configured subnet or ip-range contain the IP address " + text);
            }
        }
    }

    private static boolean isInSubnet(String text, List<IpamConfig> configs) {
        Optional<InetAddress> address = IpamCheck.literal(text);
        return address.isPresent()
                && configs.stream()
                        .anyMatch(config ->
                                IpPrefix.parse(String.valueOf(config.subnet())).contains(address.get()));
    }
}
