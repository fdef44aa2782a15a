package io.berth.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * One netlink message: struct nlmsghdr of linux/netlink.h (u32 length, u16 type, u16 flags, u32 sequence, u32 port) and
 * what follows it. All in the machine's byte order.
 *
 * @param type such as {@link #ERROR}
 * @param flags NLM_F_*
 * @param sequence of the request that it answers
 * @param payload what follows the header, at position 0; read-only
 */
record NetlinkMessage(int type, int flags, int sequence, ByteBuffer payload) {
    static final int HEADER_SIZE = 16;
    static final int ERROR = 2;
    static final int DONE = 3;

    static final int F_REQUEST = 0x1;
    static final int F_ACK = 0x4;
    static final int F_DUMP = 0x300;
    /** In an answer: its error is followed by attributes. */
    static final int F_ACK_TLVS = 0x200;
    /** In an answer: the request's payload is not repeated. */
    static final int F_CAPPED = 0x100;
    /** In a dump: what is listed changed meanwhile. */
    static final int F_DUMP_INTERRUPTED = 0x10;

    NetlinkMessage {
        payload = payload.asReadOnlyBuffer().order(ByteOrder.nativeOrder());
    }

    /** A view of the payload that can be read without moving this one's position. */
    ByteBuffer reader() {
        return payload.duplicate().order(ByteOrder.nativeOrder());
    }

    /**
     * Splits what one receive gave into messages.
     *
     * @throws IllegalArgumentException when a length does not fit
     */
    static List<NetlinkMessage> parse(ByteBuffer datagram) {
        ByteBuffer bytes = datagram.duplicate().order(ByteOrder.nativeOrder());
        List<NetlinkMessage> messages = new ArrayList<>();
        while (bytes.remaining() >= HEADER_SIZE) {
            int start = bytes.position();
            int length = bytes.getInt(start);
            if (length < HEADER_SIZE || length > bytes.remaining()) {
                throw new IllegalArgumentException(
                        "netlink message: length " + length + " (expected: 16 to " + bytes.remaining() + ")");
            }
            messages.add(new NetlinkMessage(
                    Short.toUnsignedInt(bytes.getShort(start + 4)),
                    Short.toUnsignedInt(bytes.getShort(start + 6)),
                    bytes.getInt(start + 8),
                    bytes.slice(start + HEADER_SIZE, length - HEADER_SIZE)));
            bytes.position(Math.min(start + align(length), bytes.limit()));
        }
        return messages;
    }

    /** Header and payload. */
    static ByteBuffer encode(int type, int flags, int sequence, ByteBuffer payload) {
        ByteBuffer bytes =
                ByteBuffer.allocate(HEADER_SIZE + payload.remaining()).order(ByteOrder.nativeOrder());
        bytes.putInt(bytes.capacity())
                .putShort((short) type)
                .putShort((short) flags)
                .putInt(sequence)
                .putInt(0)
                .put(payload.duplicate());
        return bytes.flip();
    }

    static int align(int length) {
        return (length + 3) & ~3;
    }
}
