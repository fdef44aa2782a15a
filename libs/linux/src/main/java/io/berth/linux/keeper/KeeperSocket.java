package io.berth.linux.keeper;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import java.util.List;

/**
 * The socket over which a keeper is told what to keep: messages in order, descriptors beside them ({@code unix(7)},
 * SCM_RIGHTS).
 *
 * @param ours to send on
 * @param keepers where the keeper receives
 */
record KeeperSocket(Fd ours, Fd keepers) implements AutoCloseable {
    private static final int AF_UNIX = 1;
    private static final int SOCK_SEQPACKET_CLOEXEC = 5 | 0_2000000;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int MSG_NOSIGNAL = 0x4000;

    static final int MSGHDR_SIZE = 56;
    static final int CMSGHDR_SIZE = 16;
    static final int IOVEC_SIZE = 16;

    static KeeperSocket open() {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int ends = buffer.reserve(2 * Integer.BYTES);
            LibC.call(SyscallNumber.SOCKETPAIR, "keeper", AF_UNIX, SOCK_SEQPACKET_CLOEXEC, 0, buffer.address() + ends);
            return new KeeperSocket(
                    Fd.own(buffer.bytes().getInt(ends), "keeper's socket, sending end"),
                    Fd.own(buffer.bytes().getInt(ends + Integer.BYTES), "keeper's socket, receiving end"));
        }
    }

    /**
     * Sends one message.
     *
     * @param descriptors none, or one for each number
     * @throws SyscallException EPIPE or ECONNRESET when the keeper has ended
     */
    static void send(Fd socket, int[] numbers, List<Fd> descriptors) {
        if (numbers.length == 0
                || numbers.length > KeeperCode.MAX_NUMBERS
                || (!descriptors.isEmpty() && descriptors.size() != numbers.length)) {
            throw new IllegalArgumentException(
                    "keeper message: " + numbers.length + " numbers, " + descriptors.size() + " descriptors");
        }
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int length = numbers.length * Integer.BYTES;
            int header = buffer.reserve(MSGHDR_SIZE);
            int vector = buffer.reserve(IOVEC_SIZE);
            int payload = buffer.reserve(length);
            for (int i = 0; i < numbers.length; i++) {
                buffer.bytes().putInt(payload + i * Integer.BYTES, numbers[i]);
            }
            buffer.bytes().putLong(vector, buffer.address() + payload).putLong(vector + 8, length);
            buffer.bytes().putLong(header + 16, buffer.address() + vector).putLong(header + 24, 1);
            if (!descriptors.isEmpty()) {
                addRights(buffer, header, descriptors);
            }
            long result;
            do {
                result = LibC.callRaw(SyscallNumber.SENDMSG, socket.value(), buffer.address() + header, MSG_NOSIGNAL);
            } while (result == -Errno.EINTR);
            if (result < 0) {
                throw new SyscallException("sendmsg", "keeper", (int) -result);
            }
        }
    }

    private static void addRights(NativeBuffer buffer, int header, List<Fd> descriptors) {
        int length = CMSGHDR_SIZE + descriptors.size() * Integer.BYTES;
        int space = (length + 7) & ~7;
        int control = buffer.reserve(space);
        buffer.bytes().putLong(control, length).putInt(control + 8, SOL_SOCKET).putInt(control + 12, SCM_RIGHTS);
        for (int i = 0; i < descriptors.size(); i++) {
            buffer.bytes()
                    .putInt(
                            control + CMSGHDR_SIZE + i * Integer.BYTES,
                            descriptors.get(i).value());
        }
        buffer.bytes().putLong(header + 32, buffer.address() + control).putLong(header + 40, space);
    }

    @Override
    public void close() {
        ours.close();
        keepers.close();
    }
}
