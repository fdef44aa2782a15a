package io.berth.registryclient;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** IP addresses and where they lead: literals, ranges, the public Internet, this machine. */
public final class Addresses {
    /** What the IANA's special-purpose registries call not globally reachable, beside what the JDK knows by name. */
    private static final List<String> NOT_PUBLIC = List.of(
            "0.0.0.0/8",
            "100.64.0.0/10",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "240.0.0.0/4",
            "::/96",
            "100::/64",
            "2001:db8::/32",
            "fc00::/7");

    private Addresses() {}

    /** The address that the text spells, or nothing when it is a name. Never asks a name server. */
    static Optional<InetAddress> literal(String host) {
        String bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        try {
            return Optional.of(InetAddress.ofLiteral(bare));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Whether an address is in a range such as {@code 10.0.0.0/8}; false when the range is malformed. */
    public static boolean inRange(InetAddress address, String range) {
        int slash = range.indexOf('/');
        Optional<InetAddress> network = literal(range.substring(0, slash));
        if (network.isEmpty()) {
            return false;
        }
        byte[] wanted = network.get().getAddress();
        byte[] actual = address.getAddress();
        String length = range.substring(slash + 1);
        if (wanted.length != actual.length || !length.matches("\\d{1,3}")) {
            return false;
        }
        int bits = Integer.parseInt(length);
        if (bits > wanted.length * Byte.SIZE) {
            return false;
        }
        int whole = bits / Byte.SIZE;
        int rest = bits % Byte.SIZE;
        return Arrays.equals(wanted, 0, whole, actual, 0, whole)
                && (rest == 0 || ((wanted[whole] ^ actual[whole]) & 0xff) >>> (Byte.SIZE - rest) == 0);
    }

    /** Whether the text is a range that {@link #inRange} understands. */
    static boolean isRange(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("\\d{1,3}")) {
            return false;
        }
        return literal(text.substring(0, slash))
                .map(network -> Integer.parseInt(text.substring(slash + 1)) <= network.getAddress().length * Byte.SIZE)
                .orElse(false);
    }

    /**
     * Whether all addresses of a host are public. A name that has none is, for connecting to it fails.
     *
     * <p>The name is looked up here and again when connecting: a name server that answers differently the second time is not caught.
     */
    public static boolean isPublic(String host) {
        try {
            return Arrays.stream(InetAddress.getAllByName(host)).noneMatch(Addresses::isPrivate);
        } catch (UnknownHostException e) {
            return true; // connecting will fail with a better message
        }
    }

    /** Whether an address is not one of the public Internet, or hides one that is not. */
    public static boolean isPrivate(InetAddress address) {
        if (address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isAnyLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()
                || NOT_PUBLIC.stream().anyMatch(range -> inRange(address, range))) {
            return true;
        }
        byte[] bytes = address.getAddress();
        if (inRange(
                address,
                "64:ff9b::/32")) { // RFC 6052: the last four bytes are an IPv4 address; RFC 8215: hides anything
            return !inRange(address, "64:ff9b::/96") || isPrivate(ipv4(bytes, 12));
        }
        return inRange(address, "2002::/16") && isPrivate(ipv4(bytes, 2)); // RFC 3056
    }

    private static InetAddress ipv4(byte[] bytes, int offset) {
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(bytes, offset, offset + 4));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }

    /**
     * Whether a URI leads to this machine or its link, where a registry elsewhere has no business sending us.
     *
     * <p>The name is looked up here and again when connecting, so a name server that answers differently the second time is
     * not caught.
     */
    static boolean isLocal(URI uri) {
        String host = uri.getHost();
        if (host == null) {
            return true;
        }
        try {
            return Arrays.stream(InetAddress.getAllByName(host))
                    .anyMatch(address ->
                            address.isLoopbackAddress() || address.isLinkLocalAddress() || address.isAnyLocalAddress());
        } catch (UnknownHostException e) {
            return false; // connecting will fail with a better message
        }
    }
}
