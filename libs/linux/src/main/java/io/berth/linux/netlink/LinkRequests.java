package io.berth.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Requests about links, as bytes to send. */
public final class LinkRequests {
    /** Links have small numbers in the order they were made, and loopback is made with the namespace. */
    public static final int LOOPBACK_INDEX = 1;

    /** {@code ioctl(socket, SIOCSIFFLAGS, ifreq)} (linux/sockios.h). */
    public static final int SIOCSIFFLAGS = 0x8914;

    static final int RTM_NEWLINK = 16;
    static final int RTM_GETLINK = 18;
    static final int IFINFO_SIZE = 16;
    static final int IFREQ_SIZE = 40;
    static final int IFREQ_FLAGS = 16;
    private static final int IFF_RUNNING = 0x40;

    private LinkRequests() {}

    /** A request to bring a link up, which is acknowledged. */
    public static byte[] up(int index, int sequence) {
        return request(RTM_NEWLINK, NetlinkMessage.F_REQUEST | NetlinkMessage.F_ACK, sequence, index, Link.IFF_UP);
    }

    /** A request for all links. */
    public static byte[] list(int sequence) {
        return request(RTM_GETLINK, NetlinkMessage.F_REQUEST | NetlinkMessage.F_DUMP, sequence, 0, 0);
    }

    /** struct ifinfomsg: u8 family, pad, u16 type, s32 index, u32 flags, u32 mask of the flags that change. */
    private static byte[] request(int type, int flags, int sequence, int index, int linkFlags) {
        ByteBuffer payload = ByteBuffer.allocate(IFINFO_SIZE).order(ByteOrder.nativeOrder());
        payload.putInt(0).putInt(index).putInt(linkFlags).putInt(linkFlags).flip();
        return NetlinkMessage.encode(type, flags, sequence, payload).array();
    }

    /**
     * The argument of {@link #SIOCSIFFLAGS} that brings a link up, for programs that have no use for an answer:
     * {@code socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, 0)}, this ioctl, close. struct ifreq: name of 16 bytes with its NUL,
     * then a union that begins with s16 flags; 40 bytes on 64-bit machines.
     *
     * @param name at most 15 bytes
     */
    public static byte[] interfaceUp(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        if (bytes.length == 0 || bytes.length >= IFREQ_FLAGS) {
            throw new IllegalArgumentException("link name: \"" + name + "\" (expected: 1 to 15 characters)");
        }
        ByteBuffer request = ByteBuffer.allocate(IFREQ_SIZE).order(ByteOrder.nativeOrder());
        request.put(0, bytes).putShort(IFREQ_FLAGS, (short) (Link.IFF_UP | IFF_RUNNING));
        return request.array();
    }
}
