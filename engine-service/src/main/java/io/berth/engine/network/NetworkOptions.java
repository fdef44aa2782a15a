package io.berth.engine.network;

import io.berth.docker.error.InvalidParameter;
import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.engine.network.runtime.NetworkPlan.Driver;
import io.berth.engine.network.runtime.NetworkPlan.GatewayMode;
import io.berth.linux.netlink.IpPrefix;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Options of the drivers, and what they make of a network. Pure functions. */
final class NetworkOptions {
    static final String BRIDGE_NAME = "com.docker.network.bridge.name";
    static final String HOST_BINDING = "com.docker.network.bridge.host_binding_ipv4";
    static final String INTERFACE_PREFIX = "com.docker.network.container_iface_prefix";
    static final String ICC = "com.docker.network.bridge.enable_icc";
    static final String MASQUERADE = "com.docker.network.bridge.enable_ip_masquerade";
    static final String MTU = "com.docker.network.driver.mtu";
    private static final String MODE_IPV4 = "com.docker.network.bridge.gateway_mode_ipv4";
    private static final String MODE_IPV6 = "com.docker.network.bridge.gateway_mode_ipv6";
    private static final List<String> HOST_ADDRESSES =
            List.of("com.docker.network.host_ipv4", "com.docker.network.host_ipv6");
    private static final String PARENT = "parent";
    private static final String MACVLAN_MODE = "macvlan_mode";
    private static final String IPVLAN_MODE = "ipvlan_mode";
    private static final Set<String> MACVLAN_MODES = Set.of("bridge", "private", "vepa", "passthru");
    private static final Set<String> IPVLAN_MODES = Set.of("l2", "l3", "l3s");
    private static final Set<String> TRUE = Set.of("1", "t", "T", "true", "TRUE", "True");
    private static final Set<String> FALSE = Set.of("0", "f", "F", "false", "FALSE", "False");
    private static final int LONGEST_LINK_NAME = 15;
    private static final int SHORT_ID = 12;

    private NetworkOptions() {}

    /**
     * How the kernel makes a network.
     *
     * @throws InvalidParameter for an option's wrong value, in moby's words
     */
    static NetworkPlan plan(NetworkSpec spec) {
        Driver driver = Driver.valueOf(spec.driver().toUpperCase(Locale.ROOT));
        Map<String, String> options = spec.options();
        GatewayMode ipv4 = mode(options, MODE_IPV4, spec.internal());
        GatewayMode ipv6 = mode(options, MODE_IPV6, spec.internal());
        return new NetworkPlan(
                spec.id(),
                driver,
                link(spec, driver),
                vlanMode(driver, options),
                mtu(options),
                subnets(spec),
                driver == Driver.BRIDGE ? gateways(spec, ipv4, ipv6) : List.of(),
                spec.internal(),
                flag(options, ICC, true),
                flag(options, MASQUERADE, true),
                ipv4,
                ipv6,
                sourceAddresses(options));
    }

    private static String link(NetworkSpec spec, Driver driver) {
        if (driver != Driver.BRIDGE) {
            String parent = spec.internal() ? "" : spec.options().getOrDefault(PARENT, "");
            return checkedLink(parent, "parent");
        }
        String name = spec.options().getOrDefault(BRIDGE_NAME, "");
        return name.isEmpty() ? "br-" + spec.id().substring(0, SHORT_ID) : checkedLink(name, "bridge name");
    }

    private static String checkedLink(String name, String what) {
        if (name.length() > LONGEST_LINK_NAME || name.chars().anyMatch(c -> c <= ' ' || c == '/' || c > '~')) {
            throw new InvalidParameter("invalid " + what + " \"" + name + "\": it must be at most " + LONGEST_LINK_NAME
                    + " characters without spaces and slashes");
        }
        return name;
    }

