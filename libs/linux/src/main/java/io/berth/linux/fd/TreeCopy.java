package io.berth.linux.fd;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import java.util.HashMap;
import java.util.Map;

/**
 * Copies what is in a directory into another: owners, modes, times to the nanosecond, extended attributes, hard links within
 * the tree, symbolic links as they are, devices and FIFOs. By descriptors and single names only, so whatever links either tree
 * holds, nothing outside of both is read or written.
 *
 * <p>Holds two descriptors per level. Used once, by one thread.
 */
public final class TreeCopy {
    /** Deeper than any path of 4,096 bytes can name. */
    private static final int MAX_DEPTH = 2048;

    private final Directory targetRoot;
    /** Files with several names: where the first of them was copied to. */
    private final Map<Inode, String> linked = new HashMap<>();

    private record Inode(int major, int minor, long number) {}

    private TreeCopy(Directory targetRoot) {
        this.targetRoot = targetRoot;
    }

    /**
     * Copies.
     *
     * @param source is not changed meanwhile
     * @param target gets the entries beside what it has, and owner, mode, attributes and times of the source's own directory
     * @throws SyscallException EEXIST when the target has one of the names; what was copied before stays
     */
    public static void copy(Directory source, Directory target) {
        try (Directory root = Directory.own(target.fd().duplicate(), Resolution.BENEATH_NO_SYMLINKS);
                Directory from = Directory.own(source.fd().duplicate(), Resolution.BENEATH_NO_SYMLINKS)) {
            new TreeCopy(root).copyContents(from, root, "", 0);
        }
    }

    private void copyContents(Directory source, Directory target, String path, int depth) {
        if (depth > MAX_DEPTH) {
            throw new SyscallException("openat2", "tree of more than " + MAX_DEPTH + " levels", Errno.ENAMETOOLONG);
        }
        FileStat own = source.stat(".");
        for (DirectoryEntry entry : source.list()) {
            String name = entry.name();
            FileStat stat = source.stat(name);
            String entryPath = path.isEmpty() ? name : path + "/" + name;
            if (stat.isDirectory()) {
                target.mkdir(name, 0700);
                try (Directory from = source.openDirectory(name);
                        Directory to = target.openDirectory(name)) {
                    copyContents(from, to, entryPath, depth + 1);
                }
            } else {
                copyFile(source, target, name, stat, entryPath);
            }
        }
        try (FileHandle handle = new FileHandle(target.fd().duplicate())) {
            handle.chown(own.uid(), own.gid());
            handle.chmod(own.permissions());
            copyAttributes(source, ".", handle);
            handle.setTimes(own.accessed(), own.modified());
        }
    }

    private void copyFile(Directory source, Directory target, String name, FileStat stat, String path) {
        if (stat.links() > 1) {
            String first = linked.putIfAbsent(new Inode(stat.deviceMajor(), stat.deviceMinor(), stat.inode()), path);
            if (first != null) {
                targetRoot.link(first, path);
                return;
            }
        }
        switch (stat.type()) {
            case REGULAR -> copyRegular(source, target, name, stat);
            case SYMBOLIC_LINK -> {
                target.symlink(source.readLink(name), name);
                target.chown(name, stat.uid(), stat.gid());
                copyAttributes(source, target, name);
                target.setTimes(name, stat.accessed(), stat.modified());
            }
            default -> {
                target.mknod(name, stat.type(), 0, stat.rdevMajor(), stat.rdevMinor());
                target.chown(name, stat.uid(), stat.gid());
                target.chmod(name, stat.permissions());
                copyAttributes(source, target, name);
                target.setTimes(name, stat.accessed(), stat.modified());
            }
        }
    }

    private static void copyRegular(Directory source, Directory target, String name, FileStat stat) {
        try (FileHandle from = source.openRegular(name);
                FileHandle to = target.createFile(name, 0600)) {
            if (stat.size() > 0) {
                long _ = to.copyFrom(from, Long.MAX_VALUE);
            }
            to.chown(stat.uid(), stat.gid());
            to.chmod(stat.permissions());
            // After the owner: changing that takes away file capabilities.
            copyAttributes(source, name, to);
            to.setTimes(stat.accessed(), stat.modified());
        }
    }

    private static void copyAttributes(Directory source, String name, FileHandle target) {
        for (String attribute : source.xattrNames(name)) {
            byte[] value = source.xattr(name, attribute);
            if (value != null) {
                tolerateUnsupported(() -> target.setXattr(attribute, value));
            }
        }
    }

    private static void copyAttributes(Directory source, Directory target, String name) {
        for (String attribute : source.xattrNames(name)) {
            byte[] value = source.xattr(name, attribute);
            if (value != null) {
                tolerateUnsupported(() -> target.setXattr(name, attribute, value));
            }
        }
    }

    /** A file system without attributes of this kind still takes the files, as with cp -a. */
    private static void tolerateUnsupported(Runnable set) {
        try {
            set.run();
        } catch (SyscallException e) {
            if (e.errno() != Errno.EOPNOTSUPP) {
                throw e;
            }
        }
    }
}
