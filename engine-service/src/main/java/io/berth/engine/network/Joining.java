package io.berth.engine.network;

import io.berth.docker.error.ApiException;
import io.berth.docker.error.SystemFailure;
import io.berth.docker.network.EndpointConfig;
import io.berth.engine.network.runtime.NetworkFailure;
import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.engine.network.runtime.NetworkRuntime;
import io.berth.linux.netlink.IpPrefix;
import io.berth.linux.netlink.MacAddress;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Makes containers members of networks, with addresses, and ends that: without the kernel, but for the network's own link. Thread-safe. */
@Component
final class Joining {
    private static final String INTERFACE_NAME = "com.docker.network.endpoint.ifname";
    private static final SecureRandom RANDOM = new SecureRandom();
    /** Of an address that the engine has made: locally administered, for one interface. */
    private static final long LOCAL_MAC = 0x02L << 40;

    private final NetworkRuntime runtime;

    Joining(NetworkRuntime runtime) {
        this.runtime = runtime;
    }

    /**
     * Gives a container an address on a network and lets others find it there.
     *
     * @throws NoSuchNetwork when the network has just been removed
     * @throws io.berth.docker.error.Forbidden when an address is in use, or none is left
     * @throws SystemFailure when the network's link cannot be made
     */
    void join(Connections made, Network network, EndpointConfig config) {
        network.exclusively(() -> {
            if (network.isRemoved()) {
                throw new NoSuchNetwork(network.spec().name());
            }
            raise(network);
            Endpoint endpoint = endpoint(made, network, config);
            network.join(member(made.request(), config, endpoint));
            made.add(new Connection(network, config, endpoint, null));
        });
    }

    /** Has a network's link made before its first use. */
    void raise(Network network) {
        try {
            network.raise(runtime::raise);
        } catch (NetworkFailure e) {
            throw new SystemFailure("failed to set up container networking: " + e.getMessage(), e);
        }
    }

    /** Takes up a connection that a container has had since before the engine was started. */
    static void rejoin(Connections made, Network network, EndpointConfig config, Endpoint endpoint) {
        network.exclusively(() -> {
            endpoint.addresses().forEach(network::retakeAddress);
            network.join(member(made.request(), config, endpoint));
            made.add(new Connection(network, config, endpoint, null));
        });
    }

    /** The container is no longer a member, and its addresses are free. */
    static void leave(String containerId, Connection connection) {
        connection.network().exclusively(() -> {
            connection.network().leave(containerId);
            connection.endpoint().addresses().forEach(connection.network()::releaseAddress);
        });
    }

    /** A member with another name. */
    static void rename(NetworkRequest request, Connection connection) {
        connection
                .network()
                .exclusively(
                        () -> connection.network().join(member(request, connection.config(), connection.endpoint())));
    }

    private static Member member(NetworkRequest request, EndpointConfig config, Endpoint endpoint) {
        return new Member(
                request.containerId(),
                request.containerName(),
                request.dnsNames(config),
                config.linksOrNone(),
                endpoint);
    }

    private static Endpoint endpoint(Connections made, Network network, EndpointConfig config) {
        NetworkSpec spec = network.spec();
        String id = CreateNetwork.newId();
        if (network.plan().isEmpty()) {
            return new Endpoint(spec.id(), spec.name(), id, "", "", "", "", "", "", "");
        }
        Optional<IpPrefix> ipv4 = network.takeAddress(true, config.ipv4Address());
        Optional<IpPrefix> ipv6;
        try {
            ipv6 = network.takeAddress(false, config.ipv6Address());
        } catch (ApiException e) {
            ipv4.map(IpPrefix::address).ifPresent(network::releaseAddress);
            throw e;
        }
        String wanted = config.driverOptsOrNone().getOrDefault(INTERFACE_NAME, "");
        return new Endpoint(
                spec.id(),
                spec.name(),
                id,
                wanted.isEmpty() ? made.freeInterface(NetworkOptions.interfacePrefix(spec)) : wanted,
                "",
                mac(network, config, ipv4),
                ipv4.map(IpPrefix::toString).orElse(""),
                gateway(network, true),
                ipv6.map(IpPrefix::toString).orElse(""),
                gateway(network, false));
    }

    /** Internal networks have a gateway that leads nowhere, and containers are not told of it. */
    private static String gateway(Network network, boolean ipv4) {
        @Nullable InetAddress gateway = network.spec().internal() ? null : network.gateway(ipv4);
        return gateway == null ? "" : IpPrefix.text(gateway);
    }

    private static String mac(Network network, EndpointConfig config, Optional<IpPrefix> ipv4) {
        if (network.plan()
                .filter(plan -> plan.driver() == NetworkPlan.Driver.IPVLAN)
                .isPresent()) {
            return ""; // that of the parent
        }
        if (config.macAddress() != null && !config.macAddress().isEmpty()) {
            return MacAddress.parse(config.macAddress()).toString();
        }
        return ipv4.map(prefix -> MacAddress.of((Inet4Address) prefix.address()))
                .orElseGet(() -> new MacAddress(LOCAL_MAC | RANDOM.nextLong(1L << 40)))
                .toString();
    }
}
