package io.berth.engine.runtime.kernel;

/** {@code MS_*} flags of mount(2) and {@code MOUNT_ATTR_*} of mount_setattr(2) (linux/mount.h). */
final class MountFlags {
    static final int RDONLY = 1;
    static final int NOSUID = 2;
    static final int NODEV = 4;
    static final int NOEXEC = 8;
    static final int REMOUNT = 32;
    static final int BIND = 4096;
    static final int REC = 16384;
    static final int PRIVATE = 1 << 18;
    static final int RELATIME = 1 << 21;
    static final int STRICTATIME = 1 << 24;

    static final int ATTR_RDONLY = 1;

    static final int OPEN_TREE_CLONE = 1;
    static final int OPEN_TREE_CLOEXEC = 0x80000;
    static final int MNT_DETACH = 2;

    private MountFlags() {}
}
