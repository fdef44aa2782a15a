package io.berth.linux.netlink;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A socket to netfilter (NETLINK_NETFILTER) of one network namespace: the one it was opened in, whichever thread uses it
 * afterwards. Carries the messages of nftables and of connection tracking, and knows neither. One thread at a time.
 *
 * <p>The kernel answers before send returns, so all of an answer can be received at once and nothing here waits.
 */
public final class NetfilterSocket implements AutoCloseable {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW_CLOEXEC_NONBLOCK = 3 | 0_2000000 | 0_4000;
    private static final int NETLINK_NETFILTER = 12;
    private static final int SOL_SOCKET = 1;
    private static final int SO_SNDBUFFORCE = 32;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_ADD_MEMBERSHIP = 1;
    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;
    private static final int SOCKADDR_NL_SIZE = 12;
    private static final int SOCKADDR_NL_PORT = 4;

    /** What every socket may send at once: net.core.wmem_default is 212992, of which the kernel counts some for itself. */
    private static final int DEFAULT_SEND_BYTES = 128 * 1024;

    /** struct nfgenmsg of linux/netfilter/nfnetlink.h: u8 family, u8 version (0), be16 resource. */
    public static final int HEADER_SIZE = 4;

    private final Fd fd;
    private final int port;
    private int sendBytes = DEFAULT_SEND_BYTES;
    private int sequence;

    private NetfilterSocket(Fd fd, int port) {
        this.fd = fd;
        this.port = port;
    }

    /**
     * Opens one in the calling thread's network namespace.
     *
     * @param description what it is for, for error messages
     */
    public static NetfilterSocket open(String description) {
        Fd fd = Fd.own(
                (int) LibC.call(
                        SyscallNumber.SOCKET, description, AF_NETLINK, SOCK_RAW_CLOEXEC_NONBLOCK, NETLINK_NETFILTER),
                description);
        try {
            NetfilterSocket socket = new NetfilterSocket(fd, bind(fd));
            // Only make answers better: kernels without them (before 4.12) say less.
            setOption(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
            setOption(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
            return socket;
        } catch (SyscallException e) {
            fd.close();
            throw e;
        }
    }

    /** Lets the kernel choose a port, and asks which. struct sockaddr_nl: u16 family, u16 pad, u32 port, u32 groups. */
    private static int bind(Fd fd) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int address = buffer.reserve(SOCKADDR_NL_SIZE);
            buffer.bytes().putShort(address, (short) AF_NETLINK);
            LibC.call(SyscallNumber.BIND, fd.description(), fd.value(), buffer.address() + address, SOCKADDR_NL_SIZE);
            int length = buffer.reserve(Integer.BYTES);
            buffer.bytes().putInt(length, SOCKADDR_NL_SIZE);
            LibC.call(
                    SyscallNumber.GETSOCKNAME,
                    fd.description(),
                    fd.value(),
                    buffer.address() + address,
                    buffer.address() + length);
            return buffer.bytes().getInt(address + SOCKADDR_NL_PORT);
        }
    }

    /** The descriptor, to wait for messages with a poller; owned by this object. */
    public Fd fd() {
        return fd;
    }

    /** Its port in netlink: what messages about its requests carry. */
    public int port() {
        return port;
    }

    /** A number for the next request. */
    public int nextSequence() {
        return nextSequences(1);
    }

    /** The first of so many numbers for requests that go together. */
    public int nextSequences(int count) {
        int first = sequence + 1;
        sequence += count;
        return first;
    }

    /**
     * Joins a group of listeners.
     *
     * @param group NFNLGRP_* of linux/netfilter/nfnetlink.h
     * @param bufferBytes how much may wait to be received; what is beyond that is lost, and {@link #receive} says so
     */
    public void subscribe(int group, int bufferBytes) {
        setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, bufferBytes);
        long result = setOption(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
        if (result < 0) {
            throw new SyscallException("setsockopt", fd.description() + ", group " + group, (int) -result);
        }
    }

    private static long setOption(Fd fd, int level, int option, int value) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int at = buffer.reserve(Integer.BYTES);
            buffer.bytes().putInt(at, value);
            return LibC.callRaw(
                    SyscallNumber.SETSOCKOPT, fd.value(), level, option, buffer.address() + at, Integer.BYTES);
        }
    }

    /**
     * Sends messages in one datagram, which netfilter takes as one batch where they are one. The socket's buffer grows to its
     * size.
     *
     * @throws SyscallException EPERM without CAP_NET_ADMIN, ENOBUFS and others
     */
    public void send(ByteBuffer messages) {
        int length = messages.remaining();
        if (length > sendBytes) {
            // The kernel doubles the number for its own overhead (socket(7)).
            setOption(fd, SOL_SOCKET, SO_SNDBUFFORCE, length);
            sendBytes = length;
        }
        try (NativeBuffer buffer = NativeBuffer.acquire(length)) {
            int at = buffer.reserveUncleared(length);
            buffer.bytes().put(at, messages, messages.position(), length);
            LibC.call(SyscallNumber.SENDTO, fd.description(), fd.value(), buffer.address() + at, length, 0, 0, 0);
        }
    }

    /**
     * All messages that wait, none when there are none.
     *
     * @throws SyscallException ENOBUFS when some were lost
     */
    public List<NetlinkMessage> receive() {
        List<NetlinkMessage> messages = new ArrayList<>();
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            while (true) {
                long length =
                        LibC.callRaw(SyscallNumber.RECVFROM, fd.value(), buffer.address(), buffer.capacity(), 0, 0, 0);
                if (length == -Errno.EINTR) {
                    continue;
                }
                if (length == -Errno.EAGAIN) {
                    return messages;
                }
                if (length < 0) {
                    throw new SyscallException("recvfrom", fd.description(), (int) -length);
                }
                byte[] datagram = new byte[(int) length];
                buffer.bytes().get(0, datagram);
                messages.addAll(NetlinkMessage.parse(ByteBuffer.wrap(datagram)));
            }
        }
    }

    /**
     * Sends one request and receives its answers, without the message that ends them.
     *
     * @param type of the request, with the subsystem in its high byte
     * @param flags NLM_F_*, without NLM_F_REQUEST
     * @param payload struct nfgenmsg and attributes
     * @param call name of the request and
     * @param subject what it is about, for error messages
     * @throws SyscallException when the kernel refuses; EAGAIN when a list changed while it was made
     */
    public List<NetlinkMessage> request(int type, int flags, ByteBuffer payload, String call, String subject) {
        int number = nextSequence();
        send(NetlinkMessage.encode(type, flags | NetlinkMessage.F_REQUEST, number, payload));
        List<NetlinkMessage> answers = new ArrayList<>();
        for (NetlinkMessage message : receive()) {
            if (message.sequence() != number) {
                continue;
            }
            if ((message.flags() & NetlinkMessage.F_DUMP_INTERRUPTED) != 0 && message.type() != NetlinkMessage.ERROR) {
                throw new SyscallException(call, subject, Errno.EAGAIN);
            }
            if (message.isEnd()) {
                check(message, call, subject);
            } else {
                answers.add(message);
            }
        }
        return answers;
    }

    /**
     * Whether a message says that a request failed.
     *
     * @param call name of the request that it answers and
     * @param subject what that was about
     * @throws SyscallException when it does, with the kernel's explanation where it gives one
     */
    public static void check(NetlinkMessage message, String call, String subject) {
        SyscallException failure = message.failure(call, subject);
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
