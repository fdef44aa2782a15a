package io.berth.linux.fd;

import io.berth.linux.Errno;
import io.berth.linux.FileNameCodec;
import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The kernel's *at calls on one name in a directory, each one system call, none of which follows a symbolic link at that
 * name. Only {@link #openRaw} takes a path; everything else expects a single name, or {@code .} for the directory itself.
 */
final class At {
    static final int SYMLINK_NOFOLLOW = 0x100;
    static final int REMOVE_DIRECTORY = 0x200;
    static final int EMPTY_PATH = 0x1000;
    private static final int NO_AUTOMOUNT = 0x800;
    private static final int PATH_MAX = 4096;
    private static final long UTIME_OMIT = (1L << 30) - 2;
    private static final int OPEN_HOW_SIZE = 24;
    private static final int RACE_RETRIES = 1000;

    private At() {}

    static SyscallException failure(SyscallNumber call, String directory, String name, long result) {
        return new SyscallException(call.callName(), directory + ": " + FileNameCodec.printable(name), (int) -result);
    }

    static void checkLength(SyscallNumber call, String path) {
        if (path.length() >= PATH_MAX) {
            throw new SyscallException(call.callName(), FileNameCodec.printable(path), Errno.ENAMETOOLONG);
        }
    }

    /** Opens with openat2 and returns the descriptor or the negated error number. */
    static int openRaw(int directory, String path, int flags, int mode, Resolution resolution) {
        checkLength(SyscallNumber.OPENAT2, path);
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int how = buffer.reserve(OPEN_HOW_SIZE);
            ByteBuffer bytes = buffer.bytes();
            bytes.putLong(how, Integer.toUnsignedLong(flags));
            bytes.putLong(how + 8, mode);
            bytes.putLong(how + 16, resolution.flags());
            long address = buffer.addString(path);
            // EAGAIN: a rename or mount elsewhere raced with "..", and the kernel could not prove that it stayed
            // inside.
            for (int attempt = 0; ; attempt++) {
                long result =
                        LibC.callRaw(SyscallNumber.OPENAT2, directory, address, buffer.address() + how, OPEN_HOW_SIZE);
                boolean retry = result == -Errno.EINTR || (result == -Errno.EAGAIN && attempt < RACE_RETRIES);
                if (!retry) {
                    return (int) result;
                }
            }
        }
    }

    /** A call whose arguments are a directory, a name and up to three numbers. */
    static long call(SyscallNumber number, int directory, String name, long a2, long a3, long a4) {
        checkLength(number, name);
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            return LibC.callRaw(number.number(), directory, buffer.addString(name), a2, a3, a4, 0);
        }
    }

    static long symlink(String target, int directory, String name) {
        checkLength(SyscallNumber.SYMLINKAT, target);
        checkLength(SyscallNumber.SYMLINKAT, name);
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            return LibC.callRaw(SyscallNumber.SYMLINKAT, buffer.addString(target), directory, buffer.addString(name));
        }
    }

    /** linkat or renameat2: two directories, two names, flags. */
    static long twoNames(SyscallNumber number, int from, String fromName, int to, String toName, int flags) {
        checkLength(number, fromName);
        checkLength(number, toName);
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            return LibC.callRaw(number, from, buffer.addString(fromName), to, buffer.addString(toName), flags);
        }
    }

    static @Nullable FileStat stat(int directory, String name, String description, boolean absentIsNull) {
        checkLength(SyscallNumber.STATX, name);
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int at = buffer.reserveUncleared(FileStat.SIZE);
            int flags = SYMLINK_NOFOLLOW | NO_AUTOMOUNT | (name.isEmpty() ? EMPTY_PATH : 0);
            long result = LibC.callRaw(
                    SyscallNumber.STATX,
                    directory,
                    buffer.addString(name),
                    flags,
                    FileStat.MASK,
                    buffer.address() + at);
            if (result < 0) {
                if (absentIsNull && (result == -Errno.ENOENT || result == -Errno.ENOTDIR)) {
                    return null;
                }
                throw failure(SyscallNumber.STATX, description, name, result);
            }
            return FileStat.read(buffer.bytes(), at);
        }
    }

    static String readLink(int directory, String name, String description) {
        checkLength(SyscallNumber.READLINKAT, name);
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int at = buffer.reserveUncleared(PATH_MAX);
            long length = LibC.callRaw(
                    SyscallNumber.READLINKAT, directory, buffer.addString(name), buffer.address() + at, PATH_MAX);
            if (length < 0) {
                throw failure(SyscallNumber.READLINKAT, description, name, length);
            }
            byte[] target = new byte[(int) length];
            buffer.bytes().get(at, target);
            return FileNameCodec.decode(target);
        }
    }

    /** utimensat; null leaves a time as it is; the empty name means the descriptor itself. */
    static long setTimes(int directory, String name, @Nullable Instant accessed, @Nullable Instant modified) {
        checkLength(SyscallNumber.UTIMENSAT, name);
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int at = buffer.reserve(32);
            putTime(buffer.bytes(), at, accessed);
            putTime(buffer.bytes(), at + 16, modified);
            // A null path sets the times of an open file; AT_EMPTY_PATH works only since 5.8 (man utimensat).
            long path = name.isEmpty() ? 0 : buffer.addString(name);
            int flags = name.isEmpty() ? 0 : SYMLINK_NOFOLLOW;
            return LibC.callRaw(SyscallNumber.UTIMENSAT, directory, path, buffer.address() + at, flags);
        }
    }

    private static void putTime(ByteBuffer bytes, int at, @Nullable Instant time) {
        bytes.putLong(at, time == null ? 0 : time.getEpochSecond());
        bytes.putLong(at + 8, time == null ? UTIME_OMIT : time.getNano());
    }

    static FileSystemStat statFileSystem(Fd fd) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int at = buffer.reserveUncleared(FileSystemStat.SIZE);
            LibC.call(SyscallNumber.FSTATFS, fd.description(), fd.value(), buffer.address() + at);
            return FileSystemStat.read(buffer.bytes(), at);
        }
    }

    /** Reads the next entries of an open directory; an empty list means the end. */
    static List<DirectoryEntry> nextEntries(Fd directory) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            List<DirectoryEntry> entries = new ArrayList<>();
            while (entries.isEmpty()) {
                long length = LibC.callRaw(
                        SyscallNumber.GETDENTS64, directory.value(), buffer.address(), NativeBuffer.POOLED_SIZE);
                if (length == 0 || length == -Errno.ENOENT) { // ENOENT: the directory itself was removed
                    break;
                }
                if (length < 0) {
                    throw failure(SyscallNumber.GETDENTS64, directory.description(), ".", length);
                }
                readEntries(buffer.bytes(), (int) length, entries);
            }
            return entries;
        }
    }

    /** Parses struct linux_dirent64: u64 inode, s64 offset, u16 record length, u8 type, name with NUL. */
    private static void readEntries(ByteBuffer bytes, int length, List<DirectoryEntry> entries) {
        byte[] name = new byte[256];
        int at = 0;
        while (at < length) {
            int end = at + Short.toUnsignedInt(bytes.getShort(at + 16));
            int nameLength = 0;
            byte next = bytes.get(at + 19);
            while (next != 0) {
                if (nameLength == name.length) {
                    name = java.util.Arrays.copyOf(name, name.length * 2);
                }
                name[nameLength++] = next;
                next = bytes.get(at + 19 + nameLength);
            }
            boolean self = name[0] == '.' && (nameLength == 1 || (nameLength == 2 && name[1] == '.'));
            if (!self) {
                entries.add(new DirectoryEntry(
                        FileNameCodec.decode(name, 0, nameLength),
                        FileType.ofDirent(bytes.get(at + 18)),
                        bytes.getLong(at)));
            }
            at = end;
        }
    }
}
