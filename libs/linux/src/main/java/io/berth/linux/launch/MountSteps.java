package io.berth.linux.launch;

import io.berth.linux.abi.SyscallNumber;
import org.jspecify.annotations.Nullable;

/**
 * Steps on mounts and the root. Flags are the kernel's numbers (linux/mount.h); the child needs a mount namespace of
 * its own, or they change this process's.
 */
public final class MountSteps {
    private static final int MOVE_MOUNT_F_EMPTY_PATH = 0x4;
    private static final int FSCONFIG_SET_FLAG = 0;
    private static final int FSCONFIG_SET_STRING = 1;
    private static final int FSCONFIG_SET_FD = 5;
    private static final int FSCONFIG_CMD_CREATE = 6;

    private final LaunchProgramBuilder builder;

    MountSteps(LaunchProgramBuilder builder) {
        this.builder = builder;
    }

    /**
     * The classic call.
     *
     * @param source device, directory or the name shown in mountinfo
     * @param flags {@code MS_*}
     * @param data the file system's own options, comma-separated, at most a page
     */
    public void mount(
            @Nullable String source, String target, @Nullable String type, long flags, @Nullable String data) {
        builder.add(
                Step.Kind.CALL,
                type == null
                        ? (source == null ? "change mount " + target : "mount " + source + " on " + target)
                        : "mount " + type + " on " + target,
                SyscallNumber.MOUNT,
                textOrNull(source),
                Argument.of(target),
                textOrNull(type),
                Argument.of(flags),
                textOrNull(data));
    }

    public void umount2(String target, int flags) {
        builder.add(
                Step.Kind.CALL, "unmount " + target, SyscallNumber.UMOUNT2, Argument.of(target), Argument.of(flags));
    }

    /** Makes {@code newRoot} the root; with {@code "."} for both, the old root lies over the new one until unmounted. */
    public void pivotRoot(String newRoot, String putOld) {
        builder.add(
                Step.Kind.CALL,
                "pivot root to " + newRoot,
                SyscallNumber.PIVOT_ROOT,
                Argument.of(newRoot),
                Argument.of(putOld));
    }

    /** Opens a mount, or with {@code OPEN_TREE_CLONE} a detached copy of one; the result is its descriptor. */
    public FdArgument.Result openTree(FdArgument directory, String path, int flags) {
        return builder.add(
                Step.Kind.CALL,
                "open tree " + path,
                SyscallNumber.OPEN_TREE,
                directory,
                Argument.of(path),
                Argument.of(flags));
    }

    /**
     * Attaches a detached mount.
     *
     * @param mount the mount's own descriptor
     * @param directory with {@code path}, where to; with an empty path the descriptor itself
     */
    public void moveMount(FdArgument mount, FdArgument directory, String path) {
        builder.add(
                Step.Kind.CALL,
                "attach " + mount + " to " + (path.isEmpty() ? directory : path),
                SyscallNumber.MOVE_MOUNT,
                mount,
                Argument.of(""),
                directory,
                Argument.of(path),
                Argument.of(MOVE_MOUNT_F_EMPTY_PATH | (path.isEmpty() ? MOVE_MOUNT_T_EMPTY_PATH : 0)));
    }

    private static final int MOVE_MOUNT_T_EMPTY_PATH = 0x40;

    /**
     * Changes attributes of a mount.
     *
     * @param flags {@code AT_EMPTY_PATH}, {@code AT_RECURSIVE}
     * @param set {@code MOUNT_ATTR_*} to set
     * @param clear {@code MOUNT_ATTR_*} to clear
     * @param propagation {@code MS_PRIVATE} and the like, or 0
     */
    public void mountSetattr(FdArgument directory, String path, int flags, long set, long clear, long propagation) {
        Blob attributes = Blob.of(
                        "{set=0x%x, clear=0x%x, propagation=0x%x}".formatted(set, clear, propagation), MOUNT_ATTR_SIZE)
                .putLong(0, set)
                .putLong(8, clear)
                .putLong(16, propagation)
                .build();
        mountSetattr(directory, path, flags, attributes);
    }

    /** Maps a detached mount's owners through a user namespace ({@code MOUNT_ATTR_IDMAP}). */
    public void mapOwners(FdArgument mount, int flags, FdArgument userNamespace) {
        Blob attributes = Blob.of("{set=MOUNT_ATTR_IDMAP, userns=" + userNamespace + "}", MOUNT_ATTR_SIZE)
                .putLong(0, MOUNT_ATTR_IDMAP)
                .putArgument(24, userNamespace)
                .build();
        mountSetattr(mount, "", flags | AT_EMPTY_PATH, attributes);
    }

    private static final int MOUNT_ATTR_SIZE = 32;
    private static final long MOUNT_ATTR_IDMAP = 0x00100000;
    private static final int AT_EMPTY_PATH = 0x1000;

    private void mountSetattr(FdArgument directory, String path, int flags, Blob attributes) {
        builder.add(
                Step.Kind.CALL,
                "change attributes of mount " + (path.isEmpty() ? directory : path),
                SyscallNumber.MOUNT_SETATTR,
                directory,
                Argument.of(path),
                Argument.of(flags),
                new Argument.Structure(attributes),
                Argument.of(attributes.size()));
    }

    /** Begins to configure a file system; the result is the context's descriptor. */
    public FdArgument.Result fsopen(String type, int flags) {
        return builder.add(
                Step.Kind.CALL,
                "open file system " + type,
                SyscallNumber.FSOPEN,
                Argument.of(type),
                Argument.of(flags));
    }

    public void fsconfigString(FdArgument context, String key, String value) {
        fsconfig("set " + key + "=" + value, context, FSCONFIG_SET_STRING, Argument.of(key), Argument.of(value), 0);
    }

    public void fsconfigFlag(FdArgument context, String key) {
        fsconfig("set " + key, context, FSCONFIG_SET_FLAG, Argument.of(key), Argument.NULL, 0);
    }

    public void fsconfigFd(FdArgument context, String key, FdArgument value) {
        builder.add(
                Step.Kind.CALL,
                "set " + key + "=" + value + " of " + context,
                SyscallNumber.FSCONFIG,
                context,
                Argument.of(FSCONFIG_SET_FD),
                Argument.of(key),
                Argument.NULL,
                value);
    }

    /** Makes the file system from its configuration. */
    public void fsconfigCreate(FdArgument context) {
        fsconfig("create file system", context, FSCONFIG_CMD_CREATE, Argument.NULL, Argument.NULL, 0);
    }

    private void fsconfig(String name, FdArgument context, int command, Argument key, Argument value, int aux) {
        builder.add(
                Step.Kind.CALL,
                name + " of " + context,
                SyscallNumber.FSCONFIG,
                context,
                Argument.of(command),
                key,
                value,
                Argument.of(aux));
    }

    /** Makes a detached mount of a created file system; the result is the mount's descriptor. */
    public FdArgument.Result fsmount(FdArgument context, int flags, int attributes) {
        return builder.add(
                Step.Kind.CALL,
                "mount " + context,
                SyscallNumber.FSMOUNT,
                context,
                Argument.of(flags),
                Argument.of(attributes));
    }

    private static Argument textOrNull(@Nullable String text) {
        return text == null ? Argument.NULL : Argument.of(text);
    }
}
