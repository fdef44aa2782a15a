package io.berth.engine.network;

import io.berth.docker.error.SystemFailure;
import io.berth.engine.network.HostPorts.Reservation;
import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.engine.network.runtime.NetworkPlan.Driver;
import io.berth.engine.network.runtime.NetworkPlan.GatewayMode;
import io.berth.engine.network.runtime.PortRule;
import io.berth.engine.network.runtime.PortRule.Protocol;
import io.berth.linux.netlink.IpPrefix;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The published ports of one container. Not thread-safe: the container's lock guards it.
 *
 * <p>A port of the host is taken once and kept while the container runs, also when the connection that leads to it changes.
 */
final class Publication implements AutoCloseable {
    private static final InetAddress ANY_IPV4 = InetAddress.ofLiteral("0.0.0.0");
    private static final InetAddress ANY_IPV6 = InetAddress.ofLiteral("::");

    private final List<PortSpec> specs;
    private final HostPorts hostPorts;
    private final InetAddress defaultAddress;
    private final List<Taken> taken = new ArrayList<>();

    /** What of {@link #taken} fulfils which wish: there may be tens of thousands of both. */
    private final Set<Fulfilled> fulfilled = new HashSet<>();

    private record Fulfilled(int wish, InetAddress address) {}

    private record Wanted(PortSpec.Exposed container, InetAddress address) {}

    private record Range(Protocol protocol, List<InetAddress> addresses, int first, int last) {}

    /** A wish that has been fulfilled, for one address of the host. */
    private record Taken(
            int wish, PortSpec spec, InetAddress address, int hostPort, Optional<Reservation> reservation) {}

    /**
     * @param defaultAddress where ports are published of which nobody says where
     */
    Publication(List<PortSpec> specs, HostPorts hostPorts, InetAddress defaultAddress) {
        this.specs = List.copyOf(specs);
        this.hostPorts = hostPorts;
        this.defaultAddress = defaultAddress;
    }

    /**
     * Takes the host's ports of all wishes for which there is a way in, as far as that has not been done.
     *
     * @throws SystemFailure when one is not to be had; those taken before stay taken until {@link #close}
     */
    void take(List<Connection> connections) {
        // Where the last wish for a port of the same range found one, the next begins.
        Map<Range, Integer> found = new HashMap<>();
        for (int i = 0; i < specs.size(); i++) {
            int wish = i;
            PortSpec spec = specs.get(wish);
            List<InetAddress> missing = addresses(spec, connections).stream()
                    .filter(address -> !fulfilled.contains(new Fulfilled(wish, address)))
                    .toList();
            if (missing.isEmpty()) {
                continue;
            }
            List<InetAddress> translated = missing.stream()
                    .filter(address -> mode(connections, isIpv4(address)) != GatewayMode.ROUTED)
                    .toList();
            missing.stream()
                    .filter(address -> !translated.contains(address))
                    .forEach(address -> add(new Taken(wish, spec, address, spec.containerPort(), Optional.empty())));
            if (!translated.isEmpty()) {
                Range range = new Range(spec.protocol(), translated, spec.firstHostPort(), spec.lastHostPort());
                Reservation reservation = hostPorts.take(
                        spec.protocol(),
                        translated,
                        found.getOrDefault(range, spec.firstHostPort()),
                        spec.lastHostPort());
                if (spec.firstHostPort() != 0) {
                    found.put(range, Math.min(reservation.port() + 1, spec.lastHostPort()));
                }
                for (int j = 0; j < translated.size(); j++) {
                    // One reservation holds the port of all addresses; the first of them closes it.
                    add(new Taken(
                            wish,
                            spec,
                            translated.get(j),
                            reservation.port(),
                            j == 0 ? Optional.of(reservation) : Optional.empty()));
                }
            }
        }
    }

    /**
     * The same for other wishes: ports that are wished for in both keep theirs, and the others are free now.
     *
     * @return with what is kept; {@link #take} takes the rest, and this object is not to be used any more
     */
    Publication changed(List<PortSpec> wishes) {
        Publication other = new Publication(wishes, hostPorts, defaultAddress);
        Map<PortSpec, ArrayDeque<Integer>> left = new HashMap<>();
        for (int i = 0; i < wishes.size(); i++) {
            left.computeIfAbsent(wishes.get(i), _ -> new ArrayDeque<>()).add(i);
        }
        Map<Integer, List<Taken>> byWish = taken.stream().collect(Collectors.groupingBy(Taken::wish));
        for (int i = 0; i < specs.size(); i++) {
            List<Taken> ports = byWish.getOrDefault(i, List.of());
            @Nullable
            Integer kept = left.getOrDefault(specs.get(i), new ArrayDeque<>()).poll();
            if (kept == null) {
                ports.forEach(port -> port.reservation.ifPresent(Reservation::close));
                continue;
            }
            ports.forEach(port -> other.add(new Taken(kept, port.spec, port.address, port.hostPort, port.reservation)));
        }
        return other;
    }

