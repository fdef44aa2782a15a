package io.berth.linux.netlink;

import io.berth.linux.netlink.NetlinkRequest.Call;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Requests about links that there are (rtnetlink(7), linux/if_link.h); {@link NewLink} makes new ones. */
public final class LinkRequests {
    /** Loopback is made with the namespace and has this number in each. */
    public static final int LOOPBACK_INDEX = 1;

    /** {@code ioctl(socket, SIOCSIFFLAGS, ifreq)} (linux/sockios.h). */
    public static final int SIOCSIFFLAGS = 0x8914;

    static final int IFINFO_SIZE = 16;
    static final int IFREQ_SIZE = 40;
    static final int IFREQ_FLAGS = 16;
    private static final int IFF_RUNNING = 0x40;
    private static final int IFALIASZ = 256;

    static final int IFLA_ADDRESS = 1;
    static final int IFLA_IFNAME = 3;
    static final int IFLA_MTU = 4;
    static final int IFLA_LINK = 5;
    static final int IFLA_MASTER = 10;
    static final int IFLA_PROTINFO = 12;
    static final int IFLA_LINKINFO = 18;
    static final int IFLA_IFALIAS = 20;
    static final int IFLA_NET_NS_FD = 28;
    static final int IFLA_EXT_MASK = 29;
    static final int IFLA_INFO_KIND = 1;
    static final int IFLA_INFO_DATA = 2;
    static final int IFLA_INFO_SLAVE_KIND = 4;
    static final int IFLA_INFO_SLAVE_DATA = 5;
    static final int IFLA_BRPORT_STATE = 1;
    static final int IFLA_BRPORT_MODE = 4;
    static final int IFLA_BRPORT_FLUSH = 24;
    static final int IFLA_BRPORT_ISOLATED = 33;
    private static final byte AF_BRIDGE = 7;
    /** linux/if_bridge.h. */
    private static final int BR_STATE_DISABLED = 0;

    private static final int RTEXT_FILTER_SKIP_STATS = 1 << 3;

    private LinkRequests() {}

    /** Brings a link up. */
    public static NetlinkRequest up(int index) {
        return new NetlinkRequest(
                Call.RTM_NEWLINK,
                0,
                new AttributeWriter()
                        .struct(header(index, Link.IFF_UP, Link.IFF_UP))
                        .toBytes(),
                "link " + index + " up");
    }

    /** Takes a link down; its routes go. */
    public static NetlinkRequest down(int index) {
        return new NetlinkRequest(
                Call.RTM_NEWLINK,
                0,
                new AttributeWriter().struct(header(index, 0, Link.IFF_UP)).toBytes(),
                "link " + index + " down");
    }

    /**
     * Makes a link a port of a bridge.
     *
     * @param bridge its index; 0 for none
     */
    public static NetlinkRequest master(int index, int bridge) {
        return change(
                index, "link " + index + " master " + bridge, attributes -> attributes.number32(IFLA_MASTER, bridge));
    }

    /** Renames a link; before Linux 6.2 only one that is down (EBUSY). */
    public static NetlinkRequest rename(int index, String name) {
        requireName(name);
        return change(index, "link " + index + " name " + name, attributes -> attributes.text(IFLA_IFNAME, name));
    }

    /** Gives a link another Ethernet address. */
    public static NetlinkRequest address(int index, MacAddress mac) {
        return change(
                index, "link " + index + " address " + mac, attributes -> attributes.bytes(IFLA_ADDRESS, mac.bytes()));
    }

    /** @param bytes EINVAL where the link cannot have so few or so many */
    public static NetlinkRequest mtu(int index, int bytes) {
        return change(index, "link " + index + " mtu " + bytes, attributes -> attributes.number32(IFLA_MTU, bytes));
    }

