package io.berth.linux.mount;

import java.util.Collection;

/** Flags of umount2(2). */
public enum UnmountFlag {
    FORCE(1),
    /** Take it out of the tree now; it goes when its last user goes. */
    DETACH(2),
    EXPIRE(4),
    NO_FOLLOW(8);

    private final int bit;

    UnmountFlag(int bit) {
        this.bit = bit;
    }

    public static long bits(Collection<UnmountFlag> flags) {
        long bits = 0;
        for (UnmountFlag flag : flags) {
            bits |= flag.bit;
        }
        return bits;
    }
}