    /** Takes ports that a container has had since before the engine was started. */
    void retake(List<PublishedPort> ports) {
        Map<PortSpec.Exposed, List<Integer>> wishes = IntStream.range(0, specs.size())
                .boxed()
                .collect(Collectors.groupingBy(wish -> exposed(specs.get(wish))));
        Map<Wanted, Iterator<Integer>> left = new HashMap<>();
        for (PublishedPort port : ports) {
            InetAddress address = InetAddress.ofLiteral(port.hostIp());
            PortSpec.Exposed container = new PortSpec.Exposed(port.containerPort(), port.protocol());
            int wish = nextUnfulfilled(
                    address,
                    left.computeIfAbsent(
                            new Wanted(container, address),
                            _ -> wishes.getOrDefault(container, List.of()).iterator()));
            PortSpec spec = wish < 0
                    ? new PortSpec(port.containerPort(), port.protocol(), port.hostIp(), 0, 0)
                    : specs.get(wish);
            add(new Taken(
                    wish,
                    spec,
                    address,
                    port.hostPort(),
                    Optional.of(hostPorts.take(port.protocol(), List.of(address), port.hostPort(), port.hostPort()))));
        }
    }

    /** The next wish that nothing fulfils at this address yet; -1 for none. */
    private int nextUnfulfilled(InetAddress address, Iterator<Integer> wishes) {
        while (wishes.hasNext()) {
            int wish = wishes.next();
            if (!fulfilled.contains(new Fulfilled(wish, address))) {
                return wish;
            }
        }
        return -1;
    }

    private static PortSpec.Exposed exposed(PortSpec spec) {
        return new PortSpec.Exposed(spec.containerPort(), spec.protocol());
    }

    private void add(Taken port) {
        taken.add(port);
        fulfilled.add(new Fulfilled(port.wish, port.address));
    }

    private List<InetAddress> addresses(PortSpec spec, List<Connection> connections) {
        List<InetAddress> wanted = new ArrayList<>();
        if (!spec.hostIp().isEmpty()) {
            wanted.add(InetAddress.ofLiteral(spec.hostIp()));
        } else if (defaultAddress.isAnyLocalAddress()) {
            wanted.add(ANY_IPV4);
            wanted.add(ANY_IPV6);
        } else {
            wanted.add(defaultAddress);
        }
        return wanted.stream()
                .filter(address -> wayIn(connections, isIpv4(address)).isPresent())
                .toList();
    }

    private static boolean isIpv4(InetAddress address) {
        return IpPrefix.of(address).isIpv4();
    }

    /** Ports are published through bridges only. */
    private static Optional<Connection> wayIn(List<Connection> connections, boolean ipv4) {
        return Gateways.choose(connections, ipv4)
                .filter(connection -> connection
                        .network()
                        .plan()
                        .filter(plan -> plan.driver() == Driver.BRIDGE)
                        .isPresent());
    }

    private static GatewayMode mode(List<Connection> connections, boolean ipv4) {
        return wayIn(connections, ipv4)
                .flatMap(connection -> connection.network().plan())
                .map((NetworkPlan plan) -> ipv4 ? plan.ipv4Mode() : plan.ipv6Mode())
                .orElse(GatewayMode.NAT);
    }

    /** The rules of one of the container's connections. */
    List<PortRule> rules(Connection connection, List<Connection> all) {
        List<PortRule> rules = new ArrayList<>();
        for (Taken port : taken) {
            boolean ipv4 = isIpv4(port.address);
            boolean here = wayIn(all, ipv4)
                    .filter(chosen ->
                            chosen.endpoint().id().equals(connection.endpoint().id()))
                    .isPresent();
            if (here) {
                rules.add(new PortRule(
                        port.spec.protocol(),
                        port.address,
                        port.hostPort,
                        connection.endpoint().address(ipv4).orElseThrow(),
                        port.spec.containerPort()));
            }
        }
        return rules;
    }

    /** As the API shows them. */
    List<PublishedPort> ports() {
        return taken.stream()
                .map(port -> new PublishedPort(
                        port.spec.containerPort(), port.spec.protocol(), IpPrefix.text(port.address), port.hostPort))
                .toList();
    }

    boolean isEmpty() {
        return taken.isEmpty();
    }

    /** Gives all ports back. */
    @Override
    public void close() {
        taken.forEach(port -> port.reservation.ifPresent(Reservation::close));
        taken.clear();
        fulfilled.clear();
    }
}
