package io.berth.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What is asked of rtnetlink, ready to be sent by any {@link NetlinkSocket}, any number of times. Immutable. Made by
 * {@link LinkRequests}, {@link NewLink}, {@link AddressRequests} and {@link RouteRequests}.
 */
public final class NetlinkRequest {
    private final Call call;
    private final int flags;
    private final byte[] payload;
    private final String description;

    /**
     * @param flags NLM_F_* beside F_REQUEST and F_ACK
     * @param payload the caller does not change it afterwards
     * @param description what is acted on, and how, for error messages: {@code link eth0 up}
     */
    NetlinkRequest(Call call, int flags, byte[] payload, String description) {
        this.call = call;
        this.flags = flags;
        this.payload = payload;
        this.description = description;
    }

    /** Message types of rtnetlink (linux/rtnetlink.h). */
    enum Call {
        RTM_NEWLINK(16),
        RTM_DELLINK(17),
        RTM_GETLINK(18),
        RTM_SETLINK(19),
        RTM_NEWADDR(20),
        RTM_DELADDR(21),
        RTM_GETADDR(22),
        RTM_NEWROUTE(24),
        RTM_DELROUTE(25),
        RTM_GETROUTE(26);

        private final int type;

        Call(int type) {
            this.type = type;
        }

        int type() {
            return type;
        }
    }

    Call call() {
        return call;
    }

    /** What is acted on, and how, for error messages. */
    public String description() {
        return description;
    }

    int size() {
        return NetlinkMessage.HEADER_SIZE + NetlinkMessage.align(payload.length);
    }

    /** Appends the message: struct nlmsghdr and payload, padded to 4 bytes. */
    void encode(ByteBuffer target, int sequence, boolean acknowledged) {
        int all = NetlinkMessage.F_REQUEST | flags | (acknowledged ? NetlinkMessage.F_ACK : 0);
        target.put(NetlinkMessage.encode(call.type(), all, sequence, ByteBuffer.wrap(payload)));
        target.position(NetlinkMessage.align(target.position()));
    }

    /** The message alone, acknowledged. */
    byte[] encode(int sequence) {
        ByteBuffer bytes = ByteBuffer.allocate(size()).order(ByteOrder.nativeOrder());
        encode(bytes, sequence, true);
        return bytes.array();
    }

    @Override
    public String toString() {
        return call + "(" + description + ")";
    }
}
