package io.berth.engine.network;

import io.berth.docker.container.ContainerConfig;
import io.berth.docker.container.HostConfig;
import io.berth.docker.network.EndpointConfig;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a container wants of networks.
 *
 * @param containerId 64 hex digits
 * @param containerName as it is now
 * @param endpoints by name of the network, or by what its user called it where it does not exist yet; in the order in which they
 *     are connected
 * @param given what names stood for when it was given them
 * @param last its connections, or where they were when it ran last
 */
public record NetworkRequest(
        String containerId,
        String containerName,
        ContainerConfig config,
        HostConfig host,
        Map<String, EndpointConfig> endpoints,
        GivenNames given,
        NetworkState last) {
    private static final int SHORT_ID = 12;
    private static final Set<String> ROUTING = Set.of("ALL", "NET_ADMIN", "CAP_NET_ADMIN");

    public NetworkRequest {
        endpoints = Collections.unmodifiableMap(new LinkedHashMap<>(endpoints));
    }

    /** Which network of a name it belongs into; empty for one that was not there yet. */
    Optional<String> networkId(String name) {
        return Optional.ofNullable(given.networks().get(name))
                .or(() -> last.endpoint(name).map(Endpoint::networkId).filter(id -> !id.isEmpty()));
    }

    /** How it is to be connected to a network. */
    EndpointConfig config(String networkName) {
        return endpoints.getOrDefault(networkName, EndpointConfig.DEFAULT);
    }

    /** Such as {@code 80/tcp}. */
    Set<String> exposedPorts() {
        Map<String, Map<String, Object>> exposed = config.exposedPorts();
        return exposed == null ? Set.of() : exposed.keySet();
    }

    String shortId() {
        return containerId.substring(0, SHORT_ID);
    }

    /** Whether it may configure its network, and so may be meant to pass on what others send. */
    boolean routes() {
        List<String> added = host.capAdd();
        return host.privileged()
                || (added != null
                        && added.stream()
                                .map(name -> name.toUpperCase(Locale.ROOT))
                                .anyMatch(ROUTING::contains));
    }

    /** By which others in a network find it, in Docker's order (moby: buildEndpointDNSNames). */
    public List<String> dnsNames(EndpointConfig endpoint) {
        Set<String> names = new LinkedHashSet<>();
        names.add(containerName);
        names.addAll(endpoint.aliasesOrNone());
        names.add(shortId());
        if (!config.hostname().isEmpty()) {
            names.add(config.hostname());
        }
        return List.copyOf(names);
    }
}
