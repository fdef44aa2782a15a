package io.berth.engine.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A container's connections as they are; kept with its state.
 *
 * @param sandboxId of the last run: 64 hex digits, or empty
 * @param endpoints in the order of its interfaces
 * @param resolvConf what the engine has written into the container's resolv.conf: while the file says the same nobody else has
 *     changed it
 */
public record NetworkState(String sandboxId, List<Endpoint> endpoints, List<PublishedPort> ports, String resolvConf) {

    /** Of a container that was never started. */
    public static final NetworkState NONE = new NetworkState("", List.of(), List.of(), "");

    public NetworkState {
        endpoints = List.copyOf(endpoints);
        ports = List.copyOf(ports);
    }

    /** The container has ended. */
    public NetworkState ended() {
        return new NetworkState(
                sandboxId, endpoints.stream().map(Endpoint::ended).toList(), List.of(), resolvConf);
    }

    /** The same, where it is remembered that the container belongs into these networks. */
    public NetworkState knowing(Set<String> networkNames) {
        List<Endpoint> all = new ArrayList<>(endpoints);
        for (String name : networkNames) {
            if (endpoint(name).isEmpty()) {
                all.add(new Endpoint("", name, "", "", "", "", "", "", "", ""));
            }
        }
        return new NetworkState(sandboxId, all, ports, resolvConf);
    }

    /** The connection to a network. */
    public Optional<Endpoint> endpoint(String networkName) {
        return endpoints.stream()
                .filter(endpoint -> endpoint.networkName().equals(networkName))
                .findFirst();
    }

    /** Whether it has an address now; a container without one shows no ports. */
    public boolean hasAddress() {
        return endpoints.stream()
                .anyMatch(endpoint ->
                        !endpoint.ipv4().isEmpty() || !endpoint.ipv6().isEmpty());
    }

    /** Whether it is connected to anything now. */
    public boolean active() {
        return endpoints.stream().anyMatch(Endpoint::active);
    }
}
