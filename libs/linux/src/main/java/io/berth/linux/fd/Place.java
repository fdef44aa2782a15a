package io.berth.linux.fd;

import io.berth.linux.Errno;
import io.berth.linux.FileNameCodec;
import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;
import org.jspecify.annotations.Nullable;

/**
 * A name in a directory: what a path comes down to once everything before its last component has been resolved inside
 * its root, which is what the *at calls need.
 *
 * @param directory descriptor of the directory that has the name
 * @param name a single name, or {@code .} for the directory itself where that was allowed
 * @param opened the descriptor opened on the way, closed with this; null when the path was a single name
 */
record Place(int directory, String name, @Nullable Fd opened) implements AutoCloseable {
    static final int PATH_DIRECTORY = OpenFlag.CLOSE_ON_EXEC | OpenFlag.PATH.bits() | OpenFlag.DIRECTORY.bits();

    /**
     * Finds the place of a path; trailing slashes do not count.
     *
     * @param call for error messages, the call that needs it
     * @throws SyscallException EINVAL when the last component is {@code ..} or, unless allowed, {@code .} or nothing;
     *     what openat2 says when the directory does not resolve
     */
    static Place of(Directory root, String path, SyscallNumber call, boolean selfAllowed) {
        int end = path.length();
        while (end > 0 && path.charAt(end - 1) == '/') {
            end--;
        }
        int slash = path.lastIndexOf('/', end - 1);
        String name = path.substring(slash + 1, end);
        boolean self = name.equals(".") || (name.isEmpty() && !path.isEmpty());
        if (name.equals("..") || path.isEmpty() || (self && !selfAllowed)) {
            throw new SyscallException(call.callName(), "path " + FileNameCodec.printable(path), Errno.EINVAL);
        }
        String last = self ? "." : name;
        if (slash < 0) {
            return new Place(root.fd().value(), last, null);
        }
        String parent = slash == 0 ? "/" : path.substring(0, slash);
        int opened = At.openRaw(root.fd().value(), parent, PATH_DIRECTORY, 0, root.resolution());
        if (opened < 0) {
            throw At.failure(SyscallNumber.OPENAT2, root.fd().description(), parent, opened);
        }
        return new Place(opened, last, Fd.own(opened, parent));
    }

    /**
     * Makes every directory of a path that does not exist, by a chain of openat2 and mkdirat on descriptors, so that no
     * link swapped in meanwhile can lead the new directories outside (CVE-2024-45310).
     *
     * @return an O_PATH descriptor of the last one
     * @throws SyscallException ENOTDIR or ELOOP when something else is in the way, EINVAL for a {@code ..} below a
     *     directory that does not exist
     */
    static Fd makeDirectories(Directory root, String path, int permissions) {
        int existing = At.openRaw(root.fd().value(), path.isEmpty() ? "." : path, PATH_DIRECTORY, 0, root.resolution());
        int end = path.length();
        // The longest prefix that resolves, following links inside the root: only what lies below it is made.
        while (existing == -Errno.ENOENT && end > 0) {
            end = Math.max(path.lastIndexOf('/', end - 1), 0);
            String prefix = end == 0 ? (path.startsWith("/") ? "/" : ".") : path.substring(0, end);
            existing = At.openRaw(root.fd().value(), prefix, PATH_DIRECTORY, 0, root.resolution());
        }
        if (existing < 0) {
            throw At.failure(SyscallNumber.OPENAT2, root.fd().description(), path, existing);
        }
        Fd current = Fd.own(existing, path);
        for (String name : path.substring(end).split("/")) {
            if (!name.isEmpty() && !name.equals(".")) {
                try (Fd above = current) {
                    current = makeDirectory(above, name, permissions);
                }
            }
        }
        return current;
    }

    private static Fd makeDirectory(Fd above, String name, int permissions) {
        if (name.equals("..")) {
            throw At.failure(SyscallNumber.MKDIRAT, above.description(), name, -Errno.EINVAL);
        }
        long made = At.call(SyscallNumber.MKDIRAT, above.value(), name, permissions, 0, 0);
        if (made < 0 && made != -Errno.EEXIST) {
            throw At.failure(SyscallNumber.MKDIRAT, above.description(), name, made);
        }
        int opened = At.openRaw(
                above.value(), name, PATH_DIRECTORY | OpenFlag.NO_FOLLOW.bits(), 0, Resolution.BENEATH_NO_SYMLINKS);
        if (opened < 0) {
            throw At.failure(SyscallNumber.OPENAT2, above.description(), name, opened);
        }
        Fd directory = Fd.own(opened, above.description());
        if (made >= 0) {
            long changed = chmodByLink(directory, permissions);
            if (changed < 0) {
                directory.close();
                throw At.failure(SyscallNumber.FCHMODAT, above.description(), name, changed);
            }
        }
        return directory;
    }

    private static long chmodByLink(Fd file, int permissions) {
        return At.call(SyscallNumber.FCHMODAT, -1, "/proc/self/fd/" + file.value(), permissions, 0, 0);
    }

    /** chmod that does not follow a link, for kernels without fchmodat2 (before 6.6); the negated error number. */
    long chmodByDescriptor(int permissions) {
        int flags = OpenFlag.CLOSE_ON_EXEC | OpenFlag.PATH.bits() | OpenFlag.NO_FOLLOW.bits();
        int named = At.openRaw(directory, name, flags, 0, Resolution.BENEATH);
        if (named < 0) {
            return named;
        }
        try (Fd file = Fd.own(named, name)) {
            FileStat stat = At.stat(named, "", name, true);
            if (stat == null || stat.isSymbolicLink()) {
                return -Errno.EOPNOTSUPP;
            }
            return chmodByLink(file, permissions);
        }
    }

    @Override
    public void close() {
        if (opened != null) {
            opened.close();
        }
    }
}
