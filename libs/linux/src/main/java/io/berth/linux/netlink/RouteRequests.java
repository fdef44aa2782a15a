package io.berth.linux.netlink;

import io.berth.linux.netlink.NetlinkRequest.Call;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Requests about routes (rtnetlink(7), linux/rtnetlink.h). */
public final class RouteRequests {
    private static final int RTPROT_UNSPEC = 0;
    private static final int RTPROT_BOOT = 3;
    private static final int RT_SCOPE_UNIVERSE = 0;
    private static final int RT_SCOPE_LINK = 253;
    private static final int RT_SCOPE_HOST = 254;
    private static final int RT_SCOPE_NOWHERE = 255;

    private RouteRequests() {}

    /** Adds a route. EEXIST when there is one; ENETUNREACH or EHOSTUNREACH when the gateway is on no link. */
    public static NetlinkRequest add(Route route) {
        return request(Call.RTM_NEWROUTE, NetlinkMessage.F_CREATE | NetlinkMessage.F_EXCL, route);
    }

    /** Adds a route, in the place of the one to the same destination with the same metric if there is one. */
    public static NetlinkRequest replace(Route route) {
        return request(Call.RTM_NEWROUTE, NetlinkMessage.F_CREATE | NetlinkMessage.F_REPLACE, route);
    }

    /** Removes a route. ESRCH when there is none. */
    public static NetlinkRequest delete(Route route) {
        return request(Call.RTM_DELROUTE, 0, route);
    }

    /** Asks for all routes of both families in all tables. */
    static NetlinkRequest list() {
        return new NetlinkRequest(
                Call.RTM_GETROUTE,
                NetlinkMessage.F_DUMP,
                new AttributeWriter()
                        .struct(ByteBuffer.allocate(Route.RTMSG_SIZE))
                        .toBytes(),
                "all routes");
    }

    private static NetlinkRequest request(Call call, int flags, Route route) {
        byte[] destination = route.destination().address().getAddress();
        AttributeWriter payload = new AttributeWriter()
                .struct(header(call, route, AddressRequests.family(destination)))
                .number32(Route.RTA_TABLE, route.table());
        if (!route.isDefault()) {
            payload.bytes(Route.RTA_DST, destination);
        }
        if (route.gateway() != null) {
            payload.bytes(Route.RTA_GATEWAY, route.gateway().getAddress());
        }
        if (route.link() != 0) {
            payload.number32(Route.RTA_OIF, route.link());
        }
        if (route.metric() != 0) {
            payload.number32(Route.RTA_PRIORITY, route.metric());
        }
        return new NetlinkRequest(call, flags, payload.toBytes(), describe(route));
    }

    private static String describe(Route route) {
        return "route " + (route.isDefault() ? "default" : route.destination())
                + (route.gateway() == null ? "" : " via " + IpPrefix.text(route.gateway()))
                + (route.link() == 0 ? "" : " on link " + route.link());
    }

    /** struct rtmsg: u8 family, destination's length, source's length, tos, table, protocol, scope, type; u32 flags. */
    private static ByteBuffer header(Call call, Route route, int family) {
        boolean removal = call == Call.RTM_DELROUTE;
        return ByteBuffer.allocate(Route.RTMSG_SIZE)
                .order(ByteOrder.nativeOrder())
                .put((byte) family)
                .put((byte) route.destination().length())
                .put((byte) 0)
                .put((byte) 0)
                .put((byte) (route.table() > Route.LOCAL ? 0 : route.table()))
                .put((byte) (removal ? RTPROT_UNSPEC : RTPROT_BOOT))
                .put((byte) (removal ? RT_SCOPE_NOWHERE : scope(route)))
                .put((byte) route.type().value())
                .putInt(0)
                .flip();
    }

    /** How far away the destination may be; IPv6 does not look at it. */
    private static int scope(Route route) {
        if (route.type() == Route.Type.LOCAL) {
            return RT_SCOPE_HOST;
        }
        return route.gateway() == null ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
    }
}
