package io.berth.linux.fd;

import java.nio.ByteBuffer;
import java.time.Instant;

/**
 * What statx(2) says about a file (linux/stat.h).
 *
 * @param type kind of file
 * @param permissions the lower twelve bits of the mode: set-id bits, sticky bit, rwx
 * @param uid owner, unsigned 32 bits
 * @param gid group, unsigned 32 bits
 * @param size bytes; of a symbolic link, the length of its target
 * @param blocks allocated, in units of 512 bytes
 * @param links number of hard links, unsigned 32 bits
 * @param inode inode number
 * @param deviceMajor of the file system that holds the file
 * @param deviceMinor of the file system that holds the file
 * @param rdevMajor of the device that the file is, when it is one
 * @param rdevMinor of the device that the file is, when it is one
 * @param accessed time of last access
 * @param modified time of last change of contents, nanoseconds
 * @param changed time of last change of the inode
 * @param mountId of the mount it was reached through (kernel 5.8), as in mountinfo
 */
public record FileStat(
        FileType type,
        int permissions,
        long uid,
        long gid,
        long size,
        long blocks,
        long links,
        long inode,
        int deviceMajor,
        int deviceMinor,
        int rdevMajor,
        int rdevMinor,
        Instant accessed,
        Instant modified,
        Instant changed,
        long mountId) {
    static final int SIZE = 256;
    static final int MASK = 0x7FF | 0x1000;

    static final int NLINK = 16;
    static final int UID = 20;
    static final int GID = 24;
    static final int MODE = 28;
    static final int INODE = 32;
    static final int LENGTH = 40;
    static final int BLOCKS = 48;
    static final int ACCESSED = 64;
    static final int CHANGED = 96;
    static final int MODIFIED = 112;
    static final int RDEV = 128;
    static final int DEVICE = 136;
    static final int MOUNT_ID = 144;

    /** Reads a struct statx. */
    static FileStat read(ByteBuffer b, int at) {
        int mode = Short.toUnsignedInt(b.getShort(at + MODE));
        return new FileStat(
                FileType.ofMode(mode),
                mode & 0_7777,
                Integer.toUnsignedLong(b.getInt(at + UID)),
                Integer.toUnsignedLong(b.getInt(at + GID)),
                b.getLong(at + LENGTH),
                b.getLong(at + BLOCKS),
                Integer.toUnsignedLong(b.getInt(at + NLINK)),
                b.getLong(at + INODE),
                b.getInt(at + DEVICE),
                b.getInt(at + DEVICE + 4),
                b.getInt(at + RDEV),
                b.getInt(at + RDEV + 4),
                time(b, at + ACCESSED),
                time(b, at + MODIFIED),
                time(b, at + CHANGED),
                b.getLong(at + MOUNT_ID));
    }

    private static Instant time(ByteBuffer b, int at) {
        return Instant.ofEpochSecond(b.getLong(at), Integer.toUnsignedLong(b.getInt(at + 8)));
    }

    public boolean isDirectory() {
        return type == FileType.DIRECTORY;
    }

    public boolean isRegular() {
        return type == FileType.REGULAR;
    }

    public boolean isSymbolicLink() {
        return type == FileType.SYMBOLIC_LINK;
    }

    /** Type and permissions as the kernel and tar headers write them. */
    public int mode() {
        return type.bits() | permissions;
    }

    /** Whether both are the same file: a hard link to it, or the file itself. */
    public boolean isSameFileAs(FileStat other) {
        return inode == other.inode && deviceMajor == other.deviceMajor && deviceMinor == other.deviceMinor;
    }
}
