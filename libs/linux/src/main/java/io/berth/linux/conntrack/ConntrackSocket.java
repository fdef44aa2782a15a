package io.berth.linux.conntrack;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.netlink.Attributes;
import io.berth.linux.netlink.NetfilterAttributes;
import io.berth.linux.netlink.NetfilterSocket;
import io.berth.linux.netlink.NetlinkMessage;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Lists and ends connections that netfilter keeps track of in one network namespace, the one it was opened in (ctnetlink;
 * linux/netfilter/nfnetlink_conntrack.h). One thread at a time. Needs CAP_NET_ADMIN there.
 */
public final class ConntrackSocket implements AutoCloseable {
    private static final int SUBSYSTEM = 1; // NFNL_SUBSYS_CTNETLINK
    private static final int IPCTNL_MSG_CT_NEW = 0;
    private static final int IPCTNL_MSG_CT_GET = 1;
    private static final int IPCTNL_MSG_CT_DELETE = 2;

    private static final int CTA_TUPLE_ORIG = 1;
    private static final int CTA_TUPLE_REPLY = 2;
    private static final int CTA_ID = 12;
    private static final int CTA_ZONE = 18;
    private static final int CTA_FILTER = 25;
    private static final int CTA_TUPLE_IP = 1;
    private static final int CTA_TUPLE_PROTO = 2;
    private static final int CTA_IP_V4_SRC = 1;
    private static final int CTA_IP_V4_DST = 2;
    private static final int CTA_IP_V6_SRC = 3;
    private static final int CTA_IP_V6_DST = 4;
    private static final int CTA_PROTO_NUM = 1;
    private static final int CTA_PROTO_SRC_PORT = 2;
    private static final int CTA_PROTO_DST_PORT = 3;
    private static final int CTA_FILTER_ORIG_FLAGS = 1;
    private static final int CTA_FILTER_REPLY_FLAGS = 2;
    private static final int CTA_FILTER_FLAG_CTA_PROTO_NUM = 1 << 3;

    /** A list is begun again when it changed meanwhile; after so many times what it gave counts. */
    private static final int ATTEMPTS = 5;

    private final NetfilterSocket socket;

    private ConntrackSocket(NetfilterSocket socket) {
        this.socket = socket;
    }

    /** Opens one in the calling thread's network namespace. */
    public static ConntrackSocket open() {
        return new ConntrackSocket(NetfilterSocket.open("conntrack"));
    }

    /** Address families, as the kernel lists connections. */
    public enum Family {
        IPV4(2),
        IPV6(10);

        private final int number;

        Family(int number) {
            this.number = number;
        }
    }

