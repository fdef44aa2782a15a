package io.berth.linux.netlink;

import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * An IP address and the length of a prefix: a subnet, or an address on one ({@code 10.0.0.2/24}).
 *
 * @param address may have bits beyond the prefix
 * @param length 0 to 32 for IPv4, 0 to 128 for IPv6
 */
public record IpPrefix(InetAddress address, int length) {
    public IpPrefix {
        int bits = address.getAddress().length * Byte.SIZE;
        if (length < 0 || length > bits) {
            throw new IllegalArgumentException(
                    "prefix of " + address.getHostAddress() + ": " + length + " (expected: 0 to " + bits + ")");
        }
    }

    /**
     * @param text an address, a slash and a number; nothing is ever looked up
     * @throws IllegalArgumentException when it is something else
     */
    public static IpPrefix parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("0|[1-9]\\d{0,2}")) {
            throw new IllegalArgumentException("invalid CIDR address: " + text);
        }
        try {
            return new IpPrefix(
                    InetAddress.ofLiteral(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("invalid CIDR address: " + text, e);
        }
    }

    /** A single address. */
    public static IpPrefix of(InetAddress address) {
        return new IpPrefix(address, address.getAddress().length * Byte.SIZE);
    }

    public boolean isIpv4() {
        return address instanceof Inet4Address;
    }

    public boolean isIpv6() {
        return address instanceof Inet6Address;
    }

    /** Bits of an address: 32 or 128. */
    public int bits() {
        return address.getAddress().length * Byte.SIZE;
    }

    /** The subnet: without bits beyond the prefix. */
    public IpPrefix network() {
        return new IpPrefix(first(), length);
    }

    /** The lowest address of the subnet. */
    public InetAddress first() {
        byte[] bytes = address.getAddress();
        for (int bit = length; bit < bytes.length * Byte.SIZE; bit++) {
            bytes[bit / Byte.SIZE] &= (byte) ~(0x80 >>> bit % Byte.SIZE);
        }
        return address(bytes);
    }

    /** The highest address of the subnet: for IPv4, the broadcast address. */
    public InetAddress last() {
        byte[] bytes = address.getAddress();
        for (int bit = length; bit < bytes.length * Byte.SIZE; bit++) {
            bytes[bit / Byte.SIZE] |= (byte) (0x80 >>> bit % Byte.SIZE);
        }
        return address(bytes);
    }

    /** Number of addresses in the subnet. */
    public BigInteger size() {
        return BigInteger.ONE.shiftLeft(bits() - length);
    }

    /**
     * The address so many after the first of the subnet.
     *
     * @throws IllegalArgumentException when it is not in the subnet
     */
    public InetAddress at(BigInteger offset) {
        if (offset.signum() < 0 || offset.compareTo(size()) >= 0) {
            throw new IllegalArgumentException("no address " + offset + " in " + this);
        }
        byte[] sum = new BigInteger(1, first().getAddress()).add(offset).toByteArray();
        byte[] bytes = new byte[bits() / Byte.SIZE];
        int from = Math.max(0, sum.length - bytes.length);
        System.arraycopy(sum, from, bytes, bytes.length - (sum.length - from), sum.length - from);
        return address(bytes);
    }

    /** How many addresses after the subnet's first an address is; the address is in the subnet. */
    public BigInteger offsetOf(InetAddress other) {
        return new BigInteger(1, other.getAddress()).subtract(new BigInteger(1, first().getAddress()));
    }

    /** Whether an address, of the same family, is in the subnet. */
    public boolean contains(InetAddress other) {
        return other.getAddress().length * Byte.SIZE == bits()
                && Arrays.equals(new IpPrefix(other, length).first().getAddress(), first().getAddress());
    }

    /** Whether the subnets have an address in common. */
    public boolean overlaps(IpPrefix other) {
        return bits() == other.bits() && (length <= other.length ? contains(other.address) : other.contains(address));
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + bytes.length + " bytes", e);
        }
    }

    /** {@code 10.0.0.2/24}; IPv6 in the short form of RFC 5952. */
    @Override
    public String toString() {
        return text(address) + "/" + length;
    }

    /** An address as users write it: IPv6 in the short form of RFC 5952, which Java's own text is not. */
    public static String text(InetAddress address) {
        if (address instanceof Inet4Address) {
            return address.getHostAddress();
        }
        byte[] bytes = address.getAddress();
        int[] groups = new int[8];
        for (int i = 0; i < groups.length; i++) {
            groups[i] = Byte.toUnsignedInt(bytes[2 * i]) << Byte.SIZE | Byte.toUnsignedInt(bytes[2 * i + 1]);
        }
        int best = -1;
        int bestLength = 1;
        for (int start = 0; start < groups.length; start++) {
            int end = start;
            while (end < groups.length && groups[end] == 0) {
                end++;
            }
            if (end - start > bestLength) {
                best = start;
                bestLength = end - start;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < groups.length; i++) {
            if (i == best) {
                text.append(i == 0 ? "::" : ":");
                i += bestLength - 1;
                continue;
            }
            text.append(Integer.toHexString(groups[i]));
            if (i < groups.length - 1) {
                text.append(':');
            }
        }
        return text.toString();
    }
}
