package io.berth.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Writes a message's payload: a fixed struct, then attributes in the form that {@link Attributes} reads (struct nlattr of
 * linux/netlink.h), all in the machine's byte order and padded to 4 bytes. Not thread-safe.
 */
final class AttributeWriter {
    private static final int HEADER_SIZE = 4;
    private static final int FIRST_SIZE = 256;
    private static final int NLA_F_NESTED = 0x8000;

    private ByteBuffer bytes = ByteBuffer.allocate(FIRST_SIZE).order(ByteOrder.nativeOrder());

    /** Bytes of a struct: before all attributes, or first in a nested one. */
    AttributeWriter struct(ByteBuffer content) {
        require(NetlinkMessage.align(content.remaining()));
        bytes.put(content.duplicate());
        pad();
        return this;
    }

    AttributeWriter bytes(int type, byte[] value) {
        int start = begin(type);
        require(value.length + HEADER_SIZE);
        bytes.put(value);
        return end(start);
    }

    AttributeWriter number8(int type, int value) {
        return bytes(type, new byte[] {(byte) value});
    }

    AttributeWriter number16(int type, int value) {
        int start = begin(type);
        bytes.putShort((short) value);
        return end(start);
    }

    AttributeWriter number32(int type, int value) {
        int start = begin(type);
        bytes.putInt(value);
        return end(start);
    }

    /** Text with a NUL at its end. */
    AttributeWriter text(int type, String value) {
        byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
        return bytes(type, Arrays.copyOf(encoded, encoded.length + 1));
    }

    /** An attribute that has attributes itself. */
    AttributeWriter nested(int type, Consumer<AttributeWriter> content) {
        int start = begin(type | NLA_F_NESTED);
        content.accept(this);
        return end(start);
    }

    /** What has been written, from position 0. */
    byte[] toBytes() {
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    private int begin(int type) {
        require(HEADER_SIZE + Long.BYTES);
        int start = bytes.position();
        bytes.putShort((short) 0).putShort((short) type);
        return start;
    }

    private AttributeWriter end(int start) {
        bytes.putShort(start, (short) (bytes.position() - start));
        require(HEADER_SIZE);
        pad();
        return this;
    }

    private void pad() {
        while (bytes.position() != NetlinkMessage.align(bytes.position())) {
            bytes.put((byte) 0);
        }
    }

    private void require(int more) {
        if (bytes.remaining() < more) {
            ByteBuffer larger =
                    ByteBuffer.allocate(2 * (bytes.capacity() + more)).order(ByteOrder.nativeOrder());
            bytes = larger.put(bytes.flip());
        }
    }
}
