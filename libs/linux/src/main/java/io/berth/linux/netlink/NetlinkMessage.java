package io.berth.linux.netlink;

import io.berth.linux.SyscallException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One netlink message: struct nlmsghdr of linux/netlink.h (u32 length, u16 type, u16 flags, u32 sequence, u32 port) and
 * what follows it. All in the machine's byte order.
 *
 * @param type such as {@link #ERROR}
 * @param flags NLM_F_*
 * @param sequence of the request that it answers
 * @param port of the socket whose request it answers or tells of; 0 in a request
 * @param payload what follows the header, at position 0; read-only
 */
public record NetlinkMessage(int type, int flags, int sequence, int port, ByteBuffer payload) {
    public static final int HEADER_SIZE = 16;
    public static final int ERROR = 2;
    public static final int DONE = 3;

    public static final int F_REQUEST = 0x1;
    public static final int F_ACK = 0x4;
    public static final int F_DUMP = 0x300;
    /** In a request for something new: takes the place of what there is. */
    static final int F_REPLACE = 0x100;
    /** In a request for something new: fails when there is one. */
    static final int F_EXCL = 0x200;
    /** In a request: makes what there is not. */
    static final int F_CREATE = 0x400;

    private static final int NLMSGERR_ATTR_MSG = 1;

    /** In an answer: its error is followed by attributes. */
    static final int F_ACK_TLVS = 0x200;
    /** In an answer: the request's payload is not repeated. */
    static final int F_CAPPED = 0x100;
    /** In a dump: what is listed changed meanwhile. */
    public static final int F_DUMP_INTERRUPTED = 0x10;

    public NetlinkMessage {
        payload = payload.asReadOnlyBuffer().order(ByteOrder.nativeOrder());
    }

    NetlinkMessage(int type, int flags, int sequence, ByteBuffer payload) {
        this(type, flags, sequence, 0, payload);
    }

    /** A view of the payload that can be read without moving this one's position. */
    public ByteBuffer reader() {
        return payload.duplicate().order(ByteOrder.nativeOrder());
    }

    /**
     * Splits what one receive gave into messages.
     *
     * @throws IllegalArgumentException when a length does not fit
     */
    public static List<NetlinkMessage> parse(ByteBuffer datagram) {
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
                    bytes.getInt(start + 12),
                    bytes.slice(start + HEADER_SIZE, length - HEADER_SIZE)));
            bytes.position(Math.min(start + align(length), bytes.limit()));
        }
        return messages;
    }

    /** Header and payload. */
    public static ByteBuffer encode(int type, int flags, int sequence, ByteBuffer payload) {
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

    /** Whether this is the last message for a request. */
    boolean isEnd() {
        return type == ERROR || type == DONE;
    }

    /**
     * What this end of an exchange says went wrong, with the kernel's explanation where it gives one.
     *
     * @param call name of the request
     * @param subject what it was about
     * @return null when nothing did
     */
    @Nullable
    SyscallException failure(String call, String subject) {
        // Both kinds begin with an s32: 0, or a negated error number.
        int result = !isEnd() || payload.remaining() < Integer.BYTES ? 0 : payload.getInt(0);
        if (result >= 0) {
            return null;
        }
        String explanation = explanation();
        return new SyscallException(call, explanation == null ? subject : subject + ": " + explanation, -result);
    }

    /** struct nlmsgerr: s32 error, header of the request, its payload unless capped, then attributes. */
    private @Nullable String explanation() {
        if (type != ERROR || (flags & F_ACK_TLVS) == 0 || payload.remaining() < Integer.BYTES + HEADER_SIZE) {
            return null;
        }
        ByteBuffer bytes = reader();
        boolean capped = (flags & F_CAPPED) != 0;
        int attributes = Integer.BYTES + (capped ? HEADER_SIZE : align(bytes.getInt(Integer.BYTES)));
        if (attributes < 0 || attributes > bytes.limit()) {
            return null;
        }
        return Attributes.parse(bytes.position(attributes)).text(NLMSGERR_ATTR_MSG);
    }

    static int align(int length) {
        return (length + 3) & ~3;
    }
}
