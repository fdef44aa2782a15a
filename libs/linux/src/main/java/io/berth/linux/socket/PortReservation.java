package io.berth.linux.socket;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import io.berth.linux.netlink.IpPrefix;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Holds a port of an address, in the network namespace where it was made, so that nobody else gets it: a socket that is bound
 * and never listens or receives. For ports whose packets netfilter sends elsewhere. Thread-safe.
 *
 * <p>A reservation excludes another one, a server that listens, and a server that begins to; connections in TIME_WAIT that a
 * server has left behind do not exclude it.
 */
public final class PortReservation implements AutoCloseable {
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_CLOEXEC = 0_2000000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEADDR = 2;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_V6ONLY = 26;
    private static final int SOCKADDR_IN_SIZE = 16;
    private static final int SOCKADDR_IN6_SIZE = 28;
    private static final int PORT = 2;

    private final Fd fd;
    private final int port;

    private PortReservation(Fd fd, int port) {
        this.fd = fd;
        this.port = port;
    }

    /** Transport protocols that have ports. */
    public enum Protocol {
        TCP(1, 6),
        UDP(2, 17),
        SCTP(1, 132);

        private final int socketType;
        private final int number;

        Protocol(int socketType, int number) {
            this.socketType = socketType;
            this.number = number;
        }
    }

    /**
     * Reserves a port in the calling thread's network namespace.
     *
     * @param address one of the host's, or the wildcard of its family alone
     * @param port 0 for any that is free
     * @throws SyscallException EADDRINUSE when somebody has it, EADDRNOTAVAIL when the host has no such address, EACCES for
     *     a port below net.ipv4.ip_unprivileged_port_start without CAP_NET_BIND_SERVICE, EPROTONOSUPPORT or ESOCKTNOSUPPORT
     *     where the kernel has no SCTP
     */
    public static PortReservation bind(Protocol protocol, InetAddress address, int port) {
        String subject = protocol + " " + IpPrefix.text(address) + " port " + port;
        int family = address instanceof Inet4Address ? AF_INET : AF_INET6;
        Fd fd = Fd.own(
                (int) LibC.call(
                        SyscallNumber.SOCKET, subject, family, protocol.socketType | SOCK_CLOEXEC, protocol.number),
                subject);
        try {
            if (family == AF_INET6) {
                set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
            }
            bind(fd, protocol, address, port);
            return new PortReservation(fd, boundPort(fd));
        } catch (SyscallException e) {
            fd.close();
            throw e;
        }
    }

    /**
     * Two sockets that both allow reuse share a port as long as neither listens, so a reservation does not allow it. Only when the
     * port is taken does it ask once more with reuse allowed, which leaves those who do not count: the kernel refuses if a
     * reservation or a listening server is among them (inet_csk_bind_conflict of net/ipv4/inet_connection_sock.c). Bound, it
     * takes the permission back, so that the next one finds a socket that does not allow reuse.
     */
    private static void bind(Fd fd, Protocol protocol, InetAddress address, int port) {
        byte[] name = socketAddress(address, port);
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            long at = buffer.add(name);
            long result = LibC.callRaw(SyscallNumber.BIND, fd.value(), at, name.length);
            if (result == -Errno.EADDRINUSE && protocol == Protocol.TCP && port != 0) {
                set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
                result = LibC.callRaw(SyscallNumber.BIND, fd.value(), at, name.length);
                set(fd, SOL_SOCKET, SO_REUSEADDR, 0);
            }
            if (result < 0) {
                throw new SyscallException("bind", fd.description(), (int) -result);
            }
        }
    }

    private static void set(Fd fd, int level, int option, int value) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int at = buffer.reserve(Integer.BYTES);
            buffer.bytes().putInt(at, value);
            LibC.call(
                    SyscallNumber.SETSOCKOPT,
                    fd.description(),
                    fd.value(),
                    level,
                    option,
                    buffer.address() + at,
                    Integer.BYTES);
        }
    }

    private static int boundPort(Fd fd) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int name = buffer.reserve(SOCKADDR_IN6_SIZE);
            int length = buffer.reserve(Integer.BYTES);
            buffer.bytes().putInt(length, SOCKADDR_IN6_SIZE);
            LibC.call(
                    SyscallNumber.GETSOCKNAME,
                    fd.description(),
                    fd.value(),
                    buffer.address() + name,
                    buffer.address() + length);
            ByteBuffer bytes = buffer.bytes();
            return Byte.toUnsignedInt(bytes.get(name + PORT)) << Byte.SIZE
                    | Byte.toUnsignedInt(bytes.get(name + PORT + 1));
        }
    }

    /** struct sockaddr_in: u16 family, be16 port, address; struct sockaddr_in6: u32 flow, address, u32 scope after the port. */
    static byte[] socketAddress(InetAddress address, int port) {
        boolean ipv4 = address instanceof Inet4Address;
        ByteBuffer bytes =
                ByteBuffer.allocate(ipv4 ? SOCKADDR_IN_SIZE : SOCKADDR_IN6_SIZE).order(ByteOrder.nativeOrder());
        bytes.putShort((short) (ipv4 ? AF_INET : AF_INET6));
        bytes.order(ByteOrder.BIG_ENDIAN).putShort((short) port);
        if (!ipv4) {
            bytes.putInt(0);
        }
        return bytes.put(address.getAddress()).array();
    }

    /** The port, also where any was asked for. */
    public int port() {
        return port;
    }

    /** Lets others have the port. */
    @Override
    public void close() {
        fd.close();
    }
}
