package io.berth.linux.xattr;

import io.berth.linux.Errno;
import io.berth.linux.FileNameCodec;
import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Extended attributes (man 7 xattr) of an open file, or of a name in an open directory without following a link there.
 * {@code io.berth.linux.fd} offers them on its own types.
 *
 * <p>The l*xattr calls take paths; {@code /proc/self/fd/<directory>/<name>} makes them relative to a descriptor on every
 * kernel (setxattrat exists only since 6.13). It needs /proc, which the engine's host has.
 */
public final class Xattrs {
    /** Bytes that a value or the list of all names can have (XATTR_SIZE_MAX, XATTR_LIST_MAX). */
    private static final int MAX_BYTES = 65536;

    private static final int USUAL_BYTES = 16 * 1024;

    private Xattrs() {}

    /** Sets an attribute of an open file (not one opened with O_PATH). */
    public static void set(int fd, String name, byte[] value, String subject) {
        try (NativeBuffer buffer = NativeBuffer.acquire(value.length + 4096)) {
            long result = LibC.callRaw(
                    SyscallNumber.FSETXATTR, fd, buffer.addString(name), buffer.add(value), value.length, 0);
            check(SyscallNumber.FSETXATTR, result, subject, name);
        }
    }

    /** Sets an attribute of an entry of a directory. */
    public static void setAt(int directory, String entry, String name, byte[] value, String subject) {
        try (NativeBuffer buffer = NativeBuffer.acquire(value.length + 3 * 4096)) {
            long path = buffer.addString(path(directory, entry));
            long result = LibC.callRaw(
                    SyscallNumber.LSETXATTR, path, buffer.addString(name), buffer.add(value), value.length, 0);
            check(SyscallNumber.LSETXATTR, result, subject, name);
        }
    }

    /** An attribute of an open file, or null when it has none of that name. */
    public static byte @Nullable [] get(int fd, String name, String subject) {
        return read(SyscallNumber.FGETXATTR, fd, null, name, subject);
    }

    /** An attribute of an entry of a directory, or null when it has none of that name. */
    public static byte @Nullable [] getAt(int directory, String entry, String name, String subject) {
        return read(SyscallNumber.LGETXATTR, -1, path(directory, entry), name, subject);
    }

    /** The names of an open file's attributes; empty where the file system has none. */
    public static List<String> list(int fd, String subject) {
        return names(read(SyscallNumber.FLISTXATTR, fd, null, null, subject));
    }

    /** The names of an entry's attributes; empty where the file system has none. */
    public static List<String> listAt(int directory, String entry, String subject) {
        return names(read(SyscallNumber.LLISTXATTR, -1, path(directory, entry), null, subject));
    }

    /** Removes an attribute of an open file; fails with ENODATA when there is none. */
    public static void remove(int fd, String name, String subject) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            long result = LibC.callRaw(SyscallNumber.FREMOVEXATTR, fd, buffer.addString(name));
            check(SyscallNumber.FREMOVEXATTR, result, subject, name);
        }
    }

    /** Removes an attribute of an entry of a directory; fails with ENODATA when there is none. */
    public static void removeAt(int directory, String entry, String name, String subject) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            long result = LibC.callRaw(
                    SyscallNumber.LREMOVEXATTR, buffer.addString(path(directory, entry)), buffer.addString(name));
            check(SyscallNumber.LREMOVEXATTR, result, subject, name);
        }
    }

    /** A get (name given) or list (name null) by descriptor (path null) or by path. */
    private static byte @Nullable [] read(
            SyscallNumber call, int fd, @Nullable String path, @Nullable String name, String subject) {
        int size = USUAL_BYTES;
        while (true) {
            try (NativeBuffer buffer = NativeBuffer.acquire(size + 3 * 4096)) {
                int at = buffer.reserveUncleared(size);
                long file = path == null ? fd : buffer.addString(path);
                long value = buffer.address() + at;
                long length = name == null
                        ? LibC.callRaw(call, file, value, size)
                        : LibC.callRaw(call, file, buffer.addString(name), value, size);
                if (length == -Errno.ERANGE && size < MAX_BYTES) {
                    size = MAX_BYTES;
                    continue;
                }
                if (length == -Errno.ENODATA || length == -Errno.EOPNOTSUPP) {
                    return null;
                }
                check(call, length, subject, name == null ? "" : name);
                byte[] bytes = new byte[(int) length];
                buffer.bytes().get(at, bytes);
                return bytes;
            }
        }
    }

    private static List<String> names(byte @Nullable [] list) {
        List<String> names = new ArrayList<>();
        int start = 0;
        for (int i = 0; list != null && i < list.length; i++) {
            if (list[i] == 0) {
                names.add(FileNameCodec.decode(list, start, i - start));
                start = i + 1;
            }
        }
        return names;
    }

    private static String path(int directory, String entry) {
        if (entry.indexOf('/') >= 0 || entry.isEmpty()) {
            throw new IllegalArgumentException("entry: " + FileNameCodec.printable(entry) + " (expected: one name)");
        }
        return "/proc/self/fd/" + directory + "/" + entry;
    }

    private static void check(SyscallNumber call, long result, String subject, String name) {
        if (result < 0) {
            throw new SyscallException(call.callName(), subject + ", " + FileNameCodec.printable(name), (int) -result);
        }
    }
}
