package io.berth.linux.mount;

import java.util.Collection;

/** Flags of mount(2) (linux/mount.h). */
public enum MountFlag {
    READ_ONLY(1, "ro"),
    NO_SUID(2, "nosuid"),
    NO_DEVICES(4, "nodev"),
    NO_EXEC(8, "noexec"),
    SYNCHRONOUS(16, "sync"),
    REMOUNT(32, "remount"),
    NO_SYMLINK_FOLLOW(256, "nosymfollow"),
    NO_ACCESS_TIME(1024, "noatime"),
    NO_DIRECTORY_ACCESS_TIME(2048, "nodiratime"),
    BIND(4096, "bind"),
    MOVE(8192, "move"),
    RECURSIVE(16384, "rec"),
    SILENT(32768, "silent"),
    UNBINDABLE(1 << 17, "unbindable"),
    PRIVATE(1 << 18, "private"),
    SLAVE(1 << 19, "slave"),
    SHARED(1 << 20, "shared"),
    RELATIVE_ACCESS_TIME(1 << 21, "relatime"),
    STRICT_ACCESS_TIME(1 << 24, "strictatime");

    private final int bit;
    private final String option;

    MountFlag(int bit, String option) {
        this.bit = bit;
        this.option = option;
    }

    public int bit() {
        return bit;
    }

    /** The name that mount(8) gives it. */
    public String option() {
        return option;
    }

    public static long bits(Collection<MountFlag> flags) {
        long bits = 0;
        for (MountFlag flag : flags) {
            bits |= flag.bit;
        }
        return bits;
    }
}
