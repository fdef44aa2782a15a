package io.berth.engine.container;

import io.berth.docker.ApiVersion;
import io.berth.docker.container.ContainerConfig;
import io.berth.docker.container.CreateRequest.NetworkingConfig;
import io.berth.docker.container.HostConfig;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.network.EndpointConfig;
import io.berth.engine.caller.Callers;
import io.berth.engine.network.ContainerNetworks;
import io.berth.engine.network.GivenNames;
import io.berth.engine.network.LinkedName;
import io.berth.engine.network.Network;
import io.berth.engine.network.NetworkSpec;
import io.berth.engine.network.Networks;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    /**
     * What a new container is connected to.
     *
     * @param endpoints by name of the network
     * @param names what they, and those of linked containers, stand for
     */
    record Chosen(Map<String, EndpointConfig> endpoints, GivenNames names) {}

    /** What a mode alone means. */
    static Map<String, EndpointConfig> ofMode(String mode) {
        return NamespaceModes.isContainer(mode) ? Map.of() : Map.of(mode, EndpointConfig.DEFAULT);
    }

    /**
     * The networks of a new container: the default one first, then by name. One that does not exist is looked for again at the start.
     *
     * @throws InvalidParameter when the settings are wrong, in moby's words
     */
    Chosen of(ContainerConfig config, HostConfig host, @Nullable NetworkingConfig wanted, ApiVersion version) {
        Map<String, String> ids = new HashMap<>();
        String mode = nameOf(host.networkMode(), ids);
        Map<String, String> linked = linked(host, mode);
        if (NamespaceModes.isContainer(mode) || Boolean.TRUE.equals(config.networkDisabled())) {
            return new Chosen(Map.of(), new GivenNames(Map.of(), linked));
        }
        Map<String, EndpointConfig> asked = asked(wanted, ids);
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
        return new Chosen(chosen, new GivenNames(ids, linked));
    }

    private Map<String, EndpointConfig> asked(@Nullable NetworkingConfig wanted, Map<String, String> ids) {
        Map<String, EndpointConfig> asked = new TreeMap<>();
        if (wanted != null && wanted.endpointsConfig() != null) {
            wanted.endpointsConfig()
                    .forEach((name, config) ->
                            asked.put(nameOf(name, ids), config == null ? EndpointConfig.DEFAULT : config));
        }
        return asked;
    }

    /**
     * The name of a network that exists; what an operator wrote of one that does not.
     *
     * @param ids takes which network it is, if users have made it
     */
    private String nameOf(String reference, Map<String, String> ids) {
        if (reference.equals(DEFAULT)) {
            return BRIDGE;
        }
        if (NamespaceModes.isContainer(reference)) {
            return reference;
        }
        Optional<Network> found = networks.toJoin(reference);
        if (found.isEmpty()) {
            if (Callers.current().restricted()) {
                // Somebody else's could have the name when it starts. Not found would make clients pull the image.
                throw new InvalidParameter("network " + reference + " not found");
            }
            return reference;
        }
        NetworkSpec spec = found.get().spec();
        if (!spec.predefined()) {
            ids.put(spec.name(), spec.id());
        }
        return spec.name();
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
    private Map<String, String> linked(HostConfig host, String mode) {
        boolean names = !mode.equals(BRIDGE) && !EXCLUSIVE.contains(mode) && !NamespaceModes.isContainer(mode);
        Map<String, String> linked = new HashMap<>();
        for (String link : host.links() == null ? List.<String>of() : host.links()) {
            String name = link.split(":", 2)[0];
            try {
                linked.put(
                        LinkedName.parse(link).name(),
                        containers.find(name).id().value());
            } catch (NoSuchContainer e) {
                if (names && !Callers.current().restricted()) {
                    continue;
                }
                throw new InvalidParameter("could not get container for " + name + ": " + e.text(), e);
            }
        }
        return linked;
    }
}