    /**
     * The connections of one protocol. Those that come and go meanwhile may be missing.
     *
     * @param protocol IPPROTO_* of linux/in.h
     */
    public List<Connection> list(Family family, int protocol) {
        for (int attempt = 1; ; attempt++) {
            try {
                List<Connection> connections = new ArrayList<>();
                for (NetlinkMessage message : socket.request(
                        SUBSYSTEM << Byte.SIZE | IPCTNL_MSG_CT_GET,
                        NetlinkMessage.F_DUMP,
                        payload(family, filter(protocol)),
                        "IPCTNL_MSG_CT_GET",
                        family + " connections of protocol " + protocol)) {
                    Connection connection = parse(message);
                    // Kernels before 5.8 know no filter and list everything.
                    if (connection != null && connection.original().protocol() == protocol) {
                        connections.add(connection);
                    }
                }
                return connections;
            } catch (SyscallException e) {
                if (e.errno() != Errno.EAGAIN || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /**
     * Ends connections: what comes next in them is the first packet of a new one, and meets the rules that there are now.
     *
     * @param protocol IPPROTO_* of linux/in.h
     * @return how many
     */
    public int delete(Family family, int protocol, Predicate<Connection> which) {
        int deleted = 0;
        for (Connection connection : list(family, protocol)) {
            if (which.test(connection) && delete(family, connection)) {
                deleted++;
            }
        }
        return deleted;
    }

    private boolean delete(Family family, Connection connection) {
        try {
            socket.request(
                    SUBSYSTEM << Byte.SIZE | IPCTNL_MSG_CT_DELETE,
                    NetlinkMessage.F_ACK,
                    payload(family, connection.key()),
                    "IPCTNL_MSG_CT_DELETE",
                    connection.original().toString());
            return true;
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT) {
                return false; // ended by itself since it was listed
            }
            throw e;
        }
    }

    private static ByteBuffer filter(int protocol) {
        return new NetfilterAttributes()
                .nested(
                        CTA_TUPLE_ORIG,
                        tuple -> tuple.nested(CTA_TUPLE_PROTO, number -> number.octet(CTA_PROTO_NUM, protocol)))
                .nested(
                        CTA_FILTER,
                        filter -> filter.bytes(CTA_FILTER_ORIG_FLAGS, hostOrder(CTA_FILTER_FLAG_CTA_PROTO_NUM))
                                .bytes(CTA_FILTER_REPLY_FLAGS, hostOrder(0)))
                .toBuffer();
    }

    /** Unlike all other numbers here, the filter's flags are in the machine's order (ctnetlink_filter_parse). */
    private static ByteBuffer hostOrder(int value) {
        return ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.nativeOrder())
                .putInt(value)
                .flip();
    }

    private static ByteBuffer payload(Family family, ByteBuffer attributes) {
        return ByteBuffer.allocate(NetfilterSocket.HEADER_SIZE + attributes.remaining())
                .put((byte) family.number)
                .put((byte) 0)
                .putShort((short) 0)
                .put(attributes.duplicate())
                .flip();
    }

    /** Null for a message about something else. */
    static @Nullable Connection parse(NetlinkMessage message) {
        ByteBuffer bytes = message.reader();
        if (message.type() != (SUBSYSTEM << Byte.SIZE | IPCTNL_MSG_CT_NEW)
                || bytes.remaining() < NetfilterSocket.HEADER_SIZE) {
            return null;
        }
        Attributes attributes = Attributes.parse(bytes.position(NetfilterSocket.HEADER_SIZE));
        Flow original = flow(attributes.nested(CTA_TUPLE_ORIG));
        Flow reply = flow(attributes.nested(CTA_TUPLE_REPLY));
        byte[] tuple = attributes.bytes(CTA_TUPLE_ORIG);
        if (original == null || reply == null || tuple == null) {
            return null;
        }
        NetfilterAttributes key = new NetfilterAttributes().nested(CTA_TUPLE_ORIG, ByteBuffer.wrap(tuple));
        for (int type : new int[] {CTA_ZONE, CTA_ID}) {
            byte[] value = attributes.bytes(type);
            if (value != null) {
                key.bytes(type, value);
            }
        }
        return new Connection(original, reply, key.toBuffer());
    }

    private static @Nullable Flow flow(Attributes tuple) {
        Attributes addresses = tuple.nested(CTA_TUPLE_IP);
        Attributes protocol = tuple.nested(CTA_TUPLE_PROTO);
        InetAddress source = address(addresses, CTA_IP_V4_SRC, CTA_IP_V6_SRC);
        InetAddress destination = address(addresses, CTA_IP_V4_DST, CTA_IP_V6_DST);
        byte[] number = protocol.bytes(CTA_PROTO_NUM);
        if (source == null || destination == null || number == null || number.length == 0) {
            return null;
        }
        return new Flow(
                Byte.toUnsignedInt(number[0]),
                source,
                port(protocol.bytes(CTA_PROTO_SRC_PORT)),
                destination,
                port(protocol.bytes(CTA_PROTO_DST_PORT)));
    }

    private static @Nullable InetAddress address(Attributes addresses, int ipv4, int ipv6) {
        byte[] bytes = addresses.bytes(ipv4);
        if (bytes == null) {
            bytes = addresses.bytes(ipv6);
        }
        try {
            return bytes == null ? null : InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("conntrack address: " + e.getMessage(), e);
        }
    }

    private static int port(byte @Nullable [] bytes) {
        return bytes == null || bytes.length < 2 ? 0 : ByteBuffer.wrap(bytes).getShort() & 0xFFFF;
    }

    @Override
    public void close() {
        socket.close();
    }
}
