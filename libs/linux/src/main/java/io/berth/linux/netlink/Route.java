package io.berth.linux.netlink;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A route (rtnetlink(7), linux/rtnetlink.h).
 *
 * @param destination a subnet; of length 0 for everything else
 * @param gateway through which it is reached; null when it is on the link
 * @param link index of the link; 0 where the kernel finds it by the gateway
 * @param table {@link #MAIN}, {@link #LOCAL} or another one's number
 * @param metric of routes to one destination the one with the lowest counts; 0 for the default, which is 1024 for IPv6
 */
public record Route(IpPrefix destination, @Nullable InetAddress gateway, int link, int table, Type type, int metric) {
    public static final int MAIN = 254;
    public static final int LOCAL = 255;

    static final int RTMSG_SIZE = 12;
    static final int RTA_DST = 1;
    static final int RTA_OIF = 4;
    static final int RTA_GATEWAY = 5;
    static final int RTA_PRIORITY = 6;
    static final int RTA_TABLE = 15;

    /** What happens to packets on a route. */
    public enum Type {
        UNICAST(1),
        /** For this host. */
        LOCAL(2),
        /** Any that Berth never makes: broadcasts, multicasts, refusals and others. */
        OTHER(0);

        private final int value;

        Type(int value) {
            this.value = value;
        }

        int value() {
            return value;
        }

        private static Type of(int value) {
            return value == UNICAST.value ? UNICAST : value == LOCAL.value ? LOCAL : OTHER;
        }
    }

    /** Everything else by a gateway. */
    public static Route defaultBy(InetAddress gateway, int link) {
        return new Route(everything(gateway instanceof Inet4Address), gateway, link, MAIN, Type.UNICAST, 0);
    }

    /** Everything else directly on a link. */
    public static Route defaultOn(int link, boolean ipv4) {
        return new Route(everything(ipv4), null, link, MAIN, Type.UNICAST, 0);
    }

    /** An address that is this host's on one link, in the local table. */
    public static Route local(IpPrefix destination, int link, int metric) {
        return new Route(destination, null, link, LOCAL, Type.LOCAL, metric);
    }

    private static IpPrefix everything(boolean ipv4) {
        return IpPrefix.parse(ipv4 ? "0.0.0.0/0" : "::/0");
    }

    /** Whether it is for everything else. */
    public boolean isDefault() {
        return destination.length() == 0;
    }

    /** Reads the payload of an RTM_NEWROUTE: struct rtmsg, then attributes. */
    static Route parse(NetlinkMessage message) {
        ByteBuffer bytes = message.reader();
        if (bytes.remaining() < RTMSG_SIZE) {
            throw new IllegalArgumentException("route message: " + bytes.remaining() + " bytes (expected: >= 12)");
        }
        boolean ipv4 = bytes.get(0) == AddressRequests.AF_INET;
        int length = Byte.toUnsignedInt(bytes.get(1));
        int table = Byte.toUnsignedInt(bytes.get(4));
        Type type = Type.of(Byte.toUnsignedInt(bytes.get(7)));
        Attributes attributes = Attributes.parse(bytes.position(RTMSG_SIZE));
        byte[] destination = attributes.bytes(RTA_DST);
        byte[] gateway = attributes.bytes(RTA_GATEWAY);
        return new Route(
                destination == null
                        ? new IpPrefix(everything(ipv4).address(), length)
                        : new IpPrefix(LinkAddress.address(destination), length),
                gateway == null ? null : LinkAddress.address(gateway),
                attributes.number(RTA_OIF, 0),
                attributes.number(RTA_TABLE, table),
                type,
                attributes.number(RTA_PRIORITY, 0));
    }
}
