package io.berth.engine.network.kernel;

import io.berth.engine.network.runtime.HostUse;
import io.berth.engine.network.runtime.HostUse.Kind;
import io.berth.linux.host.Finding;
import io.berth.linux.netlink.Link;
import io.berth.linux.netlink.NetlinkSocket;
import io.berth.linux.netlink.Route;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds routes of the host that came after networks of containers and have addresses in common with them, such as a VPN's: when the
 * networks were made there was nothing to compare with.
 */
public final class RouteOverlaps {
    private static final String SUBJECT = "routes beside those of networks";

    private RouteOverlaps() {}

    /** Looks at the network namespace that this runs in. */
    public static Finding check() {
        try (NetlinkSocket socket = NetlinkSocket.open()) {
            return judge(socket.links(), socket.routes());
        }
    }

    static Finding judge(List<Link> links, List<Route> routes) {
        Map<Boolean, Set<String>> names = links.stream()
                .collect(Collectors.partitioningBy(
                        LinkOwner::isOfSomeEngine, Collectors.mapping(Link::name, Collectors.toSet())));
        List<HostUse> found = HostUses.of(links, List.of(), routes).stream()
                .filter(use -> use.kind() == Kind.ROUTE)
                .toList();
        Set<String> own = names.getOrDefault(true, Set.of());
        List<String> overlaps = found.stream()
                .filter(use -> own.contains(use.link()))
                .flatMap(use -> found.stream()
                        .filter(other -> !own.contains(other.link()) && other.isTouchedBy(use.prefix()))
                        .map(other -> use.prefix() + " (" + use.link() + ") and " + other.prefix() + " (" + other.link()
                                + ")"))
                .sorted()
                .toList();
        return overlaps.isEmpty()
                ? new Finding(SUBJECT, Finding.Status.OK, "nothing in common", "", "")
                : new Finding(
                        SUBJECT,
                        Finding.Status.DEGRADED,
                        String.join(", ", overlaps),
                        "the longer prefix gets the addresses that both have: the host's connections end in containers, or containers"
                                + " are not reached",
                        "remove the network and create it with another subnet, or have berth.engine.network.default-address-pools"
                                + " leave the other's out");
    }
}
