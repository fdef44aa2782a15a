package io.berth.image.build;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.fd.FileStat;
import io.berth.linux.user.UserDatabase.Owner;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes what COPY and ADD copy into an image's tree (moby/buildkit: solver/llbsolver/file/backend.go; tonistiigi/fsutil: copy). Used
 * by one thread.
 */
final class FileCopy implements SourceFiles.Visitor {
    private static final int NEW_DIRECTORY_MODE = 0755;
    private static final int DOCUMENT_MODE = 0644;
    private static final int MAX_LINKS = 40;
    private static final String OVERLAY = "trusted.overlay.";

    private final Directory root;
    private final @Nullable Owner owner;
    private final boolean keepOwners;
    private final @Nullable ModeChange mode;
    private final @Nullable Instant time;
    private final Map<String, String> linked = new HashMap<>();
    private String base = "";

    /**
     * @param root of the image's tree
     * @param owner of everything; null for root, or for what the source says
     * @param keepOwners whether sources have owners that count
     * @param mode what is done to modes, or null
     * @param time of directories that are made on the way, or null for now
     */
    FileCopy(
            Directory root,
            @Nullable Owner owner,
            boolean keepOwners,
            @Nullable ModeChange mode,
            @Nullable Instant time) {
        this.root = root;
        this.owner = owner;
        this.keepOwners = keepOwners;
        this.mode = mode;
        this.time = time;
    }

    /**
     * Copies a source.
     *
     * @param destination clean path below the root
     * @param intoDirectory whether a file goes into the directory of that name rather than to that name
     */
    void copy(SourceFiles files, SourceFiles.Source source, String destination, boolean intoDirectory) {
        String target = source.parents().isEmpty() ? destination : join(destination, source.parents());
        if (source.stat().isDirectory()) {
            base = target;
        } else if (intoDirectory || !source.parents().isEmpty() || isDirectory(target)) {
            base = join(target, source.name());
        } else {
            base = target;
        }
        int slash = base.lastIndexOf('/');
        makeDirectories(slash < 0 ? "" : base.substring(0, slash));
        files.walk(source, this);
    }

    /** Writes a file of its own. */
    void write(String path, byte[] content) {
        int slash = path.lastIndexOf('/');
        makeDirectories(slash < 0 ? "" : path.substring(0, slash));
        makeRoom(path);
        try (FileHandle file = root.createFile(path, 0600)) {
            file.write(content, 0, content.length);
            finish(file, mode == null ? DOCUMENT_MODE : mode.apply(DOCUMENT_MODE, false), 0, 0);
            file.setTimes(null, time == null ? Instant.now() : time);
        }
    }

    /**
     * Makes a directory and those above it that are missing, each with the owner of what is copied. What a link leads to is made
     * too, inside the tree.
     */
    void makeDirectories(String path) {
        makeDirectories(path, 0);
    }

    private void makeDirectories(String path, int links) {
        int end = 0;
        while (end < path.length()) {
            int slash = path.indexOf('/', end + 1);
            end = slash < 0 ? path.length() : slash;
            String upTo = path.substring(0, end);
            FileStat stat = following(upTo);
            if (stat == null && root.statIfPresent(upTo) != null) {
                if (links >= MAX_LINKS) {
                    throw new BuildFailure("too many links in /" + path);
                }
                makeDirectories(target(upTo), links + 1);
            } else if (stat == null) {
                root.mkdir(upTo, 0700);
                Owner made = owner == null ? new Owner(0, 0) : owner;
                root.chown(upTo, made.uid(), made.gid());
                root.chmod(upTo, NEW_DIRECTORY_MODE);
                if (time != null) {
                    root.setTimes(upTo, time, time);
                }
            } else if (!stat.isDirectory()) {
                throw new BuildFailure("cannot copy to non-directory: /" + upTo);
            }
        }
    }

    /** Where a link that leads nowhere yet would lead, by its text alone. */
    private String target(String link) {
        String text = root.readLink(link);
        return SourceFiles.clean(text.startsWith("/") ? text : link + "/../" + text);
    }

    boolean isDirectory(String path) {
        FileStat stat = path.isEmpty() ? root.stat(".") : following(path);
        return stat != null && stat.isDirectory();
    }

    private @Nullable FileStat following(String path) {
        try {
            return root.statFollowing(path);
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            if (e.errno() == Errno.ENOTDIR) {
                throw new BuildFailure("cannot copy to non-directory: /" + path, e);
            }
            throw e;
        }
    }

