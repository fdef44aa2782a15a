package io.berth.engine.container.web;

import io.berth.docker.ApiVersion;
import io.berth.docker.container.ContainerSummary.PortSummary;
import io.berth.docker.container.NetworkSettingsResponse;
import io.berth.docker.container.NetworkSettingsResponse.Legacy;
import io.berth.docker.container.NetworkSettingsResponse.PortBinding;
import io.berth.docker.network.EndpointConfig;
import io.berth.docker.network.EndpointSettings;
import io.berth.engine.container.ContainerSnapshot;
import io.berth.engine.container.ContainerSpec;
import io.berth.engine.network.Endpoint;
import io.berth.engine.network.NetworkRequest;
import io.berth.engine.network.NetworkState;
import io.berth.engine.network.PublishedPort;
import io.berth.linux.netlink.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A container's networks and ports as the API shows them. */
final class NetworkSettingsViews {
    private static final String DEFAULT_BRIDGE = "bridge";
    private static final Set<String> PREDEFINED = Set.of(DEFAULT_BRIDGE, "host", "none");
    private static final int SHORT_ID = 12;

    private NetworkSettingsViews() {}

    static NetworkSettingsResponse settings(ContainerSnapshot container, ApiVersion version) {
        NetworkState state = container.network();
        var process = container.state().process();
        return new NetworkSettingsResponse(
                state.sandboxId(),
                process == null ? "" : "/proc/" + process.pid() + "/ns/net",
                ports(container),
                version.atLeast(1, 52) ? null : legacy(state.endpoint(DEFAULT_BRIDGE)),
                networks(container, false, version));
    }

    /**
     * Joined networks by name.
     *
     * @param listed whether they are part of a list, which leaves out by which names others find the container
     */
    static Map<String, EndpointSettings> networks(ContainerSnapshot container, boolean listed, ApiVersion version) {
        Map<String, EndpointSettings> networks = new TreeMap<>();
        container
                .spec()
                .networks()
                .forEach((name, config) -> networks.put(name, endpoint(container, name, config, listed, version)));
        return networks;
    }

    private static EndpointSettings endpoint(
            ContainerSnapshot container, String name, EndpointConfig config, boolean listed, ApiVersion version) {
        Optional<Endpoint> endpoint = container.network().endpoint(name);
        boolean named = !listed && !PREDEFINED.contains(name);
        List<String> dnsNames = named && endpoint.isPresent() ? dnsNames(container, config) : null;
        return new EndpointSettings(
                config.ipamConfig(),
                config.links(),
                listed ? null : aliases(container.spec(), config, named && !version.atLeast(1, 44)),
                text(endpoint, Endpoint::mac),
                config.driverOpts(),
                version.atLeast(1, 48) ? Integer.valueOf(config.gwPriority()) : null,
                text(endpoint, Endpoint::networkId),
                text(endpoint, Endpoint::id),
                text(endpoint, Endpoint::ipv4Gateway),
                address(text(endpoint, Endpoint::ipv4)),
                length(text(endpoint, Endpoint::ipv4)),
                text(endpoint, Endpoint::ipv6Gateway),
                address(text(endpoint, Endpoint::ipv6)),
                length(text(endpoint, Endpoint::ipv6)),
                dnsNames);
    }

    private static List<String> dnsNames(ContainerSnapshot container, EndpointConfig config) {
        ContainerSpec spec = container.spec();
        return new NetworkRequest(
                        spec.id(),
                        container.name(),
                        spec.config(),
                        spec.hostConfig(),
                        spec.networks(),
                        spec.given(),
                        container.network())
                .dnsNames(config);
    }

    /** Clients before 1.44 find the short id among the aliases. */
    private static @Nullable List<String> aliases(ContainerSpec spec, EndpointConfig config, boolean withId) {
        if (!withId) {
            return config.aliases();
        }
        List<String> aliases = new ArrayList<>(config.aliasesOrNone());
        aliases.add(spec.id().substring(0, SHORT_ID));
        return aliases;
    }

    private static String text(Optional<Endpoint> endpoint, Function<Endpoint, String> part) {
        return endpoint.map(part).orElse("");
    }

    private static String address(String prefix) {
        return prefix.isEmpty() ? "" : prefix.substring(0, prefix.indexOf('/'));
    }

    private static int length(String prefix) {
        return prefix.isEmpty() ? 0 : IpPrefix.parse(prefix).length();
    }

    private static Legacy legacy(Optional<Endpoint> bridge) {
        return new Legacy(
                "",
                false,
                "",
                0,
                null,
                null,
                text(bridge, Endpoint::id),
                text(bridge, Endpoint::ipv4Gateway),
                address(text(bridge, Endpoint::ipv6)),
                length(text(bridge, Endpoint::ipv6)),
                address(text(bridge, Endpoint::ipv4)),
                length(text(bridge, Endpoint::ipv4)),
                text(bridge, Endpoint::ipv6Gateway),
                text(bridge, Endpoint::mac));
    }

    /** Of a container that runs and has an address; null is exposed and not published. */
    private static Map<String, @Nullable List<PortBinding>> ports(ContainerSnapshot container) {
        Map<String, @Nullable List<PortBinding>> ports = new TreeMap<>();
        if (!container.network().hasAddress()) {
            return ports;
        }
        exposed(container.spec()).forEach(port -> ports.put(port, null));
        for (PublishedPort port : container.network().ports()) {
            List<PortBinding> bindings = new ArrayList<>();
            @Nullable List<PortBinding> present = ports.get(port.key());
            if (present != null) {
                bindings.addAll(present);
            }
            bindings.add(new PortBinding(port.hostIp(), Integer.toString(port.hostPort())));
            ports.put(port.key(), bindings);
        }
        return ports;
    }

    static List<PortSummary> summaries(ContainerSnapshot container) {
        List<PortSummary> summaries = new ArrayList<>();
        ports(container).forEach((port, bindings) -> {
            int slash = port.indexOf('/');
            int number = Integer.parseInt(port.substring(0, slash));
            String type = port.substring(slash + 1);
            if (bindings == null) {
                summaries.add(new PortSummary(null, number, null, type));
            } else {
                bindings.forEach(binding -> summaries.add(
                        new PortSummary(binding.hostIp(), number, Integer.valueOf(binding.hostPort()), type)));
            }
        });
        return summaries;
    }

    /** As number and protocol: what clients wrote without a protocol, which the settings keep as it was, is TCP. */
    private static Set<String> exposed(ContainerSpec spec) {
        Map<String, Map<String, Object>> ports = spec.config().exposedPorts();
        return ports == null
                ? Set.of()
                : ports.keySet().stream()
                        .map(port -> port.contains("/") ? port : port + "/tcp")
                        .collect(Collectors.toUnmodifiableSet());
    }
}
