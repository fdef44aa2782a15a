package io.berth.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of a message by type: struct nlattr of linux/netlink.h (u16 length with header, u16 type, value, padding
 * to 4 bytes). Of two with one type the last counts.
 */
public final class Attributes {
    private static final int HEADER_SIZE = 4;
    private static final int TYPE_MASK = 0x3FFF; // without NLA_F_NESTED and NLA_F_NET_BYTEORDER

    private final Map<Integer, ByteBuffer> values = new LinkedHashMap<>();

    private Attributes() {}

    /**
     * Reads all that is left of a buffer.
     *
     * @throws IllegalArgumentException when a length does not fit
     */
    public static Attributes parse(ByteBuffer bytes) {
        Attributes attributes = new Attributes();
        int at = bytes.position();
        while (bytes.limit() - at >= HEADER_SIZE) {
            int length = Short.toUnsignedInt(bytes.getShort(at));
            if (length < HEADER_SIZE || length > bytes.limit() - at) {
                throw new IllegalArgumentException(
                        "netlink attribute: length " + length + " (expected: 4 to " + (bytes.limit() - at) + ")");
            }
            int type = Short.toUnsignedInt(bytes.getShort(at + 2)) & TYPE_MASK;
            attributes.values.put(
                    type, bytes.slice(at + HEADER_SIZE, length - HEADER_SIZE).order(ByteOrder.nativeOrder()));
            at += NetlinkMessage.align(length);
        }
        return attributes;
    }

    /** Text up to its NUL, or null. */
    public @Nullable String text(int type) {
        byte[] bytes = bytes(type);
        if (bytes == null) {
            return null;
        }
        int length = 0;
        while (length < bytes.length && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    /** A 32-bit number, or the default. */
    public int number(int type, int absent) {
        ByteBuffer value = values.get(type);
        return value == null || value.remaining() < Integer.BYTES ? absent : value.getInt(0);
    }

    public byte @Nullable [] bytes(int type) {
        ByteBuffer value = values.get(type);
        if (value == null) {
            return null;
        }
        byte[] bytes = new byte[value.remaining()];
        value.get(0, bytes);
        return bytes;
    }

    /** What is nested in an attribute; nothing when there is no such one. */
    public Attributes nested(int type) {
        ByteBuffer value = values.get(type);
        return value == null ? new Attributes() : parse(value);
    }
}
