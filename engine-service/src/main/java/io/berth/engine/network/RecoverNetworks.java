package io.berth.engine.network;

import io.berth.docker.network.Ipam;
import io.berth.docker.network.Ipam.IpamConfig;
import io.berth.linux.netlink.IpPrefix;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Finds all networks again when the engine starts, before containers are looked at, and makes those that every engine has. */
@Component
final class RecoverNetworks implements SmartLifecycle {
    private static final String DEFAULT_MTU = "1500";

    private final Networks networks;
    private final NetworkStore store;
    private final CreateNetwork create;
    private final NetworkProperties properties;
    private volatile boolean running;

    RecoverNetworks(Networks networks, NetworkStore store, CreateNetwork create, NetworkProperties properties) {
        this.networks = networks;
        this.store = store;
        this.create = create;
        this.properties = properties;
    }

    /** Before containers are recovered, some of which are started then. */
    @Override
    public int getPhase() {
        return -1;
    }

    @Override
    public void start() {
        Optional<NetworkSpec> defaultBridge = Optional.empty();
        for (NetworkSpec spec : store.loadAll()) {
            if (spec.isDefaultBridge()) {
                defaultBridge = Optional.of(spec);
            } else {
                networks.load(spec);
            }
        }
        for (String driver : List.of(NetworkSpec.HOST, NetworkSpec.NULL)) {
            String name = driver.equals(NetworkSpec.NULL) ? "none" : driver;
            if (networks.byName(name).isEmpty()) {
                keep(spec(CreateNetwork.newId(), name, driver, List.of(), false, Map.of()));
            }
        }
        if (defaultBridge.isPresent() && isAsConfigured(defaultBridge.get())) {
            networks.load(defaultBridge.get());
        } else {
            String id = defaultBridge.map(NetworkSpec::id).orElseGet(CreateNetwork::newId);
            store.delete(id);
            keep(defaultBridge(id));
        }
        running = true;
    }

    private void keep(NetworkSpec spec) {
        store.insert(spec);
        networks.load(spec);
    }

    private boolean isAsConfigured(NetworkSpec spec) {
        boolean sameSubnet = properties.subnet().isEmpty()
                || spec.pools().equals(List.of(configured(IpPrefix.parse(properties.subnet()))));
        return sameSubnet && properties.bridge().equals(spec.options().get(NetworkOptions.BRIDGE_NAME));
    }

    private static IpamConfig configured(IpPrefix subnet) {
        boolean hasAddress = !subnet.equals(subnet.network());
        IpamConfig config = new IpamConfig(
                subnet.network().toString(), null, hasAddress ? IpPrefix.text(subnet.address()) : null, null);
        return CreateNetwork.withGateway(config, subnet.network());
    }

    private NetworkSpec defaultBridge(String id) {
        IpPrefix subnet = properties.subnet().isEmpty() ? create.choose(true) : IpPrefix.parse(properties.subnet());
        Map<String, String> options = new HashMap<>();
        options.put(NetworkSpec.DEFAULT_BRIDGE, "true");
        options.put(NetworkOptions.ICC, "true");
        options.put(NetworkOptions.MASQUERADE, "true");
        options.put(NetworkOptions.HOST_BINDING, properties.hostAddress());
        options.put(NetworkOptions.BRIDGE_NAME, properties.bridge());
        options.put(NetworkOptions.MTU, DEFAULT_MTU);
        return spec(
                id,
                "bridge",
                NetworkSpec.BRIDGE,
                List.of(configured(subnet)),
                properties.subnet().isEmpty(),
                options);
    }

    private static NetworkSpec spec(
            String id,
            String name,
            String driver,
            List<IpamConfig> configs,
            boolean chosen,
            Map<String, String> options) {
        return new NetworkSpec(
                id,
                name,
                Instant.now(),
                "local",
                driver,
                false,
                false,
                false,
                "",
                true,
                false,
                new Ipam("default", null, configs),
                configs,
                chosen
                        ? configs.stream()
                                .map(config -> String.valueOf(config.subnet()))
                                .toList()
                        : List.of(),
                options,
                Map.of());
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
