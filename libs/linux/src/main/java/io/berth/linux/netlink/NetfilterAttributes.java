package io.berth.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Writes attributes as netfilter's subsystems take them: struct nlattr of linux/netlink.h (u16 length with header, u16 type,
 * value, padding to 4 bytes), where unlike in rtnetlink numbers within values are big-endian. One thread at a time.
 */
public final class NetfilterAttributes {
    private static final int HEADER_SIZE = 4;
    private static final int NESTED = 0x8000; // NLA_F_NESTED
    private static final int MAX_LENGTH = 0xFFFF;
    private static final int INITIAL_SIZE = 256;

    private ByteBuffer bytes = ByteBuffer.allocate(INITIAL_SIZE).order(ByteOrder.nativeOrder());

    /** Text and a NUL. */
    public NetfilterAttributes text(int type, String value) {
        byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
        return bytes(type, Arrays.copyOf(encoded, encoded.length + 1));
    }

    /** A 32-bit number, big-endian. */
    public NetfilterAttributes number(int type, int value) {
        return bytes(
                type, new byte[] {(byte) (value >>> 24), (byte) (value >>> 16), (byte) (value >>> 8), (byte) value});
    }

    /** A single byte. */
    public NetfilterAttributes octet(int type, int value) {
        return bytes(type, new byte[] {(byte) value});
    }

    public NetfilterAttributes bytes(int type, byte[] value) {
        begin(type, value.length);
        bytes.put(value);
        end(value.length);
        return this;
    }

    public NetfilterAttributes bytes(int type, ByteBuffer value) {
        int length = value.remaining();
        begin(type, length);
        bytes.put(value.duplicate());
        end(length);
        return this;
    }

    /**
     * An attribute with others in it.
     *
     * @throws IllegalArgumentException when they have more bytes than an attribute holds, 65531
     */
    public NetfilterAttributes nested(int type, Consumer<NetfilterAttributes> content) {
        ensure(HEADER_SIZE);
        int start = bytes.position();
        bytes.putInt(0);
        content.accept(this);
        int length = bytes.position() - start;
        requireLength(length);
        bytes.putShort(start, (short) length).putShort(start + 2, (short) (NESTED | type));
        return this;
    }

    /** An attribute with others in it that are encoded already. */
    public NetfilterAttributes nested(int type, ByteBuffer content) {
        return bytes(NESTED | type, content);
    }

    /** What has been written, from position 0. */
    public ByteBuffer toBuffer() {
        return bytes.duplicate().flip().slice().asReadOnlyBuffer().order(ByteOrder.nativeOrder());
    }

    private void begin(int type, int length) {
        requireLength(HEADER_SIZE + length);
        ensure(HEADER_SIZE + length + 3);
        bytes.putShort((short) (HEADER_SIZE + length)).putShort((short) type);
    }

    private void end(int length) {
        for (int i = length; i < NetlinkMessage.align(length); i++) {
            bytes.put((byte) 0);
        }
    }

    private static void requireLength(int length) {
        if (length > MAX_LENGTH) {
            throw new IllegalArgumentException("netlink attribute: " + length + " bytes (expected: <= 65535)");
        }
    }

    private void ensure(int more) {
        if (bytes.remaining() < more) {
            bytes = ByteBuffer.allocate(Math.max(2 * bytes.capacity(), bytes.position() + more))
                    .order(ByteOrder.nativeOrder())
                    .put(bytes.flip());
        }
    }
}
