package io.berth.linux.fd;

import io.berth.linux.abi.Architecture;
import java.util.Collection;

/** Flags of openat2(2) (asm/fcntl.h; some differ between x86-64 and aarch64). {@code O_CLOEXEC} is always added. */
public enum OpenFlag {
    /** The default; here so that a set can say it. */
    READ(0, 0),
    WRITE(0_1, 0_1),
    READ_WRITE(0_2, 0_2),
    CREATE(0_100, 0_100),
    /** With {@link #CREATE}: fail with EEXIST if the name exists, even as a dangling link. */
    EXCLUSIVE(0_200, 0_200),
    NO_CONTROLLING_TERMINAL(0_400, 0_400),
    TRUNCATE(0_1000, 0_1000),
    APPEND(0_2000, 0_2000),
    NON_BLOCKING(0_4000, 0_4000),
    /** Every write returns only after the data is on the device. */
    DATA_SYNC(0_10000, 0_10000),
    DIRECTORY(0_200000, 0_40000),
    /** A symbolic link as the last component is refused with ELOOP, or opened itself with {@link #PATH}. */
    NO_FOLLOW(0_400000, 0_100000),
    NO_ACCESS_TIME(0_1000000, 0_1000000),
    /** Only names the file: no reading, no side effect of opening a device or FIFO. */
    PATH(0_10000000, 0_10000000),
    /** An unnamed file in the directory that is opened; it vanishes unless linked. Needs {@link #WRITE}. */
    TEMPORARY(0_20200000, 0_20040000);

    static final int CLOSE_ON_EXEC = 0_2000000;

    private final int bits;

    OpenFlag(int x86, int arm) {
        bits = Architecture.CURRENT == Architecture.X86_64 ? x86 : arm;
    }

    int bits() {
        return bits;
    }

    static int bits(Collection<OpenFlag> flags) {
        int bits = CLOSE_ON_EXEC;
        for (OpenFlag flag : flags) {
            bits |= flag.bits;
        }
        return bits;
    }
}
