package io.berth.engine.container;

import io.berth.docker.container.ContainerConfig;
import io.berth.docker.container.CreateRequest;
import io.berth.docker.container.HostConfig;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotImplemented;
import java.util.Collection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Refuses what this engine cannot do yet and whose silent absence would surprise. What clients send by default (empty lists,
 * zeros, the default network) passes.
 */
final class Unsupported {
    private static final Set<String> NETWORKS = Set.of("default", "bridge", "none", "host");

    private Unsupported() {}

    static void refuse(ContainerConfig config, HostConfig host, CreateRequest.@Nullable NetworkingConfig network) {
        refuseNetworks(host, network);
        if (!host.runtime().isEmpty() && !host.runtime().equals("berth")) {
            throw new InvalidParameter("unknown or invalid runtime name: " + host.runtime());
        }
        if (!host.isolation().isEmpty() && !host.isolation().equals("default")) {
            throw new InvalidParameter(
                    "Invalid isolation: \"" + host.isolation() + "\" - linux only supports 'default'");
        }
    }

    private static void refuseNetworks(HostConfig host, CreateRequest.@Nullable NetworkingConfig network) {
        refuse(!isKnown(host.networkMode()), "network mode \"" + host.networkMode() + "\"");
        boolean published = host.portBindings() != null
                && host.portBindings().values().stream().anyMatch(bindings -> bindings != null && !bindings.isEmpty());
        refuse((published && !host.networkMode().equals("host")) || host.publishAllPorts(), "published ports");
        refuse(notEmpty(host.links()), "links");
        refuse(
                host.extraHosts() != null
                        && host.extraHosts().stream().anyMatch(extra -> extra.endsWith("host-gateway")),
                "the extra host host-gateway");
        if (network != null && network.endpointsConfig() != null) {
            for (String name : network.endpointsConfig().keySet()) {
                refuse(!isKnown(name), "network \"" + name + "\"");
            }
        }
    }

    private static boolean isKnown(String network) {
        return NETWORKS.contains(network) || network.startsWith("container:");
    }

    private static boolean notEmpty(@Nullable Collection<?> values) {
        return values != null && !values.isEmpty();
    }

    private static void refuse(boolean asked, String what) {
        if (asked) {
            throw new NotImplemented(what + ": not supported by this engine yet");
        }
    }
}
