package io.berth.linux.process;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.DirectMemory;
import io.berth.linux.jna.LibC;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A process held by descriptor (pidfd_open(2)): what is sent to it can never reach another process that got its number.
 *
 * <p>Thread-safe, except that {@link #close()} must come after all other calls. For a child this is the only place that
 * reaps it; the status is kept, so that it can be asked for any number of times.
 */
public final class Pidfd implements AutoCloseable {
    private static final int P_PIDFD = 3;
    private static final int WNOHANG = 1;
    private static final int WEXITED = 4;
    private static final int WALL = 0x40000000;
    private static final int CLD_EXITED = 1;
    private static final int CLD_DUMPED = 3;

    static final int SIGINFO_SIZE = 128;
    static final int SIGINFO_CODE = 8;
    static final int SIGINFO_PID = 16;
    static final int SIGINFO_STATUS = 24;

    /** struct pidfd_info of Linux 6.15 (linux/pidfd.h), and its ioctl number, which carries the size. */
    static final int PIDFD_INFO_SIZE = 64;

    static final int PIDFD_INFO_EXIT_CODE = 60;
    static final long PIDFD_GET_INFO = 0xc000ff0bL | (PIDFD_INFO_SIZE << 16);
    private static final long PIDFD_INFO_EXIT = 1 << 3;

    private final Fd fd;
    private final int pid;
    private final Object reaping = new Object();
    private volatile @Nullable ExitStatus status;

    private Pidfd(Fd fd, int pid) {
        this.fd = fd;
        this.pid = pid;
    }

    /** Takes ownership of a pidfd that the kernel gave, as {@code clone3} does. */
    public static Pidfd own(Fd fd, int pid) {
        return new Pidfd(fd, pid);
    }

    /**
     * Holds the process that has this number now, a child or not.
     *
     * @throws SyscallException ESRCH when there is none, ENOENT when it is a thread's that is not its process's first
     */
    public static Pidfd open(int pid) {
        long fd = LibC.call(SyscallNumber.PIDFD_OPEN, "pid " + pid, pid, 0);
        return new Pidfd(Fd.own((int) fd, "pidfd of " + pid), pid);
    }

    /** Holds exactly the process meant, or is empty when it has gone, even if its number is in use again. */
    public static Optional<Pidfd> open(ProcessIdentity identity) {
        Pidfd pidfd;
        try {
            pidfd = open(identity.pid());
        } catch (SyscallException e) {
            // The second: a thread of another process has the number now.
            if (e.errno() == Errno.ESRCH || e.errno() == Errno.ENOENT) {
                return Optional.empty();
            }
            throw e;
        }
        // Read after opening: if the number still is that process's now, it was when it was opened.
        if (ProcessIdentity.read(identity.pid()).filter(identity::equals).isPresent()) {
            return Optional.of(pidfd);
        }
        pidfd.close();
        return Optional.empty();
    }

    public Fd fd() {
        return fd;
    }

    public int pid() {
        return pid;
    }

    /** What to keep to find the process again after a restart; empty when it has been reaped. */
    public Optional<ProcessIdentity> identity() {
        Optional<ProcessIdentity> identity = ProcessIdentity.read(pid);
        // The number cannot have been given away while the process held here still has it.
        return isReaped() ? Optional.empty() : identity;
    }

    /**
     * Sends a signal.
     *
     * @param signal 1 to 64
     * @return false when the process has been reaped already; one that has ended but was not reaped takes any signal
     * @throws SyscallException EPERM and others
     */
    public boolean sendSignal(int signal) {
        long result = LibC.callRaw(SyscallNumber.PIDFD_SEND_SIGNAL, fd.value(), signal, 0, 0);
        if (result == -Errno.ESRCH) {
            return false;
        }
        if (result < 0) {
            throw new SyscallException("pidfd_send_signal", "pid " + pid + ", signal " + signal, (int) -result);
        }
        return true;
    }

    /**
     * How the process ended, without waiting; reaps it when it is a child. Empty while it runs. Of a process that is no
     * child the kernel tells before its parent has reaped it (5.16 and later) and after (6.15 and later); else the status
     * is unknown.
     */
    public Optional<ExitStatus> exitStatus() {
        return Optional.ofNullable(reap(WNOHANG));
    }

    /**
     * Waits for a child to end and reaps it. Blocks the thread in the kernel: platform threads only, and only where
     * the end is near; otherwise {@link ExitWatcher}.
     *
     * @throws SyscallException ECHILD when the process is not a child
     */
    public ExitStatus awaitExit() {
        ExitStatus ended = reap(0);
        if (ended == null) {
            throw new SyscallException("waitid", "pid " + pid, Errno.ECHILD);
        }
        return ended;
    }

    /**
     * Takes a copy of one of the process's descriptors (pidfd_getfd(2)), close-on-exec.
     *
     * @param number the descriptor's number there
     * @throws SyscallException EBADF, EPERM, ESRCH
     */
    public Fd copyDescriptor(int number, String description) {
        long copy = LibC.call(SyscallNumber.PIDFD_GETFD, description + " of pid " + pid, fd.value(), number, 0);
        return Fd.own((int) copy, description);
    }

    private @Nullable ExitStatus reap(int flags) {
        ExitStatus known = status;
        if (known != null) {
            return known;
        }
        synchronized (reaping) {
            if (status == null) {
                status = waitForChild(flags);
            }
            return status;
        }
    }

    private @Nullable ExitStatus waitForChild(int flags) {
        ByteBuffer siginfo = ByteBuffer.allocateDirect(SIGINFO_SIZE).order(ByteOrder.nativeOrder());
        try {
            long result;
            do {
                result = LibC.callRaw(
                        SyscallNumber.WAITID,
                        P_PIDFD,
                        fd.value(),
                        DirectMemory.address(siginfo),
                        WEXITED | WALL | flags,
                        0);
            } while (result == -Errno.EINTR);
            if (result == -Errno.ECHILD) {
                return statusOfOther();
            }
            if (result < 0) {
                throw new SyscallException("waitid", "pid " + pid, (int) -result);
            }
            if (siginfo.getInt(SIGINFO_PID) == 0) {
                return null; // still running
            }
            int code = siginfo.getInt(SIGINFO_CODE);
            int value = siginfo.getInt(SIGINFO_STATUS);
            return code == CLD_EXITED
                    ? new ExitStatus.Exited(value)
                    : new ExitStatus.Signaled(value, code == CLD_DUMPED);
        } finally {
            Reference.reachabilityFence(siginfo);
        }
    }

    private @Nullable ExitStatus statusOfOther() {
        boolean reaped = isReaped(); // asked first: what is told afterwards is then complete
        ByteBuffer info = ByteBuffer.allocateDirect(PIDFD_INFO_SIZE).order(ByteOrder.nativeOrder());
        info.putLong(0, PIDFD_INFO_EXIT);
        try {
            long result = LibC.callRaw(SyscallNumber.IOCTL, fd.value(), PIDFD_GET_INFO, DirectMemory.address(info));
            if (result >= 0 && (info.getLong(0) & PIDFD_INFO_EXIT) != 0) {
                return ExitStatus.ofWaitStatus(info.getInt(PIDFD_INFO_EXIT_CODE));
            }
            return reaped ? new ExitStatus.Unknown() : statusOfUnreaped();
        } finally {
            Reference.reachabilityFence(info);
        }
    }

    /** A process that has ended but not been reaped still shows its status to who may trace it. */
    private @Nullable ExitStatus statusOfUnreaped() {
        Optional<ExitStatus> shown =
                ProcessStat.read(pid).flatMap(ProcessStat::waitStatus).map(ExitStatus::ofWaitStatus);
        // If the number still is this process's now, it was so when it was read.
        return isReaped() ? null : shown.orElse(null);
    }

    private boolean isReaped() {
        return LibC.callRaw(SyscallNumber.PIDFD_SEND_SIGNAL, fd.value(), 0, 0, 0) == -Errno.ESRCH;
    }

    @Override
    public void close() {
        fd.close();
    }

    @Override
    public String toString() {
        return "pidfd of " + pid;
    }
}
