package io.berth.linux.terminal;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Fd;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.fd.OpenFlag;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import io.berth.linux.mount.FileSystemMagic;
import java.util.Arrays;

/**
 * An anonymous pipe. Both ends are blocking and close-on-exec; an {@link io.berth.linux.poll.FdChannel} makes its end
 * non-blocking without touching the other, since they are different open files.
 *
 * @param reader owned by the receiver
 * @param writer owned by the receiver
 */
public record Pipe(Fd reader, Fd writer) implements AutoCloseable {
    private static final int O_CLOEXEC = 0x80000;

    /**
     * Makes a pipe.
     *
     * @param description what it is for, in error messages
     */
    public static Pipe open(String description) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int ends = buffer.reserve(2 * Integer.BYTES);
            LibC.call(SyscallNumber.PIPE2, description, buffer.address() + ends, O_CLOEXEC);
            return new Pipe(
                    Fd.own(buffer.bytes().getInt(ends), description + ", reading end"),
                    Fd.own(buffer.bytes().getInt(ends + Integer.BYTES), description + ", writing end"));
        }
    }

    /**
     * Opens a pipe again by one of its ends, or by a descriptor that only names it.
     *
     * @param end stays open
     * @throws SyscallException EINVAL when it is none
     */
    public static Fd reopen(Fd end, OpenFlag access, OpenFlag... more) {
        // Opening something else could block, or have effects.
        if (magic(end) != FileSystemMagic.PIPEFS) {
            throw new SyscallException("openat", end.description() + ", no pipe", Errno.EINVAL);
        }
        OpenFlag[] flags = Arrays.copyOf(more, more.length + 1);
        flags[more.length] = access;
        return Fd.open("/proc/self/fd/" + end.value(), end.description(), flags);
    }

    /**
     * Opens a further end of a pipe that a process has, not blocking.
     *
     * @param number of the process's descriptor
     * @throws SyscallException EINVAL when it has something else by that number, ENOENT when it has nothing
     */
    public static Fd ofProcess(int pid, int number, OpenFlag access) {
        String path = "/proc/" + pid + "/fd/" + number;
        try (Fd named = Fd.open(path, path, OpenFlag.PATH)) {
            return reopen(named, access, OpenFlag.NON_BLOCKING);
        }
    }

    @SuppressWarnings("resource") // the handle is a view of a descriptor that somebody else owns
    private static long magic(Fd end) {
        return new FileHandle(end).statFileSystem().magic();
    }

    /** Closes what is still open of both ends. */
    @Override
    public void close() {
        reader.close();
        writer.close();
    }
}
