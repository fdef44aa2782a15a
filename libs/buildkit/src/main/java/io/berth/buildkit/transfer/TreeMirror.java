package io.berth.buildkit.transfer;

import io.berth.buildkit.SessionException;
import io.berth.buildkit.TreeEntry;
import io.berth.linux.FileNameCodec;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.DirectoryEntry;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.fd.FileStat;
import io.berth.linux.fd.FileType;
import io.berth.linux.fd.RenameFlag;
import io.berth.linux.fd.Resolution;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes a directory like a tree whose entries are told in order, each directory before what is in it: creates, changes and
 * removes, and says which files' content it lacks.
 *
 * <p>Everything is done by descriptors of the directories on the way, none of which is ever reached through a link, so
 * nothing outside is touched whatever the entries say. Files appear under their names with all their content, or not at all;
 * where it stops halfway, the directory is a fit beginning for the next time.
 *
 * <p>For one thread. Closing it gives back its descriptors, whether it has been finished or not.
 */
final class TreeMirror implements AutoCloseable {
    private final Directory root;
    private final Directory incoming;
    private final boolean compare;
    private final int maxDepth;
    private final Deque<Level> levels = new ArrayDeque<>();
    private final List<TreeEntry> hardLinks = new ArrayList<>();
    private final Map<String, Instant> directoryTimes = new LinkedHashMap<>();

    /**
     * @param root to be made like the tree; belongs to the caller
     * @param incoming an empty directory of the same file system, where files are while they are written
     * @param compare whether files that look unchanged are taken for unchanged
     */
    TreeMirror(Directory root, Directory incoming, boolean compare, int maxDepth) {
        this.root = root;
        this.incoming = incoming;
        this.compare = compare;
        this.maxDepth = maxDepth;
        levels.push(new Level("", Directory.own(root.fd().duplicate(), Resolution.BENEATH_NO_SYMLINKS), true));
    }

    /** One directory that is being told of. */
    private static final class Level implements AutoCloseable {
        final String path;
        final Directory directory;
        /** What was there before and has not been told of. */
        final Set<String> leftover = new HashSet<>();

        byte[] lastName = new byte[0];

        Level(String path, Directory directory, boolean existed) {
            this.path = path;
            this.directory = directory;
            if (existed) {
                for (DirectoryEntry entry : directory.list()) {
                    leftover.add(entry.name());
                }
            }
        }

        @Override
        public void close() {
            directory.close();
        }
    }

    /**
     * Takes the next entry.
     *
     * @return whether its content is wanted, by {@link #receive}
     * @throws SessionException when it is out of order, or its parent has not been told of
     */
    boolean entry(TreeEntry entry) throws SessionException {
        Level level = parent(entry);
        String name = entry.path().substring(entry.path().lastIndexOf('/') + 1);
        byte[] bytes = FileNameCodec.encode(name);
        if (Arrays.compareUnsigned(level.lastName, bytes) >= 0) {
            throw new SessionException("client sent files out of order: " + FileNameCodec.printable(entry.path()));
        }
        level.lastName = bytes;
        @Nullable FileStat existing = level.leftover.remove(name) ? level.directory.statIfPresent(name) : null;
        if (existing != null && existing.type() != entry.type()) {
            level.directory.deleteRecursively(name);
            existing = null;
        }
        return switch (entry.type()) {
            case DIRECTORY -> {
                directory(level, name, entry, existing);
                yield false;
            }
            case REGULAR -> regular(entry, existing);
            case SYMBOLIC_LINK, FIFO, CHARACTER_DEVICE, BLOCK_DEVICE -> {
                special(level.directory, name, entry, existing);
                yield false;
            }
            // A socket is nothing without its process, and what is unknown cannot be made.
            case SOCKET, UNKNOWN -> {
                level.directory.deleteRecursively(name);
                yield false;
            }
        };
    }

    private Level parent(TreeEntry entry) throws SessionException {
        int slash = entry.path().lastIndexOf('/');
        String parent = slash < 0 ? "" : entry.path().substring(0, slash);
        while (!levels.getFirst().path.equals(parent)) {
            if (levels.size() == 1) {
                throw new SessionException(
                        "client sent a file before its directory: " + FileNameCodec.printable(entry.path()));
            }
            leave(levels.pop());
        }
        return levels.getFirst();
    }

    private static void leave(Level level) {
        try (level) {
            for (String name : level.leftover) {
                level.directory.deleteRecursively(name);
            }
        }
    }

    private void directory(Level level, String name, TreeEntry entry, @Nullable FileStat existing)
            throws SessionException {
        if (levels.size() > maxDepth) {
            throw new SessionException("client sent too deep a tree: " + FileNameCodec.printable(entry.path()));
        }
        Directory parent = level.directory;
        if (existing == null) {
            parent.mkdir(name, 0_700);
        }
        setMetadata(parent, name, entry, existing);
        directoryTimes.put(entry.path(), entry.modified());
        levels.push(new Level(entry.path(), parent.openDirectory(name), existing != null));
    }

