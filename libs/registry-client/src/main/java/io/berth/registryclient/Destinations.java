package io.berth.registryclient;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/**
 * Which addresses a client may connect to, whoever names them: a reference, a redirect, a token realm. What a service inside a
 * network fetches on behalf of others must not become a way into that network (server-side request forgery). Immutable.
 *
 * <p>A name is looked up here and again when connecting, within the time for which the JDK remembers the answer
 * ({@code networkaddress.cache.ttl}, 30 s unless set); where that is 0 a name server that changes its answer in between is not caught.
 */
public final class Destinations {
    /** Every address. */
    public static final Destinations ANY = new Destinations(false, List.of());

    private final boolean restricted;
    private final List<String> allowed;

    private Destinations(boolean restricted, List<String> allowed) {
        this.restricted = restricted;
        this.allowed = List.copyOf(allowed);
    }

    /**
     * Addresses of the public Internet, and those of some ranges.
     *
     * @param ranges such as {@code 10.1.0.0/16} or {@code fd00::/8}; a single address has all its bits
     * @throws IllegalArgumentException for what is no range
     */
    public static Destinations publicAnd(List<String> ranges) {
        for (String range : ranges) {
            if (!Addresses.isRange(range)) {
                throw new IllegalArgumentException(
                        "address range: " + range + " (expected: <address>/<bits>, such as 10.1.0.0/16)");
            }
        }
        return new Destinations(true, ranges);
    }

    /**
     * Looks up where a URI leads; every one of its addresses must be allowed.
     *
     * @throws RegistryException when it is not; a name that nobody knows passes, since connecting fails with a better message
     */
    void require(URI uri) throws RegistryException {
        if (!restricted) {
            return;
        }
        String host = uri.getHost();
        if (host == null) {
            throw new RegistryException(0, "", "refusing to connect to \"" + uri + "\": it has no host", null);
        }
        InetAddress[] addresses;
        try {
            addresses = InetAddress.getAllByName(host);
        } catch (UnknownHostException e) {
            return;
        }
        if (!Arrays.stream(addresses).allMatch(this::allows)) {
            throw new RegistryException(0, "", "refusing to connect to " + host + ": it is a private address", null);
        }
    }

    private boolean allows(InetAddress address) {
        return !Addresses.isPrivate(address) || allowed.stream().anyMatch(range -> Addresses.inRange(address, range));
    }
}
