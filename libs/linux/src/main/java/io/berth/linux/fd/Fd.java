package io.berth.linux.fd;

import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open file descriptor that this object owns. Every descriptor that Berth opens is close-on-exec.
 *
 * <p>Thread-safe: {@link #close()} closes exactly once, and {@link #value()} fails afterwards instead of naming whatever
 * file got the number next. It does not defer closing while another thread is inside a call on the number: the owner
 * closes only after its users have stopped.
 */
public final class Fd implements AutoCloseable {
    private static final int CLOSED = -1;
    private static final int AT_FDCWD = -100;

    private final AtomicInteger number;
    private final String description;

    private Fd(int number, String description) {
        this.number = new AtomicInteger(number);
        this.description = description;
    }

    /**
     * Takes ownership of an open descriptor.
     *
     * @param number not negative
     * @param description what it names, for error messages
     */
    public static Fd own(int number, String description) {
        if (number < 0) {
            throw new IllegalArgumentException("descriptor: " + number + " (expected: >= 0)");
        }
        return new Fd(number, description);
    }

    /**
     * Opens a file by its path (openat(2)).
     *
     * @param path absolute; links are followed unless a flag says otherwise
     * @param description what it is, for error messages
     * @throws SyscallException when it cannot be opened
     */
    public static Fd open(String path, String description, OpenFlag... flags) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            long address = buffer.addString(path);
            long number =
                    LibC.call(SyscallNumber.OPENAT, description, AT_FDCWD, address, OpenFlag.bits(List.of(flags)), 0);
            return own((int) number, description);
        }
    }

    /**
     * The descriptor's number, for as long as this object is open.
     *
     * @throws IllegalStateException when it has been closed
     */
    public int value() {
        int value = number.get();
        if (value == CLOSED) {
            throw new IllegalStateException("descriptor is closed: " + description);
        }
        return value;
    }

    /** What it names, for error messages. */
    public String description() {
        return description;
    }

    public boolean isOpen() {
        return number.get() != CLOSED;
    }

    /** Gives up ownership: the caller must close the returned number. */
    public int release() {
        int value = number.getAndSet(CLOSED);
        if (value == CLOSED) {
            throw new IllegalStateException("descriptor is closed: " + description);
        }
        return value;
    }

    /** Closes the descriptor once; an error of the kernel is not reported, since the number is free in any case. */
    @Override
    public void close() {
        int value = number.getAndSet(CLOSED);
        if (value != CLOSED) {
            LibC.callRaw(SyscallNumber.CLOSE, value);
        }
    }

    /** A second descriptor for the same open file (dup3 semantics: close-on-exec). */
    public Fd duplicate() {
        long copy = LibC.callRaw(SyscallNumber.FCNTL, value(), F_DUPFD_CLOEXEC, 3);
        if (copy < 0) {
            throw new SyscallException("fcntl", description + ", F_DUPFD_CLOEXEC", (int) -copy);
        }
        return new Fd((int) copy, description);
    }

    private static final int F_DUPFD_CLOEXEC = 1030;

    @Override
    public String toString() {
        return "fd " + number.get() + " (" + description + ")";
    }
}
