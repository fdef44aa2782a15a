package io.berth.linux.netlink;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import io.berth.linux.jna.SyscallNumber;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * An rtnetlink socket of one network namespace: the one it was opened in, whichever thread uses it afterwards. One thread
 * at a time. The kernel answers before send returns, so nothing here waits.
 */
public final class NetlinkSocket implements AutoCloseable {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW_CLOEXEC = 3 | 0_2000000;
    private static final int NETLINK_ROUTE = 0;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;
    private static final int CLONE_NEWNET = 0x40000000;
    private static final int NLMSGERR_ATTR_MSG = 1;
    private static final int LIST_ATTEMPTS = 5;

    private final Fd fd;
    private int sequence;

    private NetlinkSocket(Fd fd) {
        this.fd = fd;
    }

    /** Opens one in the calling thread's network namespace. */
    public static NetlinkSocket open() {
        long opened = LibC.call(SyscallNumber.SOCKET, "AF_NETLINK", AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_ROUTE);
        NetlinkSocket socket = new NetlinkSocket(Fd.own((int) opened, "rtnetlink"));
        socket.enable(NETLINK_EXT_ACK);
        socket.enable(NETLINK_CAP_ACK);
        return socket;
    }

    /**
     * Opens one in another network namespace.
     *
     * @param namespace descriptor of the namespace
     */
    public static NetlinkSocket openIn(Fd namespace) {
        CompletableFuture<NetlinkSocket> socket = new CompletableFuture<>();
        // setns changes the thread for good, so it is one of its own.
        Thread.ofPlatform().name("netlink-open").start(() -> {
            try {
                LibC.call(SyscallNumber.SETNS, namespace.description(), namespace.value(), CLONE_NEWNET);
                socket.complete(open());
            } catch (RuntimeException | Error e) {
                socket.completeExceptionally(e);
            }
        });
        try {
            return socket.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof SyscallException refused) {
                throw new SyscallException(refused.call(), refused.subject(), refused.errno());
            }
            throw e;
        }
    }

    /** Options that only make answers better: kernels without them (before 4.12) just say less. */
    private void enable(int option) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int at = buffer.reserve(4);
            buffer.bytes().putInt(at, 1);
            LibC.callRaw(SyscallNumber.SETSOCKOPT, fd.value(), SOL_NETLINK, option, buffer.address() + at, 4);
        }
    }

    /** Brings a link up. */
    public void setUp(int index) {
        int number = ++sequence;
        exchange(LinkRequests.up(index, number), number, "RTM_NEWLINK", "link " + index);
    }

    /** All links of the namespace, by index. */
    public List<Link> links() {
        for (int attempt = 0; ; attempt++) {
            int number = ++sequence;
            List<NetlinkMessage> answers = exchange(LinkRequests.list(number), number, "RTM_GETLINK", "all links");
            boolean changed =
                    answers.stream().anyMatch(answer -> (answer.flags() & NetlinkMessage.F_DUMP_INTERRUPTED) != 0);
            if (!changed || attempt == LIST_ATTEMPTS) {
                return answers.stream()
                        .filter(answer -> answer.type() == LinkRequests.RTM_NEWLINK)
                        .map(Link::parse)
                        .toList();
            }
        }
    }

    /** Sends a request and takes answers until the acknowledgement or the end of the list. */
    private List<NetlinkMessage> exchange(byte[] request, int number, String call, String subject) {
        List<NetlinkMessage> answers = new ArrayList<>();
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            LibC.call(SyscallNumber.SENDTO, fd.description(), fd.value(), buffer.add(request), request.length, 0, 0, 0);
            while (true) {
                long length =
                        LibC.callRaw(SyscallNumber.RECVFROM, fd.value(), buffer.address(), buffer.capacity(), 0, 0, 0);
                if (length == -Errno.EINTR) {
                    continue;
                }
                if (length < 0) {
                    throw new SyscallException("recvfrom", fd.description(), (int) -length);
                }
                byte[] datagram = new byte[(int) length];
                buffer.bytes().get(0, datagram);
                for (NetlinkMessage message : NetlinkMessage.parse(ByteBuffer.wrap(datagram))) {
                    if (message.sequence() != number) {
                        continue; // left over from a request that failed half way
                    }
                    if (isEnd(message, call, subject)) {
                        return answers;
                    }
                    answers.add(message);
                }
            }
        }
    }

    /**
     * Whether a message ends an exchange.
     *
     * @throws SyscallException when it says that the request failed, with the kernel's explanation where it gives one
     */
    static boolean isEnd(NetlinkMessage message, String call, String subject) {
        if (message.type() != NetlinkMessage.ERROR && message.type() != NetlinkMessage.DONE) {
            return false;
        }
        // Both begin with an s32: 0, or a negated error number.
        int result = message.payload().remaining() < 4 ? 0 : message.payload().getInt(0);
        if (result == 0) {
            return true;
        }
        String explanation = explanation(message);
        throw new SyscallException(call, explanation == null ? subject : subject + ": " + explanation, -result);
    }

    /** struct nlmsgerr: s32 error, header of the request, its payload unless capped, then attributes. */
    private static @Nullable String explanation(NetlinkMessage message) {
        ByteBuffer bytes = message.reader();
        if (message.type() != NetlinkMessage.ERROR || (message.flags() & NetlinkMessage.F_ACK_TLVS) == 0) {
            return null;
        }
        boolean capped = (message.flags() & NetlinkMessage.F_CAPPED) != 0;
        int request = bytes.getInt(4);
        int attributes = 4 + (capped ? NetlinkMessage.HEADER_SIZE : NetlinkMessage.align(request));
        if (attributes < 0 || attributes > bytes.limit()) {
            return null;
        }
        return Attributes.parse(bytes.position(attributes)).text(NLMSGERR_ATTR_MSG);
    }

    @Override
    public void close() {
        fd.close();
    }
}
