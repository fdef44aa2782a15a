package io.berth.outgoing;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** IP addresses and where they lead: literals, ranges, the public Internet, this machine. */
public final class Addresses {
    /**
     * What the IANA's special-purpose registries call not globally reachable, beside what the JDK knows by name, and an address of
     * the public range by which a cloud talks to its own machines (168.63.129.16).
     */
    private static final List<String> NOT_PUBLIC = List.of(
            "0.0.0.0/8",
            "100.64.0.0/10",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "240.0.0.0/4",
            "168.63.129.16/32",
            "::/16",
            "100::/64",
            "2001::/23",
            "2001:db8::/32",
            "3fff::/20",
            "5f00::/16",
            "fc00::/7");

    private Addresses() {}

    /** The address that the text spells, or nothing when it is a name. Never asks a name server. */
    public static Optional<InetAddress> literal(String host) {
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
        if (slash < 0) {
            return false;
        }
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
    public static boolean isRange(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("\\d{1,3}")) {
            return false;
        }
        return literal(text.substring(0, slash))
                .map(network -> Integer.parseInt(text.substring(slash + 1)) <= network.getAddress().length * Byte.SIZE)
                .orElse(false);
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
        if (isIsatap(bytes)) {
            return isPrivate(ipv4(bytes, 12));
        }
        // RFC 6052: the last four bytes are an IPv4 address; RFC 8215: hides anything
        if (inRange(address, "64:ff9b::/32")) {
            return !inRange(address, "64:ff9b::/96") || isPrivate(ipv4(bytes, 12));
        }
        return inRange(address, "2002::/16") && isPrivate(ipv4(bytes, 2)); // RFC 3056
    }

    /** RFC 5214, 6.1: the last four bytes are an IPv4 address in any network. */
    private static boolean isIsatap(byte[] bytes) {
        return bytes.length == 16
                && (bytes[8] & 0xfd) == 0
                && bytes[9] == 0
                && bytes[10] == 0x5e
                && bytes[11] == (byte) 0xfe;
    }

    private static InetAddress ipv4(byte[] bytes, int offset) {
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(bytes, offset, offset + 4));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }

    /**
     * Whether a URI leads to this machine or its link, where a registry elsewhere has no business sending us. A name that answers
     * differently a moment later is caught by {@link Destinations#butLocal}, which a connection is held to.
     */
    public static boolean isLocal(URI uri) {
        String host = uri.getHost();
        if (host == null) {
            return true;
        }
        try {
            return Arrays.stream(InetAddress.getAllByName(host)).anyMatch(Addresses::isLocal);
        } catch (UnknownHostException e) {
            return false; // connecting will fail with a better message
        }
    }

    /** Whether an address is this machine's or one of its link. */
    static boolean isLocal(InetAddress address) {
        return address.isLoopbackAddress() || address.isLinkLocalAddress() || address.isAnyLocalAddress();
    }
}
