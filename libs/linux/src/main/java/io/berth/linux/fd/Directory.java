package io.berth.linux.fd;

import io.berth.linux.Errno;
import io.berth.linux.FileNameCodec;
import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.jna.LibC;
import io.berth.linux.xattr.Xattrs;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An open directory that is the root of everything done through it: no path given to it, whatever links the tree holds
 * and whoever changes it meanwhile, reaches a file outside.
 *
 * <p><b>Paths.</b> Names are decoded bytes, see {@link FileNameCodec}; a NUL is refused with
 * {@link java.nio.file.InvalidPathException}. A path of several components has all but the last resolved by openat2(2) with
 * this directory's {@link Resolution}; the last one is never followed unless the method says so. A single name costs
 * one system call, a longer path three: where many files lie in one directory, open that once with
 * {@link #openDirectory} and use names. Note that a directory opened from another is a root of its own: an absolute link
 * below it then starts there.
 *
 * <p><b>Modes</b> of new files and directories are subject to the umask: {@code chmod} and {@code mkdirs} set them exactly.
 *
 * <p><b>Errors</b> are {@link SyscallException}s that name the call; nothing is left half done by a single call.
 *
 * <p>Owns its descriptor. Safe for several threads, as far as their files do not meet. Calls block the carrier of a virtual
 * thread for as long as the file system takes.
 */
public final class Directory implements AutoCloseable {
    private static final int AT_FDCWD = -100;

    private final Fd fd;
    private final Resolution resolution;

    private Directory(Fd fd, Resolution resolution) {
        this.fd = fd;
        this.resolution = resolution;
    }

    /** Opens a directory of the host, following links: the path must not be under anybody else's influence. */
    public static Directory open(Path path) {
        return open(path, Resolution.IN_ROOT);
    }

    /** Opens a directory of the host, following links; paths below it resolve as told. */
    public static Directory open(Path path, Resolution resolution) {
        String name = path.toString();
        int flags = OpenFlag.CLOSE_ON_EXEC | OpenFlag.DIRECTORY.bits();
        long opened = At.call(SyscallNumber.OPENAT, AT_FDCWD, name.isEmpty() ? "." : name, flags, 0, 0);
        if (opened < 0) {
            throw new SyscallException("openat", name, (int) -opened);
        }
        return new Directory(Fd.own((int) opened, name), resolution);
    }

    /** Takes ownership of a descriptor of a directory, which may be one opened with O_PATH. */
    public static Directory own(Fd fd, Resolution resolution) {
        return new Directory(fd, resolution);
    }

    public Fd fd() {
        return fd;
    }

    /** How paths of several components resolve. */
    public Resolution resolution() {
        return resolution;
    }

    /** Opens a directory below, following links inside this one; it resolves as this does. */
    public Directory openDirectory(String path) {
        return new Directory(openFd(path, Set.of(OpenFlag.DIRECTORY), 0, resolution), resolution);
    }

    /** Opens a file below as {@link #resolution()} says, following a link at the end unless told otherwise. */
    public FileHandle open(String path, Set<OpenFlag> flags, int mode) {
        return open(path, flags, mode, resolution);
    }

    /**
     * Opens a file below.
     *
     * <p>Opening a device or FIFO can block or have effects: for trees of others use {@link #openRegular}, or
     * {@link OpenFlag#PATH}.
     *
     * @param mode for {@link OpenFlag#CREATE}, else 0
     * @throws SyscallException EXDEV when the path leads outside (or onto another mount, where that is refused), ELOOP when
     *     it has a link that is refused
     */
    public FileHandle open(String path, Set<OpenFlag> flags, int mode, Resolution how) {
        return new FileHandle(openFd(path, flags, mode, how));
    }

    private Fd openFd(String path, Set<OpenFlag> flags, int mode, Resolution how) {
        int opened = At.openRaw(fd.value(), path, OpenFlag.bits(flags), mode, how);
        if (opened < 0) {
            throw At.failure(SyscallNumber.OPENAT2, fd.description(), path, opened);
        }
        return Fd.own(opened, path);
    }

    /** Creates a file for writing; fails with EEXIST when there is anything at that name, even a dangling link. */
    public FileHandle createFile(String path, int mode) {
        try (Place place = Place.of(this, path, SyscallNumber.OPENAT, false)) {
            int flags = OpenFlag.CLOSE_ON_EXEC
                    | OpenFlag.WRITE.bits()
                    | OpenFlag.CREATE.bits()
                    | OpenFlag.EXCLUSIVE.bits()
                    | OpenFlag.NO_FOLLOW.bits();
            // With O_EXCL the last component is never followed, so the plain call is as safe as openat2 and cheaper.
            long opened = At.call(SyscallNumber.OPENAT, place.directory(), place.name(), flags, mode, 0);
            if (opened < 0) {
                throw failure(SyscallNumber.OPENAT, path, opened);
            }
            return new FileHandle(Fd.own((int) opened, path));
        }
    }

    /**
     * Opens a regular file for reading, following links inside the root. Devices, FIFOs and sockets are told apart before
     * anything is opened, so this never blocks on one.
     *
     * @throws SyscallException EISDIR for a directory, EINVAL for any other file that is not regular
     */
    public FileHandle openRegular(String path) {
        try (Fd named = openFd(path, Set.of(OpenFlag.PATH), 0, resolution)) {
            FileStat stat = Objects.requireNonNull(At.stat(named.value(), "", path, false));
            if (!stat.isRegular()) {
                throw failure(SyscallNumber.OPENAT2, path, stat.isDirectory() ? -Errno.EISDIR : -Errno.EINVAL);
            }
            int flags = OpenFlag.CLOSE_ON_EXEC | OpenFlag.NON_BLOCKING.bits();
            long opened = At.call(SyscallNumber.OPENAT, AT_FDCWD, "/proc/self/fd/" + named.value(), flags, 0, 0);
            if (opened < 0) {
                throw failure(SyscallNumber.OPENAT, path, opened);
            }
            return new FileHandle(Fd.own((int) opened, path));
        }
    }

    /**
     * Reads a regular file, following links inside the root.
     *
     * @param maxBytes larger files are refused with EINVAL, however much of them could be read
     */
    public byte[] readRegular(String path, int maxBytes) {
        try (FileHandle file = openRegular(path)) {
            return file.readAtMost(maxBytes);
        }
    }

    /** Makes one directory; its parent must exist. */
    public void mkdir(String path, int mode) {
        at(SyscallNumber.MKDIRAT, path, mode, 0, 0);
    }

    /**
     * Makes a directory and those above it that do not exist, following links inside the root, never through a link that
     * appears meanwhile.
     *
     * @param mode of those that are made, whatever the umask
     * @return the last one, opened with O_PATH
     */
    public Directory mkdirs(String path, int mode) {
        return new Directory(Place.makeDirectories(this, path, mode), resolution);
    }

    /** Makes a symbolic link; the target is any text. */
    public void symlink(String target, String path) {
        try (Place place = Place.of(this, path, SyscallNumber.SYMLINKAT, false)) {
            check(SyscallNumber.SYMLINKAT, path, At.symlink(target, place.directory(), place.name()));
        }
    }

    /** Makes a hard link to what is at the existing path itself, be it a symbolic link. Both resolve in this directory. */
    public void link(String existing, String path) {
        try (Place from = Place.of(this, existing, SyscallNumber.LINKAT, false);
                Place to = Place.of(this, path, SyscallNumber.LINKAT, false)) {
            check(
                    SyscallNumber.LINKAT,
                    path,
                    At.twoNames(SyscallNumber.LINKAT, from.directory(), from.name(), to.directory(), to.name(), 0));
        }
    }

    /** Gives an open file (also an {@link OpenFlag#TEMPORARY} one) a name. Needs CAP_DAC_READ_SEARCH. */
    public void link(FileHandle file, String path) {
        try (Place to = Place.of(this, path, SyscallNumber.LINKAT, false)) {
            int from = file.fd().value();
            check(
                    SyscallNumber.LINKAT,
                    path,
                    At.twoNames(SyscallNumber.LINKAT, from, "", to.directory(), to.name(), At.EMPTY_PATH));
        }
    }

    /** Removes a name that is not a directory. */
    public void unlink(String path) {
        at(SyscallNumber.UNLINKAT, path, 0, 0, 0);
    }

    /** Removes an empty directory. */
    public void rmdir(String path) {
        at(SyscallNumber.UNLINKAT, path, At.REMOVE_DIRECTORY, 0, 0);
    }

    /**
     * Removes a name and everything below it. Follows no link, enters no other mount, and works while others change the
     * tree. A name that does not exist is fine.
     *
     * @throws SyscallException EBUSY or EXDEV for a mount point inside; what was removed before stays removed
     */
    public void deleteRecursively(String path) {
        try (Place place = Place.of(this, path, SyscallNumber.UNLINKAT, false)) {
            new TreeRemoval(place.directory(), fd.description()).remove(place.name());
        }
    }

    /**
     * Makes a device, FIFO or socket, or an empty regular file.
     *
     * @param major of the device, else 0
     * @param minor of the device, else 0
     */
    public void mknod(String path, FileType type, int permissions, int major, int minor) {
        long device = ((long) minor & 0xFF) | ((long) major << 8) | ((minor & ~0xFFL) << 12); // new_encode_dev
        at(SyscallNumber.MKNODAT, path, type.bits() | permissions, device, 0);
    }

    /** Renames within or between directories of one file system. */
    public void rename(String path, Directory target, String targetPath, Set<RenameFlag> flags) {
        try (Place from = Place.of(this, path, SyscallNumber.RENAMEAT2, false);
                Place to = Place.of(target, targetPath, SyscallNumber.RENAMEAT2, false)) {
            check(
                    SyscallNumber.RENAMEAT2,
                    path,
                    At.twoNames(
                            SyscallNumber.RENAMEAT2,
                            from.directory(),
                            from.name(),
                            to.directory(),
                            to.name(),
                            RenameFlag.bits(flags)));
        }
    }

    /** The target of a symbolic link, as it is. */
    public String readLink(String path) {
        try (Place place = Place.of(this, path, SyscallNumber.READLINKAT, false)) {
            return At.readLink(place.directory(), place.name(), fd.description());
        }
    }

    /** What is at the path itself, be it a symbolic link; {@code .} is this directory. */
    public FileStat stat(String path) {
        try (Place place = Place.of(this, path, SyscallNumber.STATX, true)) {
            return Objects.requireNonNull(At.stat(place.directory(), place.name(), fd.description(), false));
        }
    }

    /** Like {@link #stat}, or null when there is no such path (ENOENT, ENOTDIR). */
    public @Nullable FileStat statIfPresent(String path) {
        try (Place place = Place.of(this, path, SyscallNumber.STATX, true)) {
            return At.stat(place.directory(), place.name(), fd.description(), true);
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return null;
            }
            throw e;
        }
    }

    /** What the path leads to, following links inside the root, the last one too. */
    public FileStat statFollowing(String path) {
        try (Fd named = openFd(path, Set.of(OpenFlag.PATH), 0, resolution)) {
            return Objects.requireNonNull(At.stat(named.value(), "", path, false));
        }
    }

    /** The names in this directory, in the file system's order. */
    public List<DirectoryEntry> list() {
        int flags = OpenFlag.CLOSE_ON_EXEC | OpenFlag.DIRECTORY.bits();
        // A descriptor of its own: the offset of this one may be shared, and O_PATH cannot be read.
        int opened = At.openRaw(fd.value(), ".", flags, 0, Resolution.BENEATH_NO_SYMLINKS);
        check(SyscallNumber.OPENAT2, ".", opened);
        try (Fd listing = Fd.own(opened, fd.description())) {
            List<DirectoryEntry> all = At.nextEntries(listing);
            List<DirectoryEntry> more = all.isEmpty() ? all : At.nextEntries(listing);
            while (!more.isEmpty()) {
                all.addAll(more);
                more = At.nextEntries(listing);
            }
            return new ArrayList<>(all);
        }
    }

    /** Changes owner and group (unsigned 32 bits each) of the path itself; clears set-id bits: do it before chmod. */
    public void chown(String path, long uid, long gid) {
        try (Place place = Place.of(this, path, SyscallNumber.FCHOWNAT, true)) {
            check(
                    SyscallNumber.FCHOWNAT,
                    path,
                    At.call(SyscallNumber.FCHOWNAT, place.directory(), place.name(), uid, gid, At.SYMLINK_NOFOLLOW));
        }
    }

    /** Changes the lower twelve bits of the mode; EOPNOTSUPP for a symbolic link, which has none. */
    public void chmod(String path, int permissions) {
        try (Place place = Place.of(this, path, SyscallNumber.FCHMODAT2, true)) {
            long result = At.call(
                    SyscallNumber.FCHMODAT2, place.directory(), place.name(), permissions, At.SYMLINK_NOFOLLOW, 0);
            if (result == -Errno.ENOSYS) { // before 6.6
                result = place.chmodByDescriptor(permissions);
            }
            check(SyscallNumber.FCHMODAT2, path, result);
        }
    }

    /** Sets the times of the path itself to the nanosecond; null leaves one as it is. */
    public void setTimes(String path, @Nullable Instant accessed, @Nullable Instant modified) {
        try (Place place = Place.of(this, path, SyscallNumber.UTIMENSAT, true)) {
            check(SyscallNumber.UTIMENSAT, path, At.setTimes(place.directory(), place.name(), accessed, modified));
        }
    }

    /** Sets an extended attribute of the path itself, be it a symbolic link. */
    public void setXattr(String path, String name, byte[] value) {
        try (Place place = Place.of(this, path, SyscallNumber.LSETXATTR, true)) {
            Xattrs.setAt(place.directory(), place.name(), name, value, path);
        }
    }

    /** An extended attribute of the path itself, or null when there is none of that name. */
    public byte @Nullable [] xattr(String path, String name) {
        try (Place place = Place.of(this, path, SyscallNumber.LGETXATTR, true)) {
            return Xattrs.getAt(place.directory(), place.name(), name, path);
        }
    }

    public List<String> xattrNames(String path) {
        try (Place place = Place.of(this, path, SyscallNumber.LLISTXATTR, true)) {
            return Xattrs.listAt(place.directory(), place.name(), path);
        }
    }

    public void removeXattr(String path, String name) {
        try (Place place = Place.of(this, path, SyscallNumber.LREMOVEXATTR, true)) {
            Xattrs.removeAt(place.directory(), place.name(), name, path);
        }
    }

    /** Returns when the names in this directory are on the device. Not for one opened with O_PATH. */
    public void sync() {
        LibC.call(SyscallNumber.FSYNC, fd.description(), fd.value());
    }

    /** Writes everything of this directory's file system to the device: cheaper than one sync per file of a tree. */
    public void syncFileSystem() {
        LibC.call(SyscallNumber.SYNCFS, fd.description(), fd.value());
    }

    public FileSystemStat statFileSystem() {
        return At.statFileSystem(fd);
    }

    private void at(SyscallNumber call, String path, long a2, long a3, long a4) {
        try (Place place = Place.of(this, path, call, false)) {
            check(call, path, At.call(call, place.directory(), place.name(), a2, a3, a4));
        }
    }

    private void check(SyscallNumber call, String path, long result) {
        if (result < 0) {
            throw failure(call, path, result);
        }
    }

    private SyscallException failure(SyscallNumber call, String path, long result) {
        return At.failure(call, fd.description(), path, result);
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
