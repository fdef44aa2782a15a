package io.berth.engine.network.kernel;

import io.berth.engine.network.runtime.HostUse;
import io.berth.engine.network.runtime.HostUse.Kind;
import io.berth.linux.netlink.IpPrefix;
import io.berth.linux.netlink.Link;
import io.berth.linux.netlink.LinkAddress;
import io.berth.linux.netlink.Route;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What of a host's addresses and routes can be in the way of a network's subnet. Pure. The local table is left out: it comes before all
 * others, so that nobody takes the host's own addresses. Default routes are: whatever is in their way is meant to be.
 */
final class HostUses {
    private HostUses() {}

    static List<HostUse> of(List<Link> links, List<LinkAddress> addresses, List<Route> routes) {
        Map<Integer, String> names = links.stream().collect(Collectors.toMap(Link::index, Link::name));
        List<HostUse> uses = new ArrayList<>();
        for (Route route : routes) {
            String link = names.getOrDefault(route.link(), "");
            if (route.table() != Route.LOCAL
                    && !route.isDefault()
                    && isRoutable(route.destination().address())) {
                uses.add(new HostUse(Kind.ROUTE, route.destination(), link));
            }
            InetAddress gateway = route.gateway();
            if (gateway != null && isRoutable(gateway)) {
                uses.add(new HostUse(Kind.GATEWAY, IpPrefix.of(gateway), link));
            }
        }
        for (LinkAddress address : addresses) {
            if (isRoutable(address.address().address())) {
                uses.add(new HostUse(Kind.ADDRESS, address.address(), names.getOrDefault(address.link(), "")));
            }
        }
        return uses.stream().distinct().toList();
    }

    /** Addresses of one link only are on each link. */
    private static boolean isRoutable(InetAddress address) {
        return !address.isLinkLocalAddress() && !address.isMulticastAddress();
    }
}
