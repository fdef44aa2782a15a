package io.berth.engine.network;

import io.berth.docker.error.SystemFailure;
import io.berth.engine.network.runtime.PortRule.Protocol;
import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.netlink.IpPrefix;
import io.berth.linux.socket.PortReservation;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * The host's ports that containers are published at.
 *
 * <p>Each is held by a socket that is bound and never used, so that no program of the host's gets it while the firewall sends its
 * packets elsewhere. Thread-safe.
 */
@Component
final class HostPorts implements AutoCloseable {
    /** From which ports are given that nobody has chosen: as Docker, those of outgoing connections of the kernel's default. */
    private static final int FIRST = 32768;

    private static final int LAST = 60999;

    /** By protocol and number: others cannot collide, and there may be tens of thousands. */
    private final Map<Port, Set<Held>> held = new HashMap<>();

    private final Set<Reservation> open = new HashSet<>();
    private final Map<Protocol, Integer> next = new EnumMap<>(Protocol.class);

    private record Port(Protocol protocol, int number) {}

    /** A port of an address that is held. */
    record Held(Protocol protocol, InetAddress address, int port) {
        private Port number() {
            return new Port(protocol, port);
        }

        boolean collides(Held other) {
            boolean sameFamily = address.getAddress().length == other.address.getAddress().length;
            boolean anyOfThem = address.isAnyLocalAddress() || other.address.isAnyLocalAddress();
            return protocol == other.protocol
                    && port == other.port
                    && (address.equals(other.address) || (sameFamily && anyOfThem));
        }
    }

    /** The same port of one or more addresses; close it to give them back. */
    final class Reservation implements AutoCloseable {
        private final List<Held> ports;
        private final List<PortReservation> sockets;

        private Reservation(List<Held> ports, List<PortReservation> sockets) {
            this.ports = List.copyOf(ports);
            this.sockets = List.copyOf(sockets);
        }

        int port() {
            return ports.getFirst().port();
        }

        @Override
        public void close() {
            sockets.forEach(PortReservation::close);
            synchronized (HostPorts.this) {
                ports.forEach(HostPorts.this::forget);
                open.remove(this);
            }
        }
    }

    /**
     * Takes a port of all these addresses at once.
     *
     * @param first 0 for any that is free
     * @param last any from the first to this one
     * @throws SystemFailure when there is none, in moby's words
     */
    synchronized Reservation take(Protocol protocol, List<InetAddress> addresses, int first, int last) {
        if (first == 0) {
            int start = next.getOrDefault(protocol, FIRST);
            for (int i = 0; i <= LAST - FIRST; i++) {
                int port = FIRST + (start - FIRST + i) % (LAST - FIRST + 1);
                if (isHeld(protocol, addresses, port)) {
                    continue;
                }
                try {
                    Reservation taken = take(protocol, addresses, port);
                    next.put(protocol, port == LAST ? FIRST : port + 1);
                    return taken;
                } catch (SystemFailure e) {
                    if (!isTaken(e)) {
                        throw e;
                    }
                }
            }
            throw new SystemFailure("all ports are allocated");
        }
        for (int port = first; ; port++) {
            if (port < last && isHeld(protocol, addresses, port)) {
                continue;
            }
            try {
                return take(protocol, addresses, port);
            } catch (SystemFailure e) {
                if (port >= last || !isTaken(e)) {
                    throw e;
                }
            }
        }
    }

    private boolean isHeld(Protocol protocol, List<InetAddress> addresses, int port) {
        return addresses.stream().anyMatch(address -> isHeld(new Held(protocol, address, port)));
    }

    private boolean isHeld(Held wanted) {
        return held.getOrDefault(wanted.number(), Set.of()).stream().anyMatch(wanted::collides);
    }

    private void forget(Held port) {
        held.computeIfPresent(port.number(), (_, ports) -> {
            ports.remove(port);
            return ports.isEmpty() ? null : ports;
        });
    }

    private static boolean isTaken(SystemFailure failure) {
        return !(failure.getCause() instanceof SyscallException refused) || refused.errno() == Errno.EADDRINUSE;
    }

    private Reservation take(Protocol protocol, List<InetAddress> addresses, int port) {
        List<Held> ports = new ArrayList<>();
        List<PortReservation> sockets = new ArrayList<>();
        try {
            for (InetAddress address : addresses) {
                Held wanted = new Held(protocol, address, port);
                if (isHeld(wanted)) {
                    throw new SystemFailure(
                            "Bind for " + host(address) + ":" + port + " failed: port is already allocated");
                }
                bind(wanted).ifPresent(sockets::add);
                ports.add(wanted);
            }
        } catch (RuntimeException e) {
            sockets.forEach(PortReservation::close);
            throw e;
        }
        ports.forEach(taken ->
                held.computeIfAbsent(taken.number(), _ -> new HashSet<>()).add(taken));
        Reservation reservation = new Reservation(ports, sockets);
        open.add(reservation);
        return reservation;
    }

    private static Optional<PortReservation> bind(Held wanted) {
        try {
            return Optional.of(PortReservation.bind(
                    PortReservation.Protocol.valueOf(wanted.protocol().name()), wanted.address(), wanted.port()));
        } catch (SyscallException e) {
            if (e.errno() == Errno.EPROTONOSUPPORT || e.errno() == Errno.ESOCKTNOSUPPORT) {
                // A host without SCTP of its own has nobody to hold the port against.
                return Optional.empty();
            }
            throw new SystemFailure(
                    "failed to bind host port " + host(wanted.address()) + ":" + wanted.port() + "/"
                            + wanted.protocol().name().toLowerCase(Locale.ROOT) + ": " + reason(e.errno()),
                    e);
        }
    }

    private static String reason(int errno) {
        return switch (errno) {
            case Errno.EADDRINUSE -> "address already in use";
            case Errno.EADDRNOTAVAIL -> "cannot assign requested address";
            case Errno.EACCES -> "permission denied";
            default -> Errno.describe(errno);
        };
    }

    private static String host(InetAddress address) {
        String text = IpPrefix.text(address);
        return text.contains(":") ? "[" + text + "]" : text;
    }

    /** The engine ends: the next one takes the ports of containers that go on. */
    @Override
    public void close() {
        List<Reservation> left;
        synchronized (this) {
            left = List.copyOf(open);
        }
        left.forEach(Reservation::close);
    }
}
