package io.berth.linux.mount;

/** Kinds of file system as statfs(2) tells them (linux/magic.h). */
public final class FileSystemMagic {
    public static final long PROC = 0x9FA0;
    public static final long SYSFS = 0x62656572;
    public static final long TMPFS = 0x01021994;
    public static final long DEVPTS = 0x1CD1;
    public static final long MQUEUE = 0x19800202;
    public static final long CGROUP = 0x27E0EB;
    public static final long CGROUP2 = 0x63677270;
    public static final long OVERLAY = 0x794C7630;
    public static final long EXT4 = 0xEF53;
    public static final long XFS = 0x58465342;
    public static final long BTRFS = 0x9123683EL;
    public static final long ZFS = 0x2FC12FC1;
    public static final long F2FS = 0xF2F52010L;
    public static final long NFS = 0x6969;
    public static final long FUSE = 0x65735546;
    public static final long PIPEFS = 0x50495045;
    public static final long NSFS = 0x6E736673;

    private FileSystemMagic() {}

    /** The name that Docker shows as "Backing Filesystem", or {@code <unknown>}. */
    public static String name(long magic) {
        // statfs has a signed word; some kinds have the top bit of 32 set.
        long kind = magic & 0xFFFFFFFFL;
        if (kind == PROC) {
            return "proc";
        } else if (kind == SYSFS) {
            return "sysfs";
        } else if (kind == TMPFS) {
            return "tmpfs";
        } else if (kind == OVERLAY) {
            return "overlayfs";
        } else if (kind == EXT4) {
            return "extfs";
        } else if (kind == XFS) {
            return "xfs";
        } else if (kind == BTRFS) {
            return "btrfs";
        } else if (kind == ZFS) {
            return "zfs";
        } else if (kind == F2FS) {
            return "f2fs";
        } else if (kind == NFS) {
            return "nfs";
        } else if (kind == FUSE) {
            return "fuse";
        }
        return "<unknown>";
    }
}
