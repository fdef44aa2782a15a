package io.berth.linux.launch;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeArena;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;

/**
 * A file in memory for one launch (memfd_create(2)), close-on-exec. Filled and read by way of a buffer that its launch has
 * anyway, which must stay open as long as this is used.
 */
final class MemoryFile implements AutoCloseable {
    /** F_SEAL_SEAL, SHRINK and GROW: what maps it finds all of it. */
    static final int SIZE_SEALS = 0x7;
    /** And F_SEAL_WRITE. */
    static final int ALL_SEALS = 0xf;

    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;
    private static final int F_SETFD = 2;
    private static final int F_ADD_SEALS = 1033;

    private final NativeArena buffer;
    private final Fd fd;

    private MemoryFile(NativeArena buffer, Fd fd) {
        this.buffer = buffer;
        this.fd = fd;
    }

    static MemoryFile create(NativeArena buffer, String name) {
        buffer.write(0, (name + "\0").getBytes(StandardCharsets.US_ASCII));
        long fd = LibC.call(SyscallNumber.MEMFD_CREATE, name, buffer.address(0), MFD_CLOEXEC | MFD_ALLOW_SEALING);
        return new MemoryFile(buffer, Fd.own((int) fd, name));
    }

    /** Adds steps that keep descriptors of this process open over the child's execution of a stage. */
    static void keep(LaunchProgramBuilder stage, Collection<Fd> descriptors) {
        for (Fd fd : descriptors) {
            stage.named("keep " + fd.description())
                    .call(SyscallNumber.FCNTL, FdArgument.of(fd), Argument.of(F_SETFD), Argument.of(0));
        }
    }

    Fd fd() {
        return fd;
    }

    MemoryFile write(int position, byte[] bytes) {
        for (int done = 0; done < bytes.length; ) {
            int length = Math.min(bytes.length - done, buffer.size());
            buffer.write(0, Arrays.copyOfRange(bytes, done, done + length));
            long written = LibC.call(
                    SyscallNumber.PWRITE64,
                    fd.description(),
                    fd.value(),
                    buffer.address(0),
                    length,
                    (long) position + done);
            if (written != length) {
                throw new SyscallException("pwrite64", fd.description(), Errno.ENOSPC);
            }
            done += length;
        }
        return this;
    }

    MemoryFile seal(int seals) {
        LibC.call(SyscallNumber.FCNTL, "seals of " + fd.description(), fd.value(), F_ADD_SEALS, seals);
        return this;
    }

    /** Reads the beginning of the file into memory that is given. */
    void read(NativeArena into, int size) {
        long read = LibC.call(SyscallNumber.PREAD64, fd.description(), fd.value(), into.address(0), size, 0L);
        if (read != size) {
            throw new IllegalStateException(fd.description() + " of " + read + " bytes (expected: " + size + ")");
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