    private static String vlanMode(Driver driver, Map<String, String> options) {
        return switch (driver) {
            case BRIDGE -> "";
            case MACVLAN -> {
                String mode = options.getOrDefault(MACVLAN_MODE, "bridge");
                if (!MACVLAN_MODES.contains(mode)) {
                    throw new InvalidParameter("requested macvlan mode '" + mode
                            + "' is not valid, 'bridge' mode is the macvlan driver default");
                }
                yield mode;
            }
            case IPVLAN -> {
                String mode = options.getOrDefault(IPVLAN_MODE, "l2");
                if (!IPVLAN_MODES.contains(mode)) {
                    throw new InvalidParameter("requested ipvlan mode '" + mode
                            + "' is not valid, 'l2' mode is the ipvlan driver default");
                }
                yield mode;
            }
        };
    }

    private static int mtu(Map<String, String> options) {
        String text = options.getOrDefault(MTU, "");
        if (text.isEmpty()) {
            return 0;
        }
        if (!text.matches("[+-]?\\d{1,9}")) {
            throw new InvalidParameter("failed to parse " + MTU + " value: " + text + " (strconv.Atoi: parsing \""
                    + text + "\": invalid syntax)");
        }
        int mtu = Integer.parseInt(text);
        if (mtu < 0) {
            throw new InvalidParameter("invalid MTU number: " + mtu);
        }
        return mtu;
    }

    private static boolean flag(Map<String, String> options, String name, boolean absent) {
        String text = options.get(name);
        if (text == null) {
            return absent;
        }
        if (!TRUE.contains(text) && !FALSE.contains(text)) {
            throw new InvalidParameter("failed to parse " + name + " value: " + text + " (strconv.ParseBool: parsing \""
                    + text + "\": invalid syntax)");
        }
        return TRUE.contains(text);
    }

    private static GatewayMode mode(Map<String, String> options, String name, boolean internal) {
        String text = options.getOrDefault(name, "");
        GatewayMode mode =
                switch (text) {
                    case "", "nat" -> GatewayMode.NAT;
                    case "nat-unprotected" -> GatewayMode.NAT_UNPROTECTED;
                    case "routed" -> GatewayMode.ROUTED;
                    case "isolated" -> GatewayMode.ISOLATED;
                    default ->
                        throw new InvalidParameter("failed to parse " + name + " value: " + text
                                + " (unknown gateway mode \"" + text + "\")");
                };
        if (mode == GatewayMode.ISOLATED && !internal) {
            throw new InvalidParameter("gateway mode 'isolated' can only be used for an internal network");
        }
        return mode;
    }

    private static List<IpPrefix> subnets(NetworkSpec spec) {
        return spec.pools().stream()
                .map(config -> IpPrefix.parse(String.valueOf(config.subnet())).network())
                .toList();
    }

    private static List<IpPrefix> gateways(NetworkSpec spec, GatewayMode ipv4, GatewayMode ipv6) {
        List<IpPrefix> gateways = new ArrayList<>();
        spec.pools().forEach(config -> {
            IpPrefix subnet = IpPrefix.parse(String.valueOf(config.subnet()));
            if (config.gateway() != null && (subnet.isIpv4() ? ipv4 : ipv6) != GatewayMode.ISOLATED) {
                gateways.add(new IpPrefix(InetAddress.ofLiteral(config.gateway()), subnet.length()));
            }
        });
        return gateways;
    }

    private static List<InetAddress> sourceAddresses(Map<String, String> options) {
        List<InetAddress> addresses = new ArrayList<>();
        for (String name : HOST_ADDRESSES) {
            String text = options.getOrDefault(name, "");
            if (!text.isEmpty()) {
                try {
                    addresses.add(InetAddress.ofLiteral(text));
                } catch (IllegalArgumentException e) {
                    throw new InvalidParameter("invalid value for " + name + ": " + text, e);
                }
            }
        }
        return addresses;
    }

    /** Prefix of the names of its containers' interfaces. */
    static String interfacePrefix(NetworkSpec spec) {
        return spec.options().getOrDefault(INTERFACE_PREFIX, "eth");
    }
}