    /**
     * Notes something on a link.
     *
     * @param text up to 255 bytes; empty for nothing
     */
    public static NetlinkRequest alias(int index, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= IFALIASZ) {
            throw new IllegalArgumentException("link alias: " + bytes.length + " bytes (expected: <= 255)");
        }
        return change(index, "link " + index + " alias", attributes -> attributes.bytes(IFLA_IFALIAS, bytes));
    }

    /** Whether a bridge sends frames back to the port that they came from, as a container that reaches itself by the host needs. */
    public static NetlinkRequest hairpin(String port, boolean on) {
        return bridgePort(port, "hairpin " + on, data -> data.number8(IFLA_BRPORT_MODE, on ? 1 : 0));
    }

    /** Whether a bridge keeps frames of this port from other isolated ports (Linux 4.18). */
    public static NetlinkRequest isolated(String port, boolean on) {
        return bridgePort(port, "isolated " + on, data -> data.number8(IFLA_BRPORT_ISOLATED, on ? 1 : 0));
    }

    /**
     * Lets no frame through a port any more, and the bridge forget which Ethernet addresses are behind it. Takes microseconds,
     * where removing the link takes milliseconds. ENODEV when there is no such link, EINVAL when it is no port.
     *
     * <p>By a message of the bridge's own family: the kernel lets a port forward again when one of the usual family has changed
     * it (br_device_event in net/bridge/br.c).
     */
    public static NetlinkRequest shut(int port) {
        ByteBuffer header = header(port, 0, 0).put(0, AF_BRIDGE);
        return new NetlinkRequest(
                Call.RTM_SETLINK,
                0,
                new AttributeWriter()
                        .struct(header)
                        .nested(
                                IFLA_PROTINFO,
                                data -> data.number8(IFLA_BRPORT_STATE, BR_STATE_DISABLED)
                                        .bytes(IFLA_BRPORT_FLUSH, new byte[0]))
                        .toBytes(),
                "bridge port " + port + " shut");
    }

    private static NetlinkRequest bridgePort(String port, String what, Consumer<AttributeWriter> data) {
        requireName(port);
        return new NetlinkRequest(
                Call.RTM_NEWLINK,
                0,
                new AttributeWriter()
                        .struct(header(0, 0, 0))
                        .text(IFLA_IFNAME, port)
                        .nested(
                                IFLA_LINKINFO,
                                info -> info.text(IFLA_INFO_SLAVE_KIND, "bridge")
                                        .nested(IFLA_INFO_SLAVE_DATA, data))
                        .toBytes(),
                "bridge port " + port + " " + what);
    }

    /** Removes a link, and its peer where it is one of a pair. ENODEV when there is none. */
    public static NetlinkRequest delete(int index) {
        return new NetlinkRequest(
                Call.RTM_DELLINK,
                0,
                new AttributeWriter().struct(header(index, 0, 0)).toBytes(),
                "link " + index);
    }

    /** Like {@link #delete(int)}. */
    public static NetlinkRequest delete(String name) {
        requireName(name);
        return new NetlinkRequest(
                Call.RTM_DELLINK,
                0,
                new AttributeWriter()
                        .struct(header(0, 0, 0))
                        .text(IFLA_IFNAME, name)
                        .toBytes(),
                "link " + name);
    }

    /** Asks for one link; ENODEV when there is none. */
    static NetlinkRequest get(String name) {
        requireName(name);
        return new NetlinkRequest(
                Call.RTM_GETLINK,
                0,
                new AttributeWriter()
                        .struct(header(0, 0, 0))
                        .text(IFLA_IFNAME, name)
                        .number32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)
                        .toBytes(),
                "link " + name);
    }

    /** Asks for all links. */
    static NetlinkRequest list() {
        return new NetlinkRequest(
                Call.RTM_GETLINK,
                NetlinkMessage.F_DUMP,
                new AttributeWriter()
                        .struct(header(0, 0, 0))
                        .number32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)
                        .toBytes(),
                "all links");
    }

    private static NetlinkRequest change(int index, String description, Consumer<AttributeWriter> attributes) {
        AttributeWriter payload = new AttributeWriter().struct(header(index, 0, 0));
        attributes.accept(payload);
        return new NetlinkRequest(Call.RTM_NEWLINK, 0, payload.toBytes(), description);
    }

    /** struct ifinfomsg: u8 family, pad, u16 type, s32 index, u32 flags, u32 mask of the flags that change. */
    static ByteBuffer header(int index, int flags, int mask) {
        return ByteBuffer.allocate(IFINFO_SIZE)
                .order(ByteOrder.nativeOrder())
                .putInt(0)
                .putInt(index)
                .putInt(flags)
                .putInt(mask)
                .flip();
    }

    /** IFNAMSIZ is 16, with the NUL; the kernel refuses the rest (dev_valid_name in net/core/dev.c). */
    static void requireName(String name) {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (length == 0 || length >= IFREQ_FLAGS) {
            throw new IllegalArgumentException("link name: \"" + name + "\" (expected: 1 to 15 bytes)");
        }
    }

    /**
     * The argument of {@link #SIOCSIFFLAGS} that brings a link up, for programs that have no use for an answer:
     * {@code socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, 0)}, this ioctl, close. struct ifreq: name of 16 bytes with its NUL,
     * then a union that begins with s16 flags; 40 bytes on 64-bit machines.
     *
     * @param name at most 15 bytes
     */
    public static byte[] interfaceUp(String name) {
        byte[] request = interfaceNamed(name);
        ByteBuffer.wrap(request).order(ByteOrder.nativeOrder()).putShort(IFREQ_FLAGS, (short)
                (Link.IFF_UP | IFF_RUNNING));
        return request;
    }

    /** struct ifreq with a link's name; the union that follows it is at {@link #IFREQ_FLAGS}. */
    static byte[] interfaceNamed(String name) {
        requireName(name);
        byte[] request = new byte[IFREQ_SIZE];
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(bytes, 0, request, 0, bytes.length);
        return request;
    }
}
