package io.berth.linux.netlink;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import io.berth.linux.netlink.NetlinkRequest.Call;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.stream.Stream;
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
    private static final int LIST_ATTEMPTS = 5;
    private static final int SIOCGIFINDEX = 0x8933;

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

    /** Carries out one request. */
    public void execute(NetlinkRequest request) {
        execute(List.of(request));
    }

    /**
     * Carries out requests in their order, with one send. The kernel goes on after one that fails.
     *
     * @throws SyscallException of the first that failed, with what it was and the kernel's explanation where it gives one
     */
    public void execute(List<NetlinkRequest> requests) {
        if (!requests.isEmpty()) {
            exchange(requests);
        }
    }

    /**
     * Carries out a request that may be needless.
     *
     * @param needless error number that says so, such as EEXIST for what is to be made, or ENODEV for what is to go
     * @return whether it did something
     */
    public boolean executeUnless(int needless, NetlinkRequest request) {
        try {
            execute(request);
            return true;
        } catch (SyscallException e) {
            if (e.errno() == needless) {
                return false;
            }
            throw e;
        }
    }

    /** Brings a link up. */
    public void setUp(int index) {
        execute(LinkRequests.up(index));
    }

    /** All links of the namespace, by index. */
    public List<Link> links() {
        return list(LinkRequests.list(), Call.RTM_NEWLINK, Link::parse);
    }

    /** The link of a name, if there is one. */
    public Optional<Link> link(String name) {
        try {
            return exchange(List.of(LinkRequests.get(name))).stream()
                    .filter(answer -> answer.type() == Call.RTM_NEWLINK.type())
                    .map(Link::parse)
                    .findFirst();
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENODEV) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * The index of the link of a name, if there is one. Takes a hundredth of the time of {@link #link}, which waits for the
     * kernel's lock of links: {@code ioctl(socket, SIOCGIFINDEX, ifreq)} (netdevice(7)).
     */
    public OptionalInt index(String name) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int request = buffer.reserve(LinkRequests.IFREQ_SIZE);
            buffer.bytes().put(request, LinkRequests.interfaceNamed(name));
            long result = LibC.callRaw(SyscallNumber.IOCTL, fd.value(), SIOCGIFINDEX, buffer.address() + request);
            if (result == -Errno.ENODEV) {
                return OptionalInt.empty();
            }
            if (result < 0) {
                throw new SyscallException("ioctl", "SIOCGIFINDEX of link " + name, (int) -result);
            }
            return OptionalInt.of(buffer.bytes().getInt(request + LinkRequests.IFREQ_FLAGS));
        }
    }

    /** All IP addresses of all links of the namespace. */
    public List<LinkAddress> addresses() {
        return list(AddressRequests.list(), Call.RTM_NEWADDR, NetlinkSocket::parseAddress);
    }

    private static @Nullable LinkAddress parseAddress(NetlinkMessage message) {
        return AddressRequests.isIp(message) ? LinkAddress.parse(message) : null;
    }

    /** All IP routes of the namespace, in all tables. */
    public List<Route> routes() {
        return list(RouteRequests.list(), Call.RTM_NEWROUTE, NetlinkSocket::parseRoute);
    }

    private static @Nullable Route parseRoute(NetlinkMessage message) {
        return AddressRequests.isIp(message) ? Route.parse(message) : null;
    }

    /** @param parse gives null for what is to be left out */
    private <T> List<T> list(NetlinkRequest request, Call element, Function<NetlinkMessage, @Nullable T> parse) {
        for (int attempt = 0; ; attempt++) {
            List<NetlinkMessage> answers = exchange(List.of(request));
            boolean changed =
                    answers.stream().anyMatch(answer -> (answer.flags() & NetlinkMessage.F_DUMP_INTERRUPTED) != 0);
            if (!changed || attempt == LIST_ATTEMPTS) {
                return answers.stream()
                        .filter(answer -> answer.type() == element.type())
                        .flatMap(answer -> Stream.ofNullable(parse.apply(answer)))
                        .toList();
            }
        }
    }

    /**
     * Sends requests and takes answers until the last one's end. Errors are answered in any case, so an acknowledgement of the
     * last request alone is enough.
     */
    private List<NetlinkMessage> exchange(List<NetlinkRequest> requests) {
        int first = sequence + 1;
        sequence += requests.size();
        ByteBuffer batch = ByteBuffer.allocate(
                        requests.stream().mapToInt(NetlinkRequest::size).sum())
                .order(ByteOrder.nativeOrder());
        for (int i = 0; i < requests.size(); i++) {
            requests.get(i).encode(batch, first + i, i == requests.size() - 1);
        }
        List<NetlinkMessage> answers = new ArrayList<>();
        SyscallException failure = null;
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            byte[] bytes = batch.array();
            LibC.call(SyscallNumber.SENDTO, fd.description(), fd.value(), buffer.add(bytes), bytes.length, 0, 0, 0);
            while (true) {
                for (NetlinkMessage message : receive(buffer)) {
                    int request = message.sequence() - first;
                    if (request < 0 || request >= requests.size()) {
                        continue; // left over from a request that failed half way
                    }
                    if (!message.isEnd()) {
                        answers.add(message);
                        continue;
                    }
                    if (failure == null) {
                        NetlinkRequest asked = requests.get(request);
                        failure = message.failure(asked.call().name(), asked.description());
                    }
                    if (request < requests.size() - 1) {
                        continue;
                    }
                    if (failure != null) {
                        throw failure;
                    }
                    return answers;
                }
            }
        }
    }

    private List<NetlinkMessage> receive(NativeBuffer buffer) {
        while (true) {
            long length =
                    LibC.callRaw(SyscallNumber.RECVFROM, fd.value(), buffer.address(), buffer.capacity(), 0, 0, 0);
            if (length >= 0) {
                byte[] datagram = new byte[(int) length];
                buffer.bytes().get(0, datagram);
                return NetlinkMessage.parse(ByteBuffer.wrap(datagram));
            }
            if (length != -Errno.EINTR) {
                throw new SyscallException("recvfrom", fd.description(), (int) -length);
            }
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
