package io.berth.linux.socket;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A Unix datagram socket that is connected to one address, which the JDK has none of: how programs talk to syslog and journald
 * on their own host. Never blocks. One thread at a time.
 */
public final class UnixDatagramSocket implements AutoCloseable {
    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM_CLOEXEC_NONBLOCK = 2 | 0_2000000 | 0_4000;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MAX_PATH_BYTES = 107;
    private static final int PATH = 2;

    private final Fd fd;

    private UnixDatagramSocket(Fd fd) {
        this.fd = fd;
    }

    /**
     * Connects to the socket at a path.
     *
     * @throws SyscallException ENOENT, ECONNREFUSED, EPROTOTYPE when it is a stream socket
     */
    public static UnixDatagramSocket connect(Path path) {
        byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
        if (name.length > MAX_PATH_BYTES) {
            throw new SyscallException("connect", path.toString(), Errno.ENAMETOOLONG);
        }
        Fd fd = Fd.own(
                (int) LibC.call(SyscallNumber.SOCKET, path.toString(), AF_UNIX, SOCK_DGRAM_CLOEXEC_NONBLOCK, 0),
                path.toString());
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int length = PATH + name.length + 1;
            int address = buffer.reserve(length);
            buffer.bytes().order(ByteOrder.nativeOrder()).putShort(address, (short) AF_UNIX);
            buffer.bytes().put(address + PATH, name);
            LibC.call(SyscallNumber.CONNECT, path.toString(), fd.value(), buffer.address() + address, length);
            return new UnixDatagramSocket(fd);
        } catch (SyscallException e) {
            fd.close();
            throw e;
        }
    }

    /**
     * Sends one datagram.
     *
     * @throws SyscallException EAGAIN when the receiver's queue is full, EMSGSIZE, ECONNREFUSED and others; it is lost then
     */
    public void send(byte[] datagram) {
        try (NativeBuffer buffer = NativeBuffer.acquire(datagram.length + Long.BYTES)) {
            LibC.call(
                    SyscallNumber.SENDTO,
                    fd.description(),
                    fd.value(),
                    buffer.add(datagram),
                    datagram.length,
                    MSG_NOSIGNAL,
                    0,
                    0);
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
