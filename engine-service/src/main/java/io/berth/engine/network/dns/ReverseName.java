package io.berth.engine.network.dns;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** Names that addresses are looked up by (RFC 1035 section 3.5, RFC 3596 section 2.5). Pure functions. */
final class ReverseName {
    private static final String IPV4 = ".in-addr.arpa";
    private static final String IPV6 = ".ip6.arpa";
    private static final int IPV4_BYTES = 4;
    private static final int IPV6_BYTES = 16;

    private ReverseName() {}

    /**
     * The address that a name stands for.
     *
     * @param name lower-cased, without a dot at the end: {@code 2.0.20.172.in-addr.arpa}, or 32 hex digits below ip6.arpa
     * @return null when it is another name, or one of a whole subnet
     */
    static @Nullable InetAddress address(String name) {
        if (name.endsWith(IPV4)) {
            return ipv4(name.substring(0, name.length() - IPV4.length()));
        }
        if (name.endsWith(IPV6)) {
            return ipv6(name.substring(0, name.length() - IPV6.length()));
        }
        return null;
    }

    private static @Nullable InetAddress ipv4(String reversed) {
        String[] parts = reversed.split("\\.", -1);
        if (parts.length != IPV4_BYTES) {
            return null;
        }
        byte[] bytes = new byte[IPV4_BYTES];
        for (int i = 0; i < IPV4_BYTES; i++) {
            String part = parts[IPV4_BYTES - 1 - i];
            if (!part.matches("0|[1-9]\\d{0,2}") || Integer.parseInt(part) > 0xff) {
                return null;
            }
            bytes[i] = (byte) Integer.parseInt(part);
        }
        return of(bytes);
    }

    private static @Nullable InetAddress ipv6(String reversed) {
        int digits = IPV6_BYTES * 2;
        if (reversed.length() != digits * 2 - 1) {
            return null;
        }
        byte[] bytes = new byte[IPV6_BYTES];
        for (int i = 0; i < digits; i++) {
            int at = 2 * (digits - 1 - i);
            int digit = hex(reversed.charAt(at));
            if (digit < 0 || (at + 1 < reversed.length() && reversed.charAt(at + 1) != '.')) {
                return null;
            }
            bytes[i / 2] |= (byte) (i % 2 == 0 ? digit << 4 : digit);
        }
        return of(bytes);
    }

    private static int hex(char digit) {
        return digit < 0x80 ? Character.digit(digit, 16) : -1;
    }

    private static InetAddress of(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + bytes.length + " bytes", e);
        }
    }
}
