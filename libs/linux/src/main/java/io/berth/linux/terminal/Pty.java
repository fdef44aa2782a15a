package io.berth.linux.terminal;

import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;

/**
 * A pseudo-terminal, held by its master side (pty(7)). The other side is opened by descriptor (TIOCGPTPEER), never by a path
 * that somebody could have replaced.
 *
 * <p>Thread-safe, except that {@link #close()} must come after all other calls. Closing hangs up: the processes of the
 * terminal's session get SIGHUP.
 */
public final class Pty implements AutoCloseable {
    private static final int AT_FDCWD = -100;
    private static final int O_RDWR = 2;
    private static final int O_NOCTTY = 0x100;
    private static final int O_CLOEXEC = 0x80000;

    // asm-generic/ioctls.h, the same on both architectures.
    private static final long TIOCSPTLCK = 0x40045431L;
    private static final long TIOCGPTN = 0x80045430L;
    private static final long TIOCGPTPEER = 0x5441;
    private static final long TIOCGWINSZ = 0x5413;
    private static final long TIOCSWINSZ = 0x5414;

    /** struct winsize: rows, columns, and two sizes in pixels, 16 bits each. */
    static final int WINSIZE_SIZE = 8;

    private final Fd master;

    private Pty(Fd master) {
        this.master = master;
    }

    /**
     * Opens a terminal of this process's {@code /dev/ptmx}.
     *
     * @throws SyscallException ENOSPC when terminals run out
     */
    public static Pty open() {
        return unlocked(openMaster(AT_FDCWD, "/dev/ptmx"));
    }

    /**
     * Opens a terminal of a devpts file system, such as a container's own.
     *
     * @param devpts its root directory or its (detached) mount, open
     */
    public static Pty openIn(Fd devpts) {
        return unlocked(openMaster(devpts.value(), "ptmx"));
    }

    /** Takes ownership of a master side that was opened elsewhere. */
    public static Pty own(Fd master) {
        return new Pty(master);
    }

    private static Fd openMaster(int directory, String path) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            long fd = LibC.call(
                    SyscallNumber.OPENAT, path, directory, buffer.addString(path), O_RDWR | O_NOCTTY | O_CLOEXEC, 0);
            return Fd.own((int) fd, "terminal");
        }
    }

    private static Pty unlocked(Fd master) {
        try (NativeBuffer zero = NativeBuffer.acquire()) {
            LibC.call(
                    SyscallNumber.IOCTL,
                    "TIOCSPTLCK",
                    master.value(),
                    TIOCSPTLCK,
                    zero.address() + zero.reserve(Integer.BYTES));
            return new Pty(master);
        } catch (RuntimeException e) {
            master.close();
            throw e;
        }
    }

    public Fd master() {
        return master;
    }

    /** Opens the side for the terminal's programs, without making it this process's controlling terminal. */
    public Fd openPeer() {
        long fd = LibC.call(
                SyscallNumber.IOCTL, "TIOCGPTPEER", master.value(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
        return Fd.own((int) fd, "terminal, program's side");
    }

    /** The number in {@code /dev/pts} of its file system. */
    public int number() {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int number = buffer.reserve(Integer.BYTES);
            LibC.call(SyscallNumber.IOCTL, "TIOCGPTN", master.value(), TIOCGPTN, buffer.address() + number);
            return buffer.bytes().getInt(number);
        }
    }

    /**
     * Sets the size; the foreground process group gets SIGWINCH when it changes.
     *
     * @param size in characters
     */
    public void resize(WindowSize size) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int winsize = buffer.reserve(WINSIZE_SIZE);
            buffer.bytes().putShort(winsize, (short) size.rows()).putShort(winsize + 2, (short) size.columns());
            LibC.call(SyscallNumber.IOCTL, "TIOCSWINSZ", master.value(), TIOCSWINSZ, buffer.address() + winsize);
        }
    }

    public WindowSize size() {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int winsize = buffer.reserve(WINSIZE_SIZE);
            LibC.call(SyscallNumber.IOCTL, "TIOCGWINSZ", master.value(), TIOCGWINSZ, buffer.address() + winsize);
            return new WindowSize(
                    Short.toUnsignedInt(buffer.bytes().getShort(winsize)),
                    Short.toUnsignedInt(buffer.bytes().getShort(winsize + 2)));
        }
    }

    @Override
    public void close() {
        master.close();
    }

    /**
     * A terminal's size.
     *
     * @param rows 0 to 65535; 0 is unknown
     * @param columns 0 to 65535; 0 is unknown
     */
    public record WindowSize(int rows, int columns) {
        public WindowSize {
            if (rows < 0 || rows > 0xffff || columns < 0 || columns > 0xffff) {
                throw new IllegalArgumentException(
                        "window size: " + rows + " rows, " + columns + " columns (expected: 0 to 65535)");
            }
        }
    }
}
