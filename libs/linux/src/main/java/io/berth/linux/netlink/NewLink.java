package io.berth.linux.netlink;

import io.berth.linux.fd.Fd;
import io.berth.linux.netlink.NetlinkRequest.Call;
import org.jspecify.annotations.Nullable;

/**
 * A link to be made, in one RTM_NEWLINK with all of its settings, which costs far less than to make it and change it: a veth
 * end that is moved to another namespace afterwards takes 20 times as long as one that is made there.
 *
 * @param name 1 to 15 bytes
 * @param mac null for the kernel's choice
 * @param mtu bytes; 0 for the kernel's choice
 * @param master index of a bridge that it becomes a port of, in the namespace that the request is sent in; 0 for none
 * @param raised whether it is brought up; not for the peer of a veth, which cannot be up before the veth is there (ENOTCONN)
 * @param namespace network namespace that it is made in, whose descriptor is open when the request is sent; null for the
 *     one that the request is sent in, where a parent is always looked for
 */
public record NewLink(
        String name,
        LinkKind kind,
        @Nullable MacAddress mac,
        int mtu,
        int master,
        boolean raised,
        @Nullable Fd namespace) {

    private static final int VETH_INFO_PEER = 1;
    private static final int IFLA_MACVLAN_MODE = 1;
    private static final int IFLA_IPVLAN_MODE = 1;
    private static final int IFLA_IPVLAN_FLAGS = 2;
    private static final int IFLA_VLAN_ID = 1;

    public NewLink {
        LinkRequests.requireName(name);
    }

    /** A link of which only name and kind are given. */
    public static NewLink of(String name, LinkKind kind) {
        return new NewLink(name, kind, null, 0, 0, false, null);
    }

    /** The second end of a pair, for {@link LinkKind.Veth}. */
    public static NewLink peer(String name) {
        return of(name, new LinkKind.VethPeer());
    }

    public NewLink withMac(@Nullable MacAddress value) {
        return new NewLink(name, kind, value, mtu, master, raised, namespace);
    }

    public NewLink withMtu(int bytes) {
        return new NewLink(name, kind, mac, bytes, master, raised, namespace);
    }

    public NewLink withMaster(int bridge) {
        return new NewLink(name, kind, mac, mtu, bridge, raised, namespace);
    }

    public NewLink up() {
        return new NewLink(name, kind, mac, mtu, master, true, namespace);
    }

    public NewLink in(Fd other) {
        return new NewLink(name, kind, mac, mtu, master, raised, other);
    }

    /** Makes it. EEXIST when there is one of this name, or the peer's; then neither is made. */
    public NetlinkRequest request() {
        AttributeWriter payload = new AttributeWriter();
        addSettings(payload);
        payload.nested(
                LinkRequests.IFLA_LINKINFO,
                info -> info.text(LinkRequests.IFLA_INFO_KIND, kernelKind())
                        .nested(LinkRequests.IFLA_INFO_DATA, this::addData));
        return new NetlinkRequest(
                Call.RTM_NEWLINK,
                NetlinkMessage.F_CREATE | NetlinkMessage.F_EXCL,
                payload.toBytes(),
                "new " + kernelKind() + " " + name);
    }

    /** struct ifinfomsg and the attributes that all kinds have. */
    private void addSettings(AttributeWriter payload) {
        int flags = raised ? Link.IFF_UP : 0;
        payload.struct(LinkRequests.header(0, flags, flags)).text(LinkRequests.IFLA_IFNAME, name);
        if (mac != null) {
            payload.bytes(LinkRequests.IFLA_ADDRESS, mac.bytes());
        }
        if (mtu != 0) {
            payload.number32(LinkRequests.IFLA_MTU, mtu);
        }
        if (parent() != 0) {
            payload.number32(LinkRequests.IFLA_LINK, parent());
        }
        if (master != 0) {
            payload.number32(LinkRequests.IFLA_MASTER, master);
        }
        if (namespace != null) {
            payload.number32(LinkRequests.IFLA_NET_NS_FD, namespace.value());
        }
    }

    /** Index of the link that it is on, else 0. */
    private int parent() {
        return switch (kind) {
            case LinkKind.Macvlan macvlan -> macvlan.parent();
            case LinkKind.Ipvlan ipvlan -> ipvlan.parent();
            case LinkKind.Vlan vlan -> vlan.parent();
            case LinkKind.Bridge _, LinkKind.Dummy _, LinkKind.Veth _, LinkKind.VethPeer _ -> 0;
        };
    }

    private String kernelKind() {
        return switch (kind) {
            case LinkKind.Bridge _ -> "bridge";
            case LinkKind.Dummy _ -> "dummy";
            case LinkKind.Veth _, LinkKind.VethPeer _ -> "veth";
            case LinkKind.Macvlan _ -> "macvlan";
            case LinkKind.Ipvlan _ -> "ipvlan";
            case LinkKind.Vlan _ -> "vlan";
        };
    }

    /** What IFLA_INFO_DATA of a kind has. */
    private void addData(AttributeWriter data) {
        switch (kind) {
            // A whole message in an attribute (veth_newlink in the kernel's drivers/net/veth.c).
            case LinkKind.Veth veth -> data.nested(VETH_INFO_PEER, veth.peer()::addSettings);
            case LinkKind.Macvlan macvlan ->
                data.number32(IFLA_MACVLAN_MODE, macvlan.mode().value());
            case LinkKind.Ipvlan ipvlan ->
                data.number16(IFLA_IPVLAN_MODE, ipvlan.mode().value())
                        .number16(IFLA_IPVLAN_FLAGS, ipvlan.reach().value());
            case LinkKind.Vlan vlan -> data.number16(IFLA_VLAN_ID, vlan.id());
            case LinkKind.Bridge _, LinkKind.Dummy _ -> {
                // the kernel's defaults; a bridge without spanning tree, whose ports forward at once
            }
            case LinkKind.VethPeer _ -> throw new IllegalStateException("a veth's peer is made with the veth");
        }
    }
}
