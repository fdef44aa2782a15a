package io.berth.linux.fd;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import io.berth.linux.xattr.Xattrs;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An open file and what can be done with it by its descriptor alone.
 *
 * <p>Owns the descriptor: close it. Calls go straight to the kernel, so one object may be used by several threads as far
 * as the kernel allows it; reads and writes without a position share the file's offset. Every failure is a
 * {@link SyscallException} that names the call. Calls on regular files block the carrier of a virtual thread while they
 * last; do not read from FIFOs, terminals or sockets through this class on virtual threads.
 */
public final class FileHandle implements AutoCloseable {
    private static final int CHUNK = NativeBuffer.POOLED_SIZE;
    private static final int MAX_COPY = 1 << 30;

    private final Fd fd;

    /** Takes ownership of a descriptor. */
    public FileHandle(Fd fd) {
        this.fd = fd;
    }

    public Fd fd() {
        return fd;
    }

    /**
     * Reads from the current offset.
     *
     * @return the number of bytes, at least 1; or -1 at the end of the file or for a length of 0
     */
    public int read(byte[] target, int offset, int length) {
        return readAt(-1, target, offset, length);
    }

    /**
     * Reads from a position, leaving the offset as it is.
     *
     * @param position bytes from the start; -1 means the current offset, and moves it
     * @return the number of bytes, at least 1; or -1 at the end of the file or for a length of 0
     */
    public int readAt(long position, byte[] target, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, target.length);
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int wanted = Math.min(length, CHUNK);
            long count;
            do {
                count = position < 0
                        ? LibC.callRaw(SyscallNumber.READ, fd.value(), buffer.address(), wanted)
                        : LibC.callRaw(SyscallNumber.PREAD64, fd.value(), buffer.address(), wanted, position);
            } while (count == -Errno.EINTR);
            if (count < 0) {
                throw failure(SyscallNumber.READ, count);
            }
            buffer.bytes().get(0, target, offset, (int) count);
            return count == 0 ? -1 : (int) count;
        }
    }

    /**
     * Reads from the current offset to the end.
     *
     * @param maxBytes more is refused with EINVAL, however much of it could be read
     */
    public byte[] readAtMost(int maxBytes) {
        byte[] bytes = new byte[(int) Math.min(Math.max(stat().size(), 512), maxBytes) + 1];
        int length = 0;
        for (int count = read(bytes, 0, bytes.length); count > 0; ) {
            length += count;
            if (length > maxBytes) {
                throw failure(SyscallNumber.READ, -Errno.EINVAL);
            }
            if (length == bytes.length) {
                bytes = Arrays.copyOf(bytes, (int) Math.min(2L * length, maxBytes + 1L));
            }
            count = read(bytes, length, bytes.length - length);
        }
        return Arrays.copyOf(bytes, length);
    }

    /** Writes all bytes at the current offset; on failure some of them may have been written. */
    public void write(byte[] source, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, source.length);
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int done = 0;
            while (done < length) {
                int chunk = Math.min(length - done, CHUNK);
                buffer.bytes().put(0, source, offset + done, chunk);
                writeFully(buffer.address(), chunk);
                done += chunk;
            }
        }
    }

    private void writeFully(long address, int length) {
        int done = 0;
        while (done < length) {
            long count = LibC.callRaw(SyscallNumber.WRITE, fd.value(), address + done, length - done);
            if (count >= 0) {
                done += (int) count;
            } else if (count != -Errno.EINTR) {
                throw failure(SyscallNumber.WRITE, count);
            }
        }
    }

    /**
     * Copies from another file's current offset to this one's, inside the kernel where the file systems allow it
     * (shared extents on those that have them), else through memory.
     *
     * @param maxBytes stop after that many
     * @return bytes copied; less than asked only at the source's end
     */
    public long copyFrom(FileHandle source, long maxBytes) {
        long copied = 0;
        while (copied < maxBytes) {
            long count = LibC.callRaw(
                    SyscallNumber.COPY_FILE_RANGE,
                    source.fd.value(),
                    0,
                    fd.value(),
                    0,
                    Math.min(maxBytes - copied, MAX_COPY),
                    0);
            if (count == 0) {
                // Also what files of procfs and sysfs say, whose size is 0: a read tells the end from that.
                return copied + copyThroughMemory(source, maxBytes - copied);
            }
            if (count > 0) {
                copied += count;
            } else if (count == -Errno.EXDEV
                    || count == -Errno.EINVAL
                    || count == -Errno.EOPNOTSUPP
                    || count == -Errno.ENOSYS
                    || count == -Errno.EPERM
                    || count == -Errno.EBADF) {
                return copied + copyThroughMemory(source, maxBytes - copied);
            } else if (count != -Errno.EINTR) {
                throw failure(SyscallNumber.COPY_FILE_RANGE, count);
            }
        }
        return copied;
    }

    private long copyThroughMemory(FileHandle source, long maxBytes) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            long copied = 0;
            while (copied < maxBytes) {
                int wanted = (int) Math.min(CHUNK, maxBytes - copied);
                long count = LibC.callRaw(SyscallNumber.READ, source.fd.value(), buffer.address(), wanted);
                if (count == 0) {
                    return copied;
                }
                if (count > 0) {
                    writeFully(buffer.address(), (int) count);
                    copied += count;
                } else if (count != -Errno.EINTR) {
                    throw source.failure(SyscallNumber.READ, count);
                }
            }
            return copied;
        }
    }

    /** A stream from the current offset; each read is one system call of up to 64 KiB. Closing it closes this. */
    public InputStream inputStream() {
        return new FileStreams.Input(this);
    }

    /** A stream to the current offset; each write goes to the kernel at once. Closing it closes this. */
    public OutputStream outputStream() {
        return new FileStreams.Output(this);
    }

    /** Moves the offset, counted from the start. */
    public void seek(long position) {
        LibC.call(SyscallNumber.LSEEK, fd.description(), fd.value(), position, 0);
    }

    /** Cuts or extends the file; what is added reads as zeros and takes no space. */
    public void truncate(long size) {
        LibC.call(SyscallNumber.FTRUNCATE, fd.description(), fd.value(), size);
    }

    public FileStat stat() {
        return Objects.requireNonNull(At.stat(fd.value(), "", fd.description(), false));
    }

    public FileSystemStat statFileSystem() {
        return At.statFileSystem(fd);
    }

    /**
     * Where the file is now, without links: absolute, from this process's root; from the root of the mount where that is
     * attached nowhere. A removed file's ends in {@code  (deleted)}.
     */
    public String path() {
        return At.readLink(AT_FDCWD, "/proc/self/fd/" + fd.value(), fd.description());
    }

    private static final int AT_FDCWD = -100;

    /** Changes owner and group (unsigned 32 bits each); clears set-id bits, so do it before {@link #chmod}. */
    public void chown(long uid, long gid) {
        long result = At.call(SyscallNumber.FCHOWNAT, fd.value(), "", uid, gid, At.EMPTY_PATH);
        if (result < 0) {
            throw failure(SyscallNumber.FCHOWNAT, result);
        }
    }

    /** Changes the lower twelve bits of the mode, regardless of the umask. */
    public void chmod(int permissions) {
        LibC.call(SyscallNumber.FCHMOD, fd.description(), fd.value(), permissions);
    }

    /** Sets the times to the nanosecond; null leaves one as it is. */
    public void setTimes(@Nullable Instant accessed, @Nullable Instant modified) {
        long result = At.setTimes(fd.value(), "", accessed, modified);
        if (result < 0) {
            throw failure(SyscallNumber.UTIMENSAT, result);
        }
    }

    public void setXattr(String name, byte[] value) {
        Xattrs.set(fd.value(), name, value, fd.description());
    }

    /** The attribute's value, or null when there is none of that name. */
    public byte @Nullable [] xattr(String name) {
        return Xattrs.get(fd.value(), name, fd.description());
    }

    public List<String> xattrNames() {
        return Xattrs.list(fd.value(), fd.description());
    }

    public void removeXattr(String name) {
        Xattrs.remove(fd.value(), name, fd.description());
    }

    /** Returns when contents and metadata are on the device. */
    public void sync() {
        LibC.call(SyscallNumber.FSYNC, fd.description(), fd.value());
    }

    /** Returns when contents, and what is needed to read them, are on the device. */
    public void syncData() {
        LibC.call(SyscallNumber.FDATASYNC, fd.description(), fd.value());
    }

    private SyscallException failure(SyscallNumber call, long result) {
        return new SyscallException(call.callName(), fd.description(), (int) -result);
    }

    @Override
    public void close() {
        fd.close();
    }

    @Override
    public String toString() {
        return fd.toString();
    }
}