    private boolean regular(TreeEntry entry, @Nullable FileStat existing) {
        if (entry.link() != null) {
            hardLinks.add(entry);
            return false;
        }
        return !compare
                || existing == null
                || existing.size() != entry.size()
                || !existing.modified().equals(entry.modified())
                || existing.permissions() != entry.permissions()
                || existing.uid() != entry.uid()
                || existing.gid() != entry.gid();
    }

    private static void special(Directory parent, String name, TreeEntry entry, @Nullable FileStat existing) {
        if (existing != null) {
            if (isSame(parent, name, entry, existing)) {
                return;
            }
            parent.unlink(name);
        }
        if (entry.type() == FileType.SYMBOLIC_LINK) {
            // A link to nothing cannot be made; one to here comes closest to what nothing leads to.
            parent.symlink(entry.link() == null ? "." : entry.link(), name);
        } else {
            parent.mknod(name, entry.type(), 0_600, entry.major(), entry.minor());
        }
        setMetadata(parent, name, entry, null);
        parent.setTimes(name, null, entry.modified());
    }

    private static boolean isSame(Directory parent, String name, TreeEntry entry, FileStat existing) {
        return existing.modified().equals(entry.modified())
                && existing.uid() == entry.uid()
                && existing.gid() == entry.gid()
                && (entry.type() == FileType.SYMBOLIC_LINK
                        ? parent.readLink(name).equals(entry.link())
                        : existing.permissions() == entry.permissions()
                                && existing.rdevMajor() == entry.major()
                                && existing.rdevMinor() == entry.minor());
    }

    private static void setMetadata(Directory parent, String name, TreeEntry entry, @Nullable FileStat existing) {
        if (existing == null || existing.uid() != entry.uid() || existing.gid() != entry.gid()) {
            parent.chown(name, entry.uid(), entry.gid());
        }
        // Behind chown, which clears set-id bits.
        if (entry.type() != FileType.SYMBOLIC_LINK
                && (existing == null
                        || existing.permissions() != entry.permissions()
                        || existing.uid() != entry.uid()
                        || existing.gid() != entry.gid())) {
            parent.chmod(name, entry.permissions());
        }
        entry.xattrs().forEach((attribute, value) -> parent.setXattr(name, attribute, value));
    }

    /** All entries have been told: removes what was not among them. */
    void endOfEntries() {
        while (!levels.isEmpty()) {
            leave(levels.pop());
        }
    }

    /** A file to write the content of a wanted entry to. */
    FileHandle receive(int id) {
        return incoming.createFile(Integer.toUnsignedString(id), 0_600);
    }

    /** The content of a wanted entry is complete: puts the file under its name. Closes it. */
    void received(int id, TreeEntry entry, FileHandle file) {
        try (file) {
            file.chown(entry.uid(), entry.gid());
            file.chmod(entry.permissions());
            entry.xattrs().forEach(file::setXattr);
            file.setTimes(null, entry.modified());
        }
        String path = entry.path();
        int slash = path.lastIndexOf('/');
        try (Directory parent = openDirectory(slash < 0 ? "" : path.substring(0, slash))) {
            incoming.rename(Integer.toUnsignedString(id), parent, path.substring(slash + 1), Set.<RenameFlag>of());
        }
    }

    private Directory openDirectory(String path) {
        Directory here = Directory.own(root.fd().duplicate(), Resolution.BENEATH_NO_SYMLINKS);
        if (path.isEmpty()) {
            return here;
        }
        try (here) {
            return here.openDirectory(path);
        }
    }

    /** Everything wanted has been received: makes hard links and sets the times of directories. */
    void finish() throws SessionException {
        try (Directory top = openDirectory("")) {
            for (TreeEntry entry : hardLinks) {
                hardLink(top, entry);
            }
            for (Map.Entry<String, Instant> directory : directoryTimes.entrySet()) {
                top.setTimes(directory.getKey(), null, directory.getValue());
            }
        }
    }

    private static void hardLink(Directory top, TreeEntry entry) throws SessionException {
        String target = entry.link() == null ? "" : entry.link();
        @Nullable FileStat linked = target.isEmpty() ? null : top.statIfPresent(target);
        if (linked == null || !linked.isRegular()) {
            throw new SessionException(
                    "client sent a link to a file that is not there: " + FileNameCodec.printable(entry.path()));
        }
        @Nullable FileStat existing = top.statIfPresent(entry.path());
        if (existing != null) {
            if (existing.isSameFileAs(linked)) {
                return;
            }
            top.unlink(entry.path());
        }
        top.link(target, entry.path());
    }

    @Override
    public void close() {
        while (!levels.isEmpty()) {
            levels.pop().close();
        }
    }
}