    @Override
    public void enter(Directory directory, String path, FileStat stat) {
        String target = join(base, path);
        if (target.isEmpty()) {
            return;
        }
        if (path.isEmpty()) {
            // The destination itself is as it is, or made like those above it: what is copied is what is in the source.
            makeDirectories(target);
            return;
        }
        FileStat existing = following(target);
        if (existing == null) {
            root.mkdir(target, 0700);
        } else if (!existing.isDirectory()) {
            throw new BuildFailure("cannot copy to non-directory: /" + target);
        }
        if (root.stat(target).isSymbolicLink()) {
            return;
        }
        Owner whose = whose(stat);
        root.chown(target, whose.uid(), whose.gid());
        root.chmod(target, mode == null ? stat.permissions() : mode.apply(stat.permissions(), true));
        copyAttributes(directory, ".", target);
    }

    @Override
    public void leave(Directory directory, String path, FileStat stat) {
        String target = join(base, path);
        // Entries made inside have changed it.
        if (!path.isEmpty() && !root.stat(target).isSymbolicLink()) {
            root.setTimes(target, null, stat.modified());
        }
    }

    @Override
    public void file(Directory at, String name, String path, FileStat stat) {
        String target = path.isEmpty() ? base : join(base, path);
        makeRoom(target);
        if (stat.links() > 1 && linkTo(stat, target)) {
            return;
        }
        switch (stat.type()) {
            case REGULAR -> regular(at, name, stat, target);
            case SYMBOLIC_LINK -> {
                root.symlink(at.readLink(name), target);
                Owner whose = whose(stat);
                root.chown(target, whose.uid(), whose.gid());
                root.setTimes(target, null, stat.modified());
            }
            case SOCKET, UNKNOWN, DIRECTORY -> {
                // nothing that an image could hold
            }
            default -> {
                root.mknod(target, stat.type(), 0, stat.rdevMajor(), stat.rdevMinor());
                Owner whose = whose(stat);
                root.chown(target, whose.uid(), whose.gid());
                root.chmod(target, mode == null ? stat.permissions() : mode.apply(stat.permissions(), false));
                root.setTimes(target, null, stat.modified());
            }
        }
    }

    private boolean linkTo(FileStat stat, String target) {
        String inode = stat.deviceMajor() + ":" + stat.deviceMinor() + ":" + stat.inode();
        String first = linked.putIfAbsent(inode, target);
        if (first == null) {
            return false;
        }
        root.link(first, target);
        return true;
    }

    private void regular(Directory at, String name, FileStat stat, String target) {
        try (FileHandle from = at.openRegular(name);
                FileHandle to = root.createFile(target, 0600)) {
            if (stat.size() > 0) {
                long _ = to.copyFrom(from, Long.MAX_VALUE);
            }
            Owner whose = whose(stat);
            finish(
                    to,
                    mode == null ? stat.permissions() : mode.apply(stat.permissions(), false),
                    whose.uid(),
                    whose.gid());
            // After the owner: changing that takes away file capabilities.
            for (String attribute : from.xattrNames()) {
                byte[] value = attribute.startsWith(OVERLAY) ? null : from.xattr(attribute);
                if (value != null) {
                    to.setXattr(attribute, value);
                }
            }
            to.setTimes(null, stat.modified());
        }
    }

    private void finish(FileHandle file, int permissions, long uid, long gid) {
        Owner whose = owner == null ? new Owner((int) uid, (int) gid) : owner;
        file.chown(whose.uid(), whose.gid());
        file.chmod(permissions);
    }

    private void copyAttributes(Directory source, String name, String target) {
        for (String attribute : source.xattrNames(name)) {
            byte[] value = attribute.startsWith(OVERLAY) ? null : source.xattr(name, attribute);
            if (value != null) {
                root.setXattr(target, attribute, value);
            }
        }
    }

    /** What is in the way of a file goes, unless it is a directory. */
    private void makeRoom(String target) {
        if (target.isEmpty()) {
            throw new BuildFailure("cannot copy a file over the root directory");
        }
        FileStat existing = root.statIfPresent(target);
        if (existing == null) {
            return;
        }
        if (existing.isDirectory()) {
            throw new BuildFailure("cannot overwrite directory /" + target + " with a file");
        }
        root.unlink(target);
    }

    private Owner whose(FileStat stat) {
        if (owner != null) {
            return owner;
        }
        return keepOwners ? new Owner((int) stat.uid(), (int) stat.gid()) : new Owner(0, 0);
    }

    static String join(String directory, String name) {
        if (directory.isEmpty() || name.isEmpty()) {
            return directory + name;
        }
        return directory + "/" + name;
    }
}
