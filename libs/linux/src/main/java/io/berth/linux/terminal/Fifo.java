package io.berth.linux.terminal;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Fd;
import io.berth.linux.fd.OpenFlag;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import io.berth.linux.jna.SyscallNumber;
import java.nio.file.Path;

/**
 * Named pipes, by which a container's output outlives the engine: the container holds its output's FIFO open for reading and
 * writing, so that it blocks rather than breaks while nobody reads, and a new engine opens it by its path again.
 *
 * <p>Paths are the engine's own: they must not lie where a container can write.
 */
public final class Fifo {
    private static final int AT_FDCWD = -100;
    private static final int S_IFIFO = 0010000;
    private static final int OWNER_ONLY = 0600;
    private static final int F_GETPIPE_SZ = 1032;

    private Fifo() {}

    /**
     * Makes a FIFO that only this user may open.
     *
     * @throws SyscallException EEXIST when the path is taken
     */
    public static void create(Path path) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            LibC.call(
                    SyscallNumber.MKNODAT,
                    path.toString(),
                    AT_FDCWD,
                    buffer.addString(path.toString()),
                    S_IFIFO | OWNER_ONLY,
                    0);
        }
    }

    /** Opens for reading without blocking, also when nobody writes yet; a read then says end of file, not "nothing yet". */
    public static Fd openReader(Path path) {
        return open(path, "reading", OpenFlag.READ, OpenFlag.NON_BLOCKING, OpenFlag.NO_FOLLOW);
    }

    /**
     * Opens for writing without blocking.
     *
     * @throws SyscallException ENXIO when nobody reads
     */
    public static Fd openWriter(Path path) {
        return open(path, "writing", OpenFlag.WRITE, OpenFlag.NON_BLOCKING, OpenFlag.NO_FOLLOW);
    }

    /**
     * Opens for reading and writing, blocking: the side that a container inherits. It never sees an end of file or a broken
     * pipe for as long as it lives itself.
     */
    public static Fd openBoth(Path path) {
        return open(path, "reading and writing", OpenFlag.READ_WRITE, OpenFlag.NO_FOLLOW);
    }

    private static Fd open(Path path, String use, OpenFlag... flags) {
        String description = path + ", " + use;
        Fd fd = Fd.open(path.toString(), description, flags);
        // Anything but a pipe has no pipe size: a regular file put in its place would never block or end.
        long size = LibC.callRaw(SyscallNumber.FCNTL, fd.value(), F_GETPIPE_SZ);
        if (size < 0) {
            fd.close();
            throw new SyscallException("openat", description + ", no FIFO", Errno.EINVAL);
        }
        return fd;
    }
}
