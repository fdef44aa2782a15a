package io.berth.engine.network;

import io.berth.engine.network.runtime.EndpointPlan.LinkedPort;
import io.berth.linux.netlink.IpPrefix;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Links between containers on the default bridge, which knows no names otherwise (HostConfig.Links). Takes no lock. */
@Component
public final class LegacyLinks {
    private static final int SHORT_ID = 12;

    private final Networks networks;
    private final ActiveConnections active;

    LegacyLinks(Networks networks, ActiveConnections active) {
        this.networks = networks;
        this.active = active;
    }

    private record Link(Member member, String alias) {}

    /**
     * Containers that a container's links on the default bridge name, as lines of its hosts file: names by address.
     */
    public Map<String, String> hosts(NetworkRequest request) {
        Map<String, String> hosts = new LinkedHashMap<>();
        for (Link link : links(request)) {
            link.member()
                    .endpoint()
                    .address(true)
                    .ifPresent(address -> hosts.put(
                            IpPrefix.text(address),
                            link.alias() + " " + link.member().containerId().substring(0, SHORT_ID) + " "
                                    + link.member().containerName()));
        }
        return hosts;
    }

    /** What linked containers expose, for networks whose containers reach each other by links only. */
    List<LinkedPort> ports(NetworkRequest request) {
        List<LinkedPort> ports = new ArrayList<>();
        for (Link link : links(request)) {
            Set<String> exposed = active.find(link.member().containerId())
                    .map(other -> other.request().exposedPorts())
                    .orElse(Set.of());
            for (String port : exposed) {
                PortSpec.Exposed parsed = PortSpec.Exposed.parse(port);
                link.member()
                        .endpoint()
                        .addresses()
                        .forEach(address -> ports.add(new LinkedPort(parsed.protocol(), address, parsed.port())));
            }
        }
        return ports;
    }

    private List<Link> links(NetworkRequest request) {
        List<Link> found = new ArrayList<>();
        List<String> wanted = request.host().links();
        for (String text : wanted == null ? List.<String>of() : wanted) {
            LinkedName linked = LinkedName.parse(text);
            String name = linked.name();
            @Nullable String id = request.given().linked().get(name);
            networks.unordered().stream()
                    .filter(network -> network.spec().isDefaultBridge())
                    .flatMap(network -> network.members().stream())
                    .filter(member -> id == null
                            ? member.containerName().equals(name)
                            : member.containerId().equals(id))
                    .findFirst()
                    .ifPresent(member -> found.add(new Link(member, linked.alias())));
        }
        return found;
    }
}
