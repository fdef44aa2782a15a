package io.berth.linux.fd;

import java.nio.ByteBuffer;

/**
 * What statfs(2) says about the file system that holds a file.
 *
 * @param magic its kind, such as {@code 0x9fa0} for procfs, see {@code io.berth.linux.mount.FileSystemMagic}
 * @param blockSize bytes
 * @param blocks total, in units of {@code blockSize}
 * @param blocksFree free for root
 * @param blocksAvailable free for others
 * @param files inodes in total; 0 where the file system has no fixed number
 * @param filesFree inodes free
 */
public record FileSystemStat(
        long magic, long blockSize, long blocks, long blocksFree, long blocksAvailable, long files, long filesFree) {
    static final int SIZE = 120;

    static FileSystemStat read(ByteBuffer b, int at) {
        return new FileSystemStat(
                b.getLong(at),
                b.getLong(at + 8),
                b.getLong(at + 16),
                b.getLong(at + 24),
                b.getLong(at + 32),
                b.getLong(at + 40),
                b.getLong(at + 48));
    }

    /** Bytes that others than root can still write. */
    public long availableBytes() {
        return blocksAvailable * blockSize;
    }

    public long totalBytes() {
        return blocks * blockSize;
    }
}
