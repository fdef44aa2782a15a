package io.berth.linux.mount;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.Fd;
import io.berth.linux.fd.Resolution;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A mount that only a descriptor holds: it is in no mount table until it is attached, and closing the descriptor of one
 * that never was unmounts it. (Once attached, the descriptor still names the mount, and closing it leaves it mounted.)
 *
 * <p>Needs CAP_SYS_ADMIN in the user namespace of the mount namespace. open_tree, move_mount, fsmount: kernel 5.2;
 * mount_setattr: 5.12. Safe for several threads.
 */
public final class DetachedMount implements AutoCloseable {
    private static final int AT_FDCWD = -100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int AT_RECURSIVE = 0x8000;
    private static final int OPEN_TREE_CLONE = 1;
    private static final int OPEN_TREE_CLOEXEC = 0_2000000;
    private static final int MOVE_MOUNT_F_EMPTY_PATH = 0x4;
    private static final int MOVE_MOUNT_T_EMPTY_PATH = 0x40;
    static final int MOUNT_ATTR_SIZE = 32;

    private final Fd fd;

    /** Takes ownership of a descriptor from open_tree or fsmount. */
    public DetachedMount(Fd fd) {
        this.fd = fd;
    }

    /**
     * Clones what is at a path of the host, for a bind mount.
     *
     * @param recursive with the mounts below it
     */
    public static DetachedMount cloneOf(Path path, boolean recursive) {
        return openTree(AT_FDCWD, path.toString(), recursive ? AT_RECURSIVE : 0, path.toString());
    }

    /**
     * Clones what an open file or directory is (O_PATH is enough), so that no path is resolved again.
     *
     * @param recursive with the mounts below it
     */
    public static DetachedMount cloneOf(Fd file, boolean recursive) {
        return openTree(file.value(), "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), file.description());
    }

    private static DetachedMount openTree(int directory, String path, int flags, String subject) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            long opened = LibC.call(
                    SyscallNumber.OPEN_TREE,
                    subject,
                    directory,
                    buffer.addString(path),
                    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags);
            return new DetachedMount(Fd.own((int) opened, subject));
        }
    }

    /** The descriptor, for programs that attach it: O_PATH, names the root of the mount. */
    public Fd fd() {
        return fd;
    }

    /** Opens the root of the mount as a directory; it stays readable after this object is closed. */
    public Directory openRoot() {
        try (Directory path = Directory.own(fd.duplicate(), Resolution.IN_ROOT)) {
            return path.openDirectory(".");
        }
    }

    /** Attaches it on an open directory or file of this mount namespace (O_PATH is enough). */
    public void attachTo(Fd target) {
        moveMount(target.value(), "", MOVE_MOUNT_T_EMPTY_PATH, target.description());
    }

    /** Attaches it on a path of the host; a link as the last component is not followed. */
    public void attachTo(Path target) {
        moveMount(AT_FDCWD, target.toString(), 0, target.toString());
    }

    private void moveMount(int directory, String path, int flags, String subject) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            LibC.call(
                    SyscallNumber.MOVE_MOUNT,
                    fd.description() + " on " + subject,
                    fd.value(),
                    buffer.addString(""),
                    directory,
                    buffer.addString(path),
                    MOVE_MOUNT_F_EMPTY_PATH | flags);
        }
    }

    /**
     * Changes attributes.
     *
     * @param set to turn on; one of the access-time values replaces the other
     * @param clear to turn off
     * @param recursive also of all mounts below, all or none
     */
    public void setAttributes(Set<MountAttribute> set, Set<MountAttribute> clear, boolean recursive) {
        setAttributes(fd, MountAttribute.bits(set), MountAttribute.bits(clear), 0, null, recursive);
    }

    /** Changes how mounts below travel. */
    public void setPropagation(Propagation propagation, boolean recursive) {
        setAttributes(fd, 0, 0, propagation.bit(), null, recursive);
    }

    /**
     * Maps owners of files as the user namespace does, once per mount and only before it is attached.
     *
     * @param userNamespace descriptor of a user namespace that is not the initial one
     * @throws SyscallException EINVAL where the file system cannot be id-mapped, EPERM when already mapped
     */
    public void mapOwners(Fd userNamespace, boolean recursive) {
        setAttributes(fd, MountAttribute.ID_MAP, 0, 0, userNamespace, recursive);
    }

    /** mount_setattr on any open mount; struct mount_attr is {u64 set, u64 clear, u64 propagation, u64 user ns fd}. */
    static void setAttributes(
            Fd mount, long set, long clear, long propagation, @Nullable Fd userNamespace, boolean recursive) {
        long cleared = clear;
        if (((set | clear) & MountAttribute.ACCESS_TIME_FIELD) != 0) {
            cleared |= MountAttribute.ACCESS_TIME_FIELD; // the kernel wants the whole field cleared before a new value
        }
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int at = buffer.reserve(MOUNT_ATTR_SIZE);
            ByteBuffer bytes = buffer.bytes();
            bytes.putLong(at, set);
            bytes.putLong(at + 8, cleared);
            bytes.putLong(at + 16, propagation);
            bytes.putLong(at + 24, userNamespace == null ? 0 : userNamespace.value());
            LibC.call(
                    SyscallNumber.MOUNT_SETATTR,
                    mount.description(),
                    mount.value(),
                    buffer.addString(""),
                    AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0),
                    buffer.address() + at,
                    MOUNT_ATTR_SIZE);
        }
    }

    /**
     * Unmounts a path of the host, not following a link at its end.
     *
     * @return whether something was mounted there
     */
    public static boolean unmount(Path path, Collection<UnmountFlag> flags) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            long bits = UnmountFlag.bits(flags) | UnmountFlag.bits(Set.of(UnmountFlag.NO_FOLLOW));
            long result = LibC.callRaw(SyscallNumber.UMOUNT2, buffer.addString(path.toString()), bits);
            if (result < 0 && result != -Errno.EINVAL) {
                throw new SyscallException("umount2", path.toString(), (int) -result);
            }
            return result == 0;
        }
    }

    @Override
    public void close() {
        fd.close();
    }

    @Override
    public String toString() {
        return "mount " + fd;
    }
}
