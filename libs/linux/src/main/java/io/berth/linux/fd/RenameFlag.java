package io.berth.linux.fd;

import java.util.Collection;

/** Flags of renameat2(2) (linux/fs.h). */
public enum RenameFlag {
    /** Fail with EEXIST instead of replacing. */
    NO_REPLACE(1),
    /** Swap both names in one step. */
    EXCHANGE(2),
    /** Leave an overlay whiteout (a 0:0 character device) at the old name. */
    WHITEOUT(4);

    private final int bit;

    RenameFlag(int bit) {
        this.bit = bit;
    }

    static int bits(Collection<RenameFlag> flags) {
        int bits = 0;
        for (RenameFlag flag : flags) {
            bits |= flag.bit;
        }
        return bits;
    }
}
