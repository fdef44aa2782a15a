package io.berth.linux.fd;

/** What kind of file an inode is: the S_IFMT part of a mode (linux/stat.h). */
public enum FileType {
    FIFO(0_010000, 1),
    CHARACTER_DEVICE(0_020000, 2),
    DIRECTORY(0_040000, 4),
    BLOCK_DEVICE(0_060000, 6),
    REGULAR(0_100000, 8),
    SYMBOLIC_LINK(0_120000, 10),
    SOCKET(0_140000, 12),
    /** The file system did not say (directory entries only), or a kind of file that has no S_IFMT value. */
    UNKNOWN(0, 0);

    static final int MASK = 0_170000;

    private static final FileType[] BY_DIRENT = new FileType[16];

    static {
        java.util.Arrays.fill(BY_DIRENT, UNKNOWN);
        for (FileType type : values()) {
            BY_DIRENT[type.direntType] = type;
        }
    }

    private final int bits;
    private final int direntType;

    FileType(int bits, int direntType) {
        this.bits = bits;
        this.direntType = direntType;
    }

    /** The S_IFMT bits. */
    public int bits() {
        return bits;
    }

    /** The type in a mode. */
    public static FileType ofMode(int mode) {
        // DT_x is S_IFx shifted by 12 bits, by definition (IFTODT).
        return BY_DIRENT[(mode & MASK) >>> 12];
    }

    /** The type in a directory entry (DT_*). */
    static FileType ofDirent(int direntType) {
        return direntType < BY_DIRENT.length ? BY_DIRENT[direntType] : UNKNOWN;
    }
}
