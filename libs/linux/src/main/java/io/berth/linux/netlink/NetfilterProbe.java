package io.berth.linux.netlink;

import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import java.nio.ByteBuffer;

/** Asks netfilter whether it has nftables, by reading the generation of the ruleset. Changes nothing. */
public final class NetfilterProbe {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW_CLOEXEC = 3 | 0_2000000;
    private static final int NETLINK_NETFILTER = 12;
    private static final int NFNL_SUBSYS_NFTABLES = 10;
    private static final int NFT_MSG_NEWGEN = 15;
    private static final int NFT_MSG_GETGEN = 16;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int SEQUENCE = 1;

    private NetfilterProbe() {}

    /** Whether nftables answers in this network namespace; false without CAP_NET_ADMIN too. */
    public static boolean hasTables() {
        long opened = LibC.callRaw(SyscallNumber.SOCKET, AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_NETFILTER);
        if (opened < 0) {
            return false;
        }
        try (Fd socket = Fd.own((int) opened, "netfilter");
                NativeBuffer buffer = NativeBuffer.acquire()) {
            // struct nfgenmsg: u8 family, u8 version, be16 resource, all 0.
            byte[] request = NetlinkMessage.encode(
                            (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_GETGEN,
                            NetlinkMessage.F_REQUEST,
                            SEQUENCE,
                            ByteBuffer.allocate(4))
                    .array();
            long sent =
                    LibC.callRaw(SyscallNumber.SENDTO, socket.value(), buffer.add(request), request.length, 0, 0, 0);
            long length = sent < 0
                    ? sent
                    : LibC.callRaw(
                            SyscallNumber.RECVFROM,
                            socket.value(),
                            buffer.address(),
                            buffer.capacity(),
                            MSG_DONTWAIT,
                            0,
                            0);
            if (length < 0) {
                return false;
            }
            byte[] datagram = new byte[(int) length];
            buffer.bytes().get(0, datagram);
            return NetlinkMessage.parse(ByteBuffer.wrap(datagram)).stream()
                    .anyMatch(message -> message.type() == ((NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_NEWGEN));
        }
    }
}
