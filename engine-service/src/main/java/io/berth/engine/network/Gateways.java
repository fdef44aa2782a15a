package io.berth.engine.network;

import java.net.InetAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Through which of its networks a container reaches everything else, and is reached at published ports: the one with the highest
 * priority, and of those the first by name (Engine API, GwPriority); never through an internal one. A pure function.
 */
final class Gateways {
    private static final Comparator<Connection> ORDER = Comparator.comparingInt(
                    (Connection connection) -> -connection.config().gwPriority())
            .thenComparing(connection -> connection.endpoint().networkName());

    private Gateways() {}

    /** The connection for a family; none when no network leads out. */
    static Optional<Connection> choose(List<Connection> connections, boolean ipv4) {
        return connections.stream()
                .filter(connection -> address(connection, ipv4).isPresent())
                .min(ORDER);
    }

    /** The gateway of the connection's network, where the connection can use it. */
    private static Optional<InetAddress> address(Connection connection, boolean ipv4) {
        boolean leadsOut = !connection.network().spec().internal()
                && connection.endpoint().address(ipv4).isPresent();
        return leadsOut ? Optional.ofNullable(connection.network().gateway(ipv4)) : Optional.empty();
    }

    /** The gateways that a connection is the chosen one for: at most one of each family. */
    static List<InetAddress> of(Connection connection, List<Connection> all) {
        return List.of(true, false).stream()
                .filter(ipv4 -> choose(all, ipv4)
                        .filter(chosen -> chosen.endpoint()
                                .id()
                                .equals(connection.endpoint().id()))
                        .isPresent())
                .flatMap(ipv4 -> address(connection, ipv4).stream())
                .toList();
    }
}
