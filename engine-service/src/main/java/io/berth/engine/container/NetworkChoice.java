package io.berth.engine.container;

import io.berth.docker.ApiVersion;
import io.berth.docker.container.ContainerConfig;
import io.berth.docker.container.CreateRequest.NetworkingConfig;
import io.berth.docker.container.HostConfig;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.network.EndpointConfig;
import io.berth.engine.network.ContainerNetworks;
import io.berth.engine.network.Networks;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Which networks a container is created with (moby: daemon/create.go, container_routes.go). */
@Component
final class NetworkChoice {
    private static final String DEFAULT = "default";
    private static final String BRIDGE = "bridge";
    /** Networks that a container is in alone. */
    private static final Set<String> EXCLUSIVE = Set.of("host", "none");

    private final Networks networks;
    private final ContainerNetworks connections;
    private final Containers containers;

    NetworkChoice(Networks networks, ContainerNetworks connections, Containers containers) {
        this.networks = networks;
        this.connections = connections;
        this.containers = containers;
    }

    /** What a mode alone means. */
    static Map<String, EndpointConfig> ofMode(String mode) {
        return NamespaceModes.isContainer(mode) ? Map.of() : Map.of(mode, EndpointConfig.DEFAULT);
    }

    /**
     * The networks of a new container: the default one first, then by name. One that does not exist is looked for again at the start.
     *
     * @throws InvalidParameter when the settings are wrong, in moby's words
     */
    Map<String, EndpointConfig> of(
            ContainerConfig config, HostConfig host, @Nullable NetworkingConfig wanted, ApiVersion version) {
        checkLinks(host);
        String mode = nameOf(host.networkMode());
        if (NamespaceModes.isContainer(mode) || Boolean.TRUE.equals(config.networkDisabled())) {
            return Map.of();
        }
        Map<String, EndpointConfig> asked = asked(wanted);
        if (!version.atLeast(1, 44) && asked.size() > 1) {
            throw new InvalidParameter(
                    "Container cannot be connected to network endpoints: " + String.join(", ", asked.keySet()));
        }
        asked.put(mode, withMacAddress(config, asked.getOrDefault(mode, EndpointConfig.DEFAULT)));
        Map<String, EndpointConfig> chosen = new LinkedHashMap<>();
        if (asked.containsKey(BRIDGE)) {
            chosen.put(BRIDGE, asked.get(BRIDGE));
        }
        asked.forEach(chosen::putIfAbsent);
        if (chosen.size() > 1) {
            refuseExclusive(chosen.keySet());
        }
        chosen.forEach(this::check);
        return chosen;
    }

    private Map<String, EndpointConfig> asked(@Nullable NetworkingConfig wanted) {
        Map<String, EndpointConfig> asked = new TreeMap<>();
        if (wanted != null && wanted.endpointsConfig() != null) {
            wanted.endpointsConfig()
                    .forEach((name, config) ->
                            asked.put(nameOf(name), config == null ? EndpointConfig.DEFAULT : config));
        }
        return asked;
    }

    /** The name of a network that exists; what the user wrote of one that does not. */
    private String nameOf(String reference) {
        if (reference.equals(DEFAULT)) {
            return BRIDGE;
        }
        if (NamespaceModes.isContainer(reference)) {
            return reference;
        }
        return networks.lookUp(reference).map(network -> network.spec().name()).orElse(reference);
    }

    /** An address for the whole container is that of its first network. */
    private static EndpointConfig withMacAddress(ContainerConfig config, EndpointConfig endpoint) {
        String address = config.macAddress();
        if (address == null || address.isEmpty()) {
            return endpoint;
        }
        String own = endpoint.macAddress();
        if (own != null && !own.isEmpty() && !own.equalsIgnoreCase(address)) {
            throw new InvalidParameter("the container-wide MAC address must match the endpoint-specific MAC address for"
                    + " the main network, or be left empty");
        }
        return endpoint.withMacAddress(address);
    }

    private static void refuseExclusive(Set<String> names) {
        for (String exclusive : EXCLUSIVE) {
            if (names.contains(exclusive)) {
                throw new InvalidParameter(
                        "conflicting options: cannot attach both user-defined and non-user-defined" + " network-modes");
            }
        }
    }

    private void check(String name, EndpointConfig config) {
        try {
            connections.check(name, config);
        } catch (InvalidParameter e) {
            throw new InvalidParameter("invalid config for network " + name + ": " + e.text(), e);
        }
    }

    /** Containers that are linked must exist, except on networks of users', where a link is a name only (moby: daemon.registerLinks). */
    private void checkLinks(HostConfig host) {
        String mode = nameOf(host.networkMode());
        if (!mode.equals(BRIDGE) && !EXCLUSIVE.contains(mode) && !NamespaceModes.isContainer(mode)) {
            return;
        }
        for (String link : host.links() == null ? List.<String>of() : host.links()) {
            String name = link.split(":", 2)[0];
            try {
                Container _ = containers.find(name);
            } catch (NoSuchContainer e) {
                throw new InvalidParameter("could not get container for " + name + ": " + e.text(), e);
            }
        }
    }
}
