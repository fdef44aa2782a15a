package io.berth.outgoing;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Which addresses may be connected to, whoever names them: an address, a reference, a redirect, a token realm. What a service
 * inside a network fetches on behalf of others must not become a way into that network (server-side request forgery). Immutable.
 *
 * <p>A name is looked up once, by {@link #resolve}, and the connection goes to an address that it gave: a name that means something
 * else a moment later gets nowhere.
 */
public final class Destinations {
    /** Every address. */
    public static final Destinations ANY =
            new Destinations(false, false, new Exceptions(List.of(), List.of()), List.of(), Names.SYSTEM);

    private final boolean publicOnly;
    private final boolean noneOfThisMachine;
    private final Exceptions allowed;
    private final List<String> never;
    private final Names names;

    /** What is allowed although it is not public. */
    private record Exceptions(List<String> ranges, List<String> hosts) {
        boolean host(String host, int port) {
            return hosts.contains(host) || hosts.contains(host + ":" + port);
        }

        boolean address(InetAddress address) {
            return ranges.stream().anyMatch(range -> Addresses.inRange(address, range));
        }
    }

    /** Looks up names. Implementations are thread-safe. */
    @FunctionalInterface
    public interface Names {
        /** As the machine does. */
        Names SYSTEM = host -> List.of(InetAddress.getAllByName(host));

        /** All addresses of a name or a literal. */
        List<InetAddress> addresses(String host) throws UnknownHostException;
    }

    private Destinations(
            boolean publicOnly, boolean noneOfThisMachine, Exceptions allowed, List<String> never, Names names) {
        this.publicOnly = publicOnly;
        this.noneOfThisMachine = noneOfThisMachine;
        this.allowed = allowed;
        this.never = List.copyOf(never);
        this.names = names;
    }

    /**
     * Addresses of the public Internet, other than this machine's and those of the bridges on it, and those of some ranges.
     *
     * @param ranges such as {@code 10.1.0.0/16} or {@code fd00::/8}; a single address has all its bits
     * @throws IllegalArgumentException for what is no range
     */
    public static Destinations publicAnd(List<String> ranges) {
        for (String range : ranges) {
            requireRange(range);
        }
        return new Destinations(true, false, new Exceptions(List.copyOf(ranges), List.of()), List.of(), Names.SYSTEM);
    }

    private static void requireRange(String range) {
        if (!Addresses.isRange(range)) {
            throw new IllegalArgumentException(
                    "address range: " + range + " (expected: <address>/<bits>, such as 10.1.0.0/16)");
        }
    }

    /**
     * These and more.
     *
     * @param entries ranges, and hosts as they are written in addresses, {@code host} or {@code host:port}, wherever those lead
     * @throws IllegalArgumentException for what is neither
     */
    public Destinations and(List<String> entries) {
        List<String> ranges = new ArrayList<>(allowed.ranges());
        List<String> hosts = new ArrayList<>(allowed.hosts());
        for (String entry : entries) {
            if (entry.indexOf('/') >= 0) {
                requireRange(entry);
                ranges.add(entry);
            } else if (entry.isBlank() || entry.chars().anyMatch(c -> c <= ' ' || c == '@' || c == '?' || c == '#')) {
                throw new IllegalArgumentException("host: \"" + entry + "\" (expected: <host> or <host>:<port>)");
            } else {
                hosts.add(entry.toLowerCase(Locale.ROOT));
            }
        }
        return new Destinations(
                publicOnly, noneOfThisMachine, new Exceptions(List.copyOf(ranges), List.copyOf(hosts)), never, names);
    }

    /** These without some ranges, whatever else says that they are allowed. */
    public Destinations without(List<String> ranges) {
        ranges.forEach(Destinations::requireRange);
        return new Destinations(publicOnly, noneOfThisMachine, allowed, ranges, names);
    }

    /** These without the addresses of this machine and of its links: for where somebody elsewhere sends a client to. */
    public Destinations butLocal() {
        return new Destinations(publicOnly, true, allowed, never, names);
    }

    /** These, with names looked up in another way. */
    public Destinations by(Names others) {
        return new Destinations(publicOnly, noneOfThisMachine, allowed, never, others);
    }

    /**
     * Looks a host up: the addresses that may be connected to for it, all of which were checked.
     *
     * @param host a name or a literal, IPv6 ones with or without brackets
     * @return not empty
     * @throws DestinationRefused when one of its addresses is not allowed; for a name that nobody knows as well where not all are, since
     *     strangers are not told which names there are inside
     * @throws UnknownHostException for a name that nobody knows
     */
    public List<InetAddress> resolve(String host, int port) throws UnknownHostException, DestinationRefused {
        String bare = bare(host);
        boolean named = allowed.host(authority(bare), port);
        boolean all = (!publicOnly && !noneOfThisMachine && never.isEmpty()) || named;
        List<InetAddress> addresses;
        try {
            addresses = names.addresses(bare);
        } catch (UnknownHostException e) {
            if (!publicOnly || named) {
                throw e;
            }
            throw new DestinationRefused(host, Addresses.literal(bare).isPresent(), e);
        }
        if (!all && !addresses.stream().allMatch(this::allows)) {
            throw new DestinationRefused(host, Addresses.literal(bare).isPresent(), null);
        }
        return addresses;
    }

    /** Whether these have an address, as that of a host. */
    public boolean allows(String host, int port, InetAddress address) {
        return allowed.host(authority(bare(host)), port) || allows(address);
    }

    private static String bare(String host) {
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    /** As settings write it. */
    private static String authority(String bare) {
        String lower = bare.toLowerCase(Locale.ROOT);
        String name = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
        return name.indexOf(':') >= 0 ? "[" + name + "]" : name;
    }

    private boolean allows(InetAddress address) {
        if (never.stream().anyMatch(range -> Addresses.inRange(address, range))) {
            return false;
        }
        if (allowed.address(address)) {
            return true;
        }
        if (noneOfThisMachine && Addresses.isLocal(address)) {
            return false;
        }
        return !publicOnly || !(Addresses.isPrivate(address) || OwnAddresses.has(address));
    }
}
