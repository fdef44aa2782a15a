package io.berth.engine.network;

import io.berth.docker.error.Forbidden;
import io.berth.engine.network.runtime.HostUse;
import io.berth.engine.network.runtime.HostUse.Kind;
import io.berth.linux.netlink.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What subnets users may choose for networks. Docker lets them have any that no other of its networks has, and the host's connections
 * go to containers then. A pure function of what the host has.
 */
final class SubnetRules {
    /** Without these the host is off: to have a container in their place is nobody's wish. */
    private static final Set<Kind> VITAL = Set.of(Kind.GATEWAY, Kind.RESOLVER);

    private final List<IpPrefix> projectPools;

    /**
     * @param projectPools where the subnets are that users choose for networks of projects
     */
    SubnetRules(List<IpPrefix> projectPools) {
        this.projectPools = List.copyOf(projectPools);
    }

    /**
     * Checks the subnets of a network that its user has chosen.
     *
     * @return what its user should know; empty for nothing
     * @throws Forbidden for a subnet with a gateway or name server of the host's, and for a project's network when it is not in the
     *     pools, or has anything of the host's
     */
    List<String> check(NetworkSpec spec, List<HostUse> host) {
        List<String> warnings = new ArrayList<>();
        for (IpPrefix subnet : spec.userSubnets()) {
            if (spec.isOfProject()) {
                requirePool(subnet);
            }
            // A host has no route to the subnets of macvlan and ipvlan networks by them: they are the LAN's own.
            List<HostUse> touched = spec.driver().equals(NetworkSpec.BRIDGE) || spec.isOfProject()
                    ? touched(subnet, spec.options().getOrDefault(NetworkOptions.BRIDGE_NAME, ""), host)
                    : List.of();
            for (HostUse use : touched) {
                if (VITAL.contains(use.kind()) || spec.isOfProject()) {
                    throw new Forbidden("subnet " + subnet + " has addresses of " + use.text());
                }
            }
            touched.forEach(use -> warnings.add("subnet " + subnet + " has addresses of " + use.text()
                    + ": what is there may not be reached any more, or containers may not be"));
        }
        return warnings;
    }

    private void requirePool(IpPrefix subnet) {
        boolean inside = projectPools.stream()
                .anyMatch(pool -> pool.length() <= subnet.length() && pool.contains(subnet.address()));
        if (!inside) {
            throw new Forbidden("subnet " + subnet + " is not in the address pools of projects: "
                    + projectPools.stream().map(IpPrefix::toString).collect(Collectors.joining(", ")));
        }
    }

    /** An operator may have a bridge of the host's become a network, with the subnet that it has. */
    static List<HostUse> touched(IpPrefix subnet, String bridge, List<HostUse> host) {
        boolean bridgesOwn = host.stream()
                .anyMatch(use -> use.kind() == Kind.ADDRESS
                        && use.link().equals(bridge)
                        && use.prefix().network().equals(subnet));
        return bridgesOwn
                ? List.of()
                : host.stream().filter(use -> use.isTouchedBy(subnet)).toList();
    }
}
