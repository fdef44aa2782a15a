package io.berth.image.transfer.registry;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;

/** IP addresses in URIs: literals, ranges, and the ones that only this machine can reach. */
final class Addresses {
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
    static boolean inRange(InetAddress address, String range) {
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
