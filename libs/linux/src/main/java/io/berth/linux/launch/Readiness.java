package io.berth.linux.launch;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeArena;
import java.time.Duration;

/** Waits on a platform thread, in the kernel, for a descriptor that should be ready soon. */
final class Readiness {
    private static final short POLLIN = 1;
    private static final int TIMESPEC = 8;

    private Readiness() {}

    /**
     * Waits until a descriptor can be read, or a pidfd's process has ended.
     *
     * @return false when the time is over
     */
    static boolean await(Fd fd, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        try (NativeArena memory = NativeArena.map(TIMESPEC + 16)) {
            while (true) {
                Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
                memory.view()
                        .putInt(0, fd.value())
                        .putShort(4, POLLIN)
                        .putLong(TIMESPEC, left.toSeconds())
                        .putLong(TIMESPEC + 8, left.toNanosPart());
                long ready = LibC.callRaw(SyscallNumber.PPOLL, memory.address(0), 1, memory.address(TIMESPEC), 0, 0);
                if (ready >= 0) {
                    return ready > 0;
                }
                if (ready != -Errno.EINTR) {
                    throw new SyscallException("ppoll", fd.description(), (int) -ready);
                }
            }
        }
    }
}
