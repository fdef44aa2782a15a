package io.berth.linux.launch;

import io.berth.linux.FileNameCodec;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Fd;
import java.util.Collection;

/**
 * Steps on files and descriptors. Flags and modes are the kernel's numbers (fcntl.h, stat.h); paths are relative to the
 * directory argument, which is ignored for absolute ones except by {@code openat2} with {@code RESOLVE_IN_ROOT}.
 */
public final class FileSteps {
    static final long LAST_DESCRIPTOR = 0xffffffffL;

    private static final int CLOSE_RANGE_CLOEXEC = 4;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int STATX_SIZE = 256;
    private static final int STATX_INODE = 0x20;
    private static final int STATX_RDEV_MAJOR = 0x80;
    private static final int STATX_RDEV_MINOR = 0x84;
    /** Larger than struct statfs on either architecture; its first member is the magic number. */
    private static final int STATFS_SIZE = 128;

    private final LaunchProgramBuilder builder;

    FileSteps(LaunchProgramBuilder builder) {
        this.builder = builder;
    }

    /** Opens a file; the result is its descriptor. */
    public FdArgument.Result openat(FdArgument directory, String path, int flags, int mode) {
        return builder.add(
                Step.Kind.CALL,
                "open " + path,
                SyscallNumber.OPENAT,
                directory,
                Argument.of(path),
                Argument.of(flags),
                Argument.of(mode));
    }

    /**
     * Opens a file with rules for how its path is resolved ({@code RESOLVE_*} in linux/openat2.h); the result is its
     * descriptor.
     */
    public FdArgument.Result openat2(FdArgument directory, String path, long flags, long mode, long resolve) {
        Blob how = Blob.of("{flags=0x%x, mode=0%o, resolve=0x%x}".formatted(flags, mode, resolve), 24)
                .putLong(0, flags)
                .putLong(8, mode)
                .putLong(16, resolve)
                .build();
        return builder.add(
                Step.Kind.CALL,
                "open " + path,
                SyscallNumber.OPENAT2,
                directory,
                Argument.of(path),
                new Argument.Structure(how),
                Argument.of(how.size()));
    }

    public void mkdirat(FdArgument directory, String path, int mode) {
        builder.add(
                Step.Kind.CALL,
                "make directory " + path,
                SyscallNumber.MKDIRAT,
                directory,
                Argument.of(path),
                Argument.of(mode));
    }

    /**
     * Makes a node.
     *
     * @param mode type and permissions ({@code S_IFCHR | 0666})
     * @param device major and minor number in the kernel's encoding, see {@link #device}
     */
    public void mknodat(FdArgument directory, String path, int mode, long device) {
        builder.add(
                Step.Kind.CALL,
                "make node " + path,
                SyscallNumber.MKNODAT,
                directory,
                Argument.of(path),
                Argument.of(mode),
                Argument.of(device));
    }

    /** A device number as mknod takes it (new_encode_dev in linux/kdev_t.h). */
    public static long device(int major, int minor) {
        return (minor & 0xff) | ((long) major << 8) | ((long) (minor & ~0xff) << 12);
    }

    public void symlinkat(String target, FdArgument directory, String path) {
        builder.add(
                Step.Kind.CALL,
                "link " + path + " to " + target,
                SyscallNumber.SYMLINKAT,
                Argument.of(target),
                directory,
                Argument.of(path));
    }

    public void fchownat(FdArgument directory, String path, int uid, int gid, int flags) {
        builder.add(
                Step.Kind.CALL,
                "change owner of " + path,
                SyscallNumber.FCHOWNAT,
                directory,
                Argument.of(path),
                id(uid),
                id(gid),
                Argument.of(flags));
    }

    public void fchmodat(FdArgument directory, String path, int mode) {
        builder.add(
                Step.Kind.CALL,
                "change mode of " + path,
                SyscallNumber.FCHMODAT,
                directory,
                Argument.of(path),
                Argument.of(mode));
    }

    public void unlinkat(FdArgument directory, String path, int flags) {
        builder.add(
                Step.Kind.CALL,
                "remove " + path,
                SyscallNumber.UNLINKAT,
                directory,
                Argument.of(path),
                Argument.of(flags));
    }

    /** Makes {@code number} name the same open file; without {@code O_CLOEXEC} in flags the program inherits it. */
    public void dup3(FdArgument from, int number, int flags) {
        builder.add(
                Step.Kind.CALL,
                "descriptor " + number + " from " + from,
                SyscallNumber.DUP3,
                from,
                Argument.of(number),
                Argument.of(flags));
    }

    public void close(FdArgument fd) {
        builder.add(Step.Kind.CALL, "close " + fd, SyscallNumber.CLOSE, fd);
    }

