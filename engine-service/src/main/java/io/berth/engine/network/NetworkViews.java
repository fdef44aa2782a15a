package io.berth.engine.network;

import io.berth.docker.ApiVersion;
import io.berth.docker.network.ConfigReference;
import io.berth.docker.network.Ipam;
import io.berth.docker.network.NetworkResponse;
import io.berth.docker.network.NetworkResponse.EndpointResource;
import io.berth.docker.network.NetworkResponse.IpamStatus;
import io.berth.docker.network.NetworkResponse.Status;
import io.berth.docker.network.NetworkResponse.SubnetStatus;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Networks as the API shows them. */
public final class NetworkViews {
    private NetworkViews() {}

    /**
     * @param whole with containers and what is in use, as for one network; a list has neither
     */
    public static NetworkResponse response(Network network, boolean whole, ApiVersion version) {
        NetworkSpec spec = network.spec();
        return new NetworkResponse(
                spec.name(),
                spec.id(),
                spec.created().toString(),
                spec.scope(),
                spec.driver(),
                version.atLeast(1, 48) ? Boolean.valueOf(spec.enableIpv4()) : null,
                spec.enableIpv6(),
                ipam(spec),
                spec.internal(),
                spec.attachable(),
                false,
                new ConfigReference(spec.configFrom()),
                spec.configOnly(),
                whole ? containers(network) : Map.of(),
                spec.options(),
                spec.labels(),
                whole && version.atLeast(1, 52) ? status(network) : null);
    }

    /** Networks that have no addresses say so with null. */
    private static Ipam ipam(NetworkSpec spec) {
        boolean none = spec.predefined() && !spec.isDefaultBridge();
        return none ? new Ipam(spec.ipam().driver(), spec.ipam().options(), null) : spec.ipam();
    }

    private static Map<String, EndpointResource> containers(Network network) {
        Map<String, EndpointResource> containers = new TreeMap<>();
        for (Member member : network.members()) {
            Endpoint endpoint = member.endpoint();
            containers.put(
                    member.containerId(),
                    new EndpointResource(
                            member.containerName(), endpoint.id(), endpoint.mac(), endpoint.ipv4(), endpoint.ipv6()));
        }
        return containers;
    }

    private static @Nullable Status status(Network network) {
        if (network.pools().isEmpty()) {
            return null;
        }
        Map<String, SubnetStatus> subnets = new TreeMap<>();
        network.pools()
                .forEach(pool ->
                        subnets.put(pool.subnet().toString(), new SubnetStatus(pool.takenCount(), pool.available())));
        return new Status(new IpamStatus(subnets));
    }
}
