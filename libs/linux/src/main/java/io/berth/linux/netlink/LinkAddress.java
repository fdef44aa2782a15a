package io.berth.linux.netlink;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An address of a link, as RTM_NEWADDR tells it (linux/if_addr.h).
 *
 * @param link the link's index
 * @param address with the length of its subnet's prefix
 * @param flags IFA_F_*
 */
public record LinkAddress(int link, IpPrefix address, int flags) {
    private static final int IFA_F_TENTATIVE = 0x40;

    /** Reads the payload of an RTM_NEWADDR: struct ifaddrmsg, then attributes. */
    static LinkAddress parse(NetlinkMessage message) {
        ByteBuffer bytes = message.reader();
        if (bytes.remaining() < AddressRequests.IFADDR_SIZE) {
            throw new IllegalArgumentException("address message: " + bytes.remaining() + " bytes (expected: >= 8)");
        }
        int length = Byte.toUnsignedInt(bytes.get(1));
        int flags = Byte.toUnsignedInt(bytes.get(2));
        int link = bytes.getInt(4);
        Attributes attributes = Attributes.parse(bytes.position(AddressRequests.IFADDR_SIZE));
        // On links to one other address, IFA_ADDRESS is the other's.
        byte[] address = attributes.bytes(AddressRequests.IFA_LOCAL);
        if (address == null) {
            address = attributes.bytes(AddressRequests.IFA_ADDRESS);
        }
        return new LinkAddress(
                link, new IpPrefix(address(address), length), attributes.number(AddressRequests.IFA_FLAGS, flags));
    }

    static InetAddress address(byte @Nullable [] bytes) {
        try {
            return InetAddress.getByAddress(bytes == null ? new byte[0] : bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("netlink: an address (expected: 4 or 16 bytes)", e);
        }
    }

    /** Whether the kernel still asks other hosts if they have it, so that it cannot be used yet. */
    public boolean isTentative() {
        return (flags & IFA_F_TENTATIVE) != 0;
    }
}
