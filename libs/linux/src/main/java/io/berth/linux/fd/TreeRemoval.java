package io.berth.linux.fd;

import io.berth.linux.Errno;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.jna.LibC;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Deletes a tree by descriptors only: it never follows a link and never enters another mount, whatever others do to the
 * tree meanwhile. Entries that vanish are fine; entries that appear are deleted too.
 *
 * <p>Holds one descriptor per level. A tree deeper than {@link #MAX_DEPTH} is flattened while it is deleted: a directory
 * at that depth is moved up into the tree's top and taken in a later pass. Used once, by one thread.
 */
final class TreeRemoval {
    private static final int MAX_DEPTH = 256;
    /** Passes over one directory that others keep filling, before giving up. */
    private static final int MAX_PASSES = 10_000;

    private static final Resolution CHILD = Resolution.PROCFS;

    private final int parent;
    private final String description;
    private final ArrayList<Level> levels = new ArrayList<>();
    private int moved;

    TreeRemoval(int parent, String description) {
        this.parent = parent;
        this.description = description;
    }

    /**
     * Deletes the entry and all below it; an entry that does not exist is fine.
     *
     * @throws io.berth.linux.SyscallException EXDEV or EBUSY for a mount point inside, EPERM for an immutable file; what
     *     was deleted before stays deleted
     */
    void remove(String name) {
        try {
            removeEntry(parent, name, FileType.UNKNOWN);
            while (!levels.isEmpty()) {
                Level level = levels.getLast();
                DirectoryEntry entry = level.next();
                if (entry != null) {
                    removeEntry(level.fd.value(), entry.name(), entry.type());
                } else {
                    leave(level);
                }
            }
        } finally {
            levels.forEach(level -> level.fd.close());
        }
    }

    private void removeEntry(int directory, String name, FileType type) {
        if (type != FileType.DIRECTORY) {
            long result = At.call(SyscallNumber.UNLINKAT, directory, name, 0, 0, 0);
            if (result == 0 || result == -Errno.ENOENT) {
                return;
            }
            if (result != -Errno.EISDIR) {
                throw At.failure(SyscallNumber.UNLINKAT, description, name, result);
            }
        }
        long result = At.call(SyscallNumber.UNLINKAT, directory, name, At.REMOVE_DIRECTORY, 0, 0);
        if (result == 0 || result == -Errno.ENOENT) {
            return;
        }
        if (result == -Errno.ENOTDIR) { // replaced by a file since it was listed: the next pass takes it
            return;
        }
        if (!isNotEmpty(result)) {
            throw At.failure(SyscallNumber.UNLINKAT, description, name, result);
        }
        if (levels.size() >= MAX_DEPTH) {
            moveToTop(directory, name);
        } else {
            enter(directory, name);
        }
    }

    private void enter(int directory, String name) {
        int flags = OpenFlag.CLOSE_ON_EXEC | OpenFlag.DIRECTORY.bits() | OpenFlag.NO_FOLLOW.bits();
        int opened;
        int attempts = 0;
        do {
            // EXDEV tells a mount point, but also a directory that was moved away in the middle of this very lookup.
            opened = At.openRaw(directory, name, flags, 0, CHILD);
        } while (opened == -Errno.EXDEV && ++attempts < MAX_PASSES);
        if (opened >= 0) {
            levels.add(new Level(Fd.own(opened, description), name));
        } else if (opened != -Errno.ENOENT && opened != -Errno.ENOTDIR && opened != -Errno.ELOOP) {
            throw At.failure(SyscallNumber.OPENAT2, description, name, opened);
        }
    }

    private void moveToTop(int directory, String name) {
        int top = levels.getFirst().fd.value();
        long result;
        do {
            result = At.twoNames(SyscallNumber.RENAMEAT2, directory, name, top, ".removing-" + moved++, 1);
        } while (result == -Errno.EEXIST);
        if (result < 0 && result != -Errno.ENOENT) {
            throw At.failure(SyscallNumber.RENAMEAT2, description, name, result);
        }
    }

    private void leave(Level level) {
        int above =
                levels.size() == 1 ? parent : levels.get(levels.size() - 2).fd.value();
        long result = At.call(SyscallNumber.UNLINKAT, above, level.name, At.REMOVE_DIRECTORY, 0, 0);
        if (isNotEmpty(result) && ++level.passes < MAX_PASSES) {
            LibC.call(SyscallNumber.LSEEK, description, level.fd.value(), 0, 0);
            return;
        }
        // ENOENT, ENOTDIR: somebody moved or replaced it; its contents are gone and the level above looks again.
        if (result < 0 && result != -Errno.ENOENT && result != -Errno.ENOTDIR) {
            throw At.failure(SyscallNumber.UNLINKAT, description, level.name, result);
        }
        levels.removeLast();
        level.fd.close();
    }

    private static boolean isNotEmpty(long result) {
        return result == -Errno.ENOTEMPTY || result == -Errno.EEXIST;
    }

    /** A directory that is being emptied. */
    private static final class Level {
        private final Fd fd;
        private final String name;
        private final ArrayDeque<DirectoryEntry> pending = new ArrayDeque<>();
        private int passes;

        Level(Fd fd, String name) {
            this.fd = fd;
            this.name = name;
        }

        @org.jspecify.annotations.Nullable
        DirectoryEntry next() {
            if (pending.isEmpty()) {
                List<DirectoryEntry> entries = At.nextEntries(fd);
                // Names come in the order of their hashes on ext4; inodes lie on the disk in the order of their
                // numbers.
                entries.sort(Comparator.comparingLong(DirectoryEntry::inode));
                pending.addAll(entries);
            }
            return pending.poll();
        }
    }
}
