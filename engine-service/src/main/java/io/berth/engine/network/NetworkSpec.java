package io.berth.engine.network;

import io.berth.docker.network.Ipam;
import io.berth.docker.network.Ipam.IpamConfig;
import io.berth.linux.netlink.IpPrefix;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What a network is: fixed at its creation, and kept as one JSON document.
 *
 * @param id 64 hex digits
 * @param driver {@code bridge}, {@code macvlan}, {@code ipvlan}, {@code host} or {@code null}
 * @param configFrom name of the network whose configuration this one has; empty for its own
 * @param ipam as its user gave it, and with the subnets that the engine has chosen
 * @param pools what is made of it: a gateway for each subnet
 * @param chosen subnets that the engine has chosen, not the user
 */
public record NetworkSpec(
        String id,
        String name,
        Instant created,
        String scope,
        String driver,
        boolean internal,
        boolean attachable,
        boolean configOnly,
        String configFrom,
        boolean enableIpv4,
        boolean enableIpv6,
        Ipam ipam,
        List<IpamConfig> pools,
        List<String> chosen,
        Map<String, String> options,
        Map<String, String> labels) {

    /** Drivers of the networks that every engine has. */
    public static final String HOST = "host";

    public static final String NULL = "null";
    public static final String BRIDGE = "bridge";

    private static final String PROJECT = "io.berth.project";

    static final String DEFAULT_BRIDGE = "com.docker.network.bridge.default_bridge";

    public NetworkSpec {
        pools = List.copyOf(pools);
        chosen = List.copyOf(chosen);
        options = Map.copyOf(options);
        labels = Map.copyOf(labels);
    }

    /** Whether every engine has it: {@code bridge}, {@code host} and {@code none}. */
    public boolean predefined() {
        return driver.equals(HOST) || (driver.equals(NULL) && !configOnly) || isDefaultBridge();
    }

    /** Whether it is the one that containers are in when nobody says otherwise: without names. */
    public boolean isDefaultBridge() {
        return options.containsKey(DEFAULT_BRIDGE);
    }

    /** Whether its containers find each other by name. */
    public boolean hasNames() {
        return !predefined() && !configOnly;
    }

    /** Whether it is a project's: the gateway sets the label on all that developers make, and lets them set no other. */
    boolean isOfProject() {
        return labels.containsKey(PROJECT);
    }

    /** The subnets that the user has chosen. */
    List<IpPrefix> userSubnets() {
        return pools.stream()
                .map(config -> String.valueOf(config.subnet()))
                .filter(subnet -> !chosen.contains(subnet))
                .map(subnet -> IpPrefix.parse(subnet).network())
                .toList();
    }

    /** Whether the user has chosen at least one of its subnets. */
    boolean hasUserSubnets() {
        return pools.stream().anyMatch(config -> !chosen.contains(config.subnet()));
    }
}
