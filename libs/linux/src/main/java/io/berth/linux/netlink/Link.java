package io.berth.linux.netlink;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A network link of one network namespace, as RTM_NEWLINK tells it (linux/if_link.h).
 *
 * @param index 1 is always loopback
 * @param name such as {@code lo} or {@code eth0}
 * @param flags IFF_* of linux/if.h
 * @param mtu bytes
 * @param kind such as {@code veth} or {@code bridge}; null for devices that have none
 * @param address such as {@code 02:42:ac:11:00:02}; empty for devices that have none
 * @param masterIndex the bridge that it is a port of, else 0
 * @param parentIndex the link that it is on or paired with, which may be in another namespace, else 0
 * @param alias what somebody noted on it; empty for nothing
 */
public record Link(
        int index,
        String name,
        int flags,
        int mtu,
        @Nullable String kind,
        String address,
        int masterIndex,
        int parentIndex,
        String alias) {
    static final int IFF_UP = 0x1;

    /** Reads the payload of an RTM_NEWLINK: struct ifinfomsg, then attributes. */
    static Link parse(NetlinkMessage message) {
        var bytes = message.reader();
        if (bytes.remaining() < LinkRequests.IFINFO_SIZE) {
            throw new IllegalArgumentException("link message: " + bytes.remaining() + " bytes (expected: >= 16)");
        }
        int index = bytes.getInt(4);
        int flags = bytes.getInt(8);
        Attributes attributes = Attributes.parse(bytes.position(LinkRequests.IFINFO_SIZE));
        String name = attributes.text(LinkRequests.IFLA_IFNAME);
        String alias = attributes.text(LinkRequests.IFLA_IFALIAS);
        byte[] address = attributes.bytes(LinkRequests.IFLA_ADDRESS);
        return new Link(
                index,
                name == null ? "" : name,
                flags,
                attributes.number(LinkRequests.IFLA_MTU, 0),
                attributes.nested(LinkRequests.IFLA_LINKINFO).text(LinkRequests.IFLA_INFO_KIND),
                address == null ? "" : HexFormat.ofDelimiter(":").formatHex(address),
                attributes.number(LinkRequests.IFLA_MASTER, 0),
                attributes.number(LinkRequests.IFLA_LINK, 0),
                alias == null ? "" : alias);
    }

    public boolean isUp() {
        return (flags & IFF_UP) != 0;
    }
}
