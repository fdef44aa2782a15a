package io.berth.linux.netlink;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * An Ethernet address.
 *
 * @param value 48 bits, the first byte of the address highest
 */
public record MacAddress(long value) {
    private static final int BYTES = 6;
    private static final Pattern TEXT = Pattern.compile("[0-9a-fA-F]{1,2}([:-][0-9a-fA-F]{1,2}){5}");

    public MacAddress {
        if (value >>> (BYTES * Byte.SIZE) != 0) {
            throw new IllegalArgumentException("MAC address: more than 48 bits");
        }
    }

    /**
     * @param text such as {@code 02:42:ac:11:00:02}
     * @throws IllegalArgumentException when it is something else
     */
    public static MacAddress parse(String text) {
        if (!TEXT.matcher(text).matches()) {
            throw new IllegalArgumentException("invalid MAC address: " + text);
        }
        long value = 0;
        for (String part : text.toLowerCase(Locale.ROOT).split("[:-]")) {
            value = value << Byte.SIZE | Integer.parseInt(part, 16);
        }
        return new MacAddress(value);
    }

    /**
     * As in Docker before version 28: 02:42 and an IPv4 address, so that an IP address that is given again has the same one and
     * no neighbour's cache is wrong. Of an IPv6 address, its last four bytes.
     */
    public static MacAddress of(InetAddress address) {
        byte[] bytes = address.getAddress();
        return new MacAddress(0x0242L << Integer.SIZE
                | Integer.toUnsignedLong(ByteBuffer.wrap(bytes).getInt(bytes.length - Integer.BYTES)));
    }

    /** Six bytes, as on the wire. */
    public byte[] bytes() {
        byte[] bytes = new byte[BYTES];
        for (int i = 0; i < BYTES; i++) {
            bytes[i] = (byte) (value >>> ((BYTES - 1 - i) * Byte.SIZE));
        }
        return bytes;
    }

    @Override
    public String toString() {
        return HexFormat.ofDelimiter(":").formatHex(bytes());
    }
}