    /**
     * Marks every descriptor from {@code first} on close-on-exec, so that the program sees only those below. One of the
     * last steps: the ones before still use descriptors.
     */
    public void closeOnExecFrom(int first) {
        builder.add(
                Step.Kind.CALL,
                "close descriptors from " + first + " on exec",
                SyscallNumber.CLOSE_RANGE,
                Argument.of(first),
                Argument.of(LAST_DESCRIPTOR),
                Argument.of(CLOSE_RANGE_CLOEXEC));
    }

    /**
     * Closes every descriptor from {@code first} on at once, except for some of this process's. Before a process enters a pid
     * namespace that others are in: they could take what is open in it.
     *
     * @param kept are open now, and have the same numbers in the child
     */
    public void closeFrom(int first, Collection<Fd> kept) {
        int next = first;
        for (int number : kept.stream().map(Fd::value).sorted().toList()) {
            if (number > next) {
                closeRange(next, number - 1L);
            }
            next = Math.max(next, number + 1);
        }
        closeRange(next, LAST_DESCRIPTOR);
    }

    private void closeRange(int first, long last) {
        builder.add(
                Step.Kind.CALL,
                "close descriptors from " + first,
                SyscallNumber.CLOSE_RANGE,
                Argument.of(first),
                Argument.of(last),
                Argument.of(0));
    }

    /** Writes a short text in one call, as files under /proc and cgroups want it. */
    public void write(FdArgument fd, String text) {
        builder.add(
                Step.Kind.CALL,
                "write " + text.strip() + " to " + fd,
                SyscallNumber.WRITE,
                fd,
                Argument.of(text),
                Argument.of(FileNameCodec.encode(text).length));
    }

    public void read(FdArgument fd, Scratch into) {
        builder.add(Step.Kind.CALL, "read " + fd, SyscallNumber.READ, fd, into.at(0), Argument.of(into.size()));
    }

    public void chdir(String path) {
        builder.add(Step.Kind.CALL, "change directory to " + path, SyscallNumber.CHDIR, Argument.of(path));
    }

    public void fchdir(FdArgument directory) {
        builder.add(Step.Kind.CALL, "change directory to " + directory, SyscallNumber.FCHDIR, directory);
    }

    public void umask(int mask) {
        builder.add(Step.Kind.CALL, "set umask", SyscallNumber.UMASK, Argument.of(mask));
    }

    /**
     * Fails the program unless a descriptor is the device with this number, whatever its path said.
     *
     * @param what names the device in the error, such as {@code /dev/null}
     */
    public void checkDevice(FdArgument fd, String what, int major, int minor) {
        Scratch statx = examine(fd, what);
        String condition = "check that " + what + " is device " + major + ":" + minor;
        builder.check(condition, statx.at(STATX_RDEV_MAJOR), major);
        builder.check(condition, statx.at(STATX_RDEV_MINOR), minor);
    }

    /**
     * Fails the program unless a descriptor is the file with this number in its file system, whatever its path said.
     *
     * @param what names the file in the error, such as {@code /proc}
     * @param inode in 31 bits; only the lower 32 of the file's are looked at
     */
    public void checkInode(FdArgument fd, String what, int inode) {
        builder.check(
                "check that " + what + " is inode " + inode, examine(fd, what).at(STATX_INODE), inode);
    }

    private Scratch examine(FdArgument fd, String what) {
        Scratch statx = builder.scratch("statx " + what, STATX_SIZE);
        builder.named("examine " + what)
                .call(
                        SyscallNumber.STATX,
                        fd,
                        Argument.of(""),
                        Argument.of(AT_EMPTY_PATH),
                        Argument.of(STATX_BASIC_STATS),
                        statx.at(0));
        return statx;
    }

    /**
     * Fails the program unless a descriptor lies on a file system of this kind, whatever its path said.
     *
     * @param what names the file in the error, such as {@code /proc}
     * @param magic the number in linux/magic.h, such as 0x9fa0 for proc
     */
    public void checkFileSystem(FdArgument fd, String what, int magic) {
        Scratch statfs = builder.scratch("statfs " + what, STATFS_SIZE);
        builder.named("examine file system of " + what).call(SyscallNumber.FSTATFS, fd, statfs.at(0));
        builder.check("check that " + what + " is on file system 0x" + Integer.toHexString(magic), statfs.at(0), magic);
    }

    /**
     * Fails the program if a descriptor lies on a file system of this kind: see {@link #checkFileSystem}.
     *
     * @param kind names the file system in the error, such as {@code proc}
     */
    public void checkNotFileSystem(FdArgument fd, String what, String kind, int magic) {
        Scratch statfs = builder.scratch("statfs " + what, STATFS_SIZE);
        builder.named("examine file system of " + what).call(SyscallNumber.FSTATFS, fd, statfs.at(0));
        builder.checkNot("check that " + what + " is not on " + kind, statfs.at(0), magic);
    }

    private static Argument id(int id) {
        return Argument.of(id & 0xffffffffL);
    }
}
