package io.berth.linux.netlink;

import io.berth.linux.netlink.NetlinkRequest.Call;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Requests about addresses of links (rtnetlink(7), linux/if_addr.h). */
public final class AddressRequests {
    static final int IFADDR_SIZE = 8;
    static final int IFA_ADDRESS = 1;
    static final int IFA_LOCAL = 2;
    static final int IFA_BROADCAST = 4;
    static final int IFA_FLAGS = 8;
    static final int IFA_F_NODAD = 0x02;
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    /** Subnets of two addresses, or one, have none for broadcasts (RFC 3021). */
    private static final int LONGEST_WITH_BROADCAST = 30;

    private AddressRequests() {}

    /**
     * Gives a link an address, and a route to its subnet where the prefix is shorter than the address: for IPv4 with the
     * subnet's broadcast address, for IPv6 without a search for duplicates, so that it can be used at once. EEXIST when it has
     * it.
     */
    public static NetlinkRequest add(int index, IpPrefix address) {
        AttributeWriter payload = payload(index, address);
        if (address.isIpv6()) {
            payload.number32(IFA_FLAGS, IFA_F_NODAD);
        } else if (address.length() <= LONGEST_WITH_BROADCAST) {
            payload.bytes(IFA_BROADCAST, address.last().getAddress());
        }
        return new NetlinkRequest(
                Call.RTM_NEWADDR,
                NetlinkMessage.F_CREATE | NetlinkMessage.F_EXCL,
                payload.toBytes(),
                "address " + address + " of link " + index);
    }

    /** Takes an address from a link. EADDRNOTAVAIL when it has no such one. */
    public static NetlinkRequest delete(int index, IpPrefix address) {
        return new NetlinkRequest(
                Call.RTM_DELADDR, 0, payload(index, address).toBytes(), "address " + address + " of link " + index);
    }

    /** Asks for all addresses of all links. */
    static NetlinkRequest list() {
        return new NetlinkRequest(
                Call.RTM_GETADDR,
                NetlinkMessage.F_DUMP,
                new AttributeWriter().struct(header(0, 0, 0)).toBytes(),
                "all addresses");
    }

    private static AttributeWriter payload(int index, IpPrefix address) {
        byte[] bytes = address.address().getAddress();
        return new AttributeWriter()
                .struct(header(family(bytes), address.length(), index))
                .bytes(IFA_LOCAL, bytes)
                .bytes(IFA_ADDRESS, bytes);
    }

    /** Whether a message about addresses or routes is about IP's; each begins with the family. */
    static boolean isIp(NetlinkMessage message) {
        return message.payload().hasRemaining()
                && (message.payload().get(0) == AF_INET || message.payload().get(0) == AF_INET6);
    }

    static int family(byte[] address) {
        return address.length == Integer.BYTES ? AF_INET : AF_INET6;
    }

    /** struct ifaddrmsg: u8 family, u8 length of the prefix, u8 flags, u8 scope, u32 index. */
    private static ByteBuffer header(int family, int length, int index) {
        return ByteBuffer.allocate(IFADDR_SIZE)
                .order(ByteOrder.nativeOrder())
                .put((byte) family)
                .put((byte) length)
                .put((byte) 0)
                .put((byte) 0)
                .putInt(index)
                .flip();
    }
}
