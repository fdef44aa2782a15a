package io.berth.linux.mount;

import java.util.Collection;

/** Attributes of one mount, as fsmount(2) and mount_setattr(2) take them (MOUNT_ATTR_* of linux/mount.h). */
public enum MountAttribute {
    READ_ONLY(0x1),
    NO_SUID(0x2),
    NO_DEVICES(0x4),
    NO_EXEC(0x8),
    /** One of three values of a field; setting any of them clears the others. The default, relatime, is no bit at all. */
    NO_ACCESS_TIME(0x10),
    STRICT_ACCESS_TIME(0x20),
    NO_DIRECTORY_ACCESS_TIME(0x80),
    NO_SYMLINK_FOLLOW(0x200000);

    static final long ACCESS_TIME_FIELD = 0x70;
    static final long ID_MAP = 0x100000;

    private final long bit;

    MountAttribute(long bit) {
        this.bit = bit;
    }

    public static long bits(Collection<MountAttribute> attributes) {
        long bits = 0;
        for (MountAttribute attribute : attributes) {
            bits |= attribute.bit;
        }
        return bits;
    }
}
