package io.berth.linux.fd;

import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;

/** What a file system is told of how a directory will be used. It may take no notice. */
public final class DirectoryHints {
    /** linux/fs.h; the kernel reads and writes an int in spite of the numbers' size. */
    private static final long FS_IOC_GETFLAGS = 0x80086601L;

    private static final long FS_IOC_SETFLAGS = 0x40086602L;
    private static final int FS_TOPDIR_FL = 0x00020000;

    private DirectoryHints() {}

    /**
     * Says that the directories in this one have nothing to do with each other ({@code chattr +T}), so that ext4 puts each of them
     * elsewhere on the disk, with what is made in it. Without that they share one region: they grow into each other there, and an ext4
     * without a journal, which does not use an inode again for some time, looks at all that were just freed for each file that is made
     * (Linux, fs/ext4/ialloc.c: find_group_orlov, recently_deleted).
     *
     * @return whether the file system has taken it; it is only a hint, so there is no error
     */
    public static boolean spread(Directory directory) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int flags = buffer.reserve(Long.BYTES);
            int fd = directory.fd().value();
            long result = LibC.callRaw(SyscallNumber.IOCTL, fd, FS_IOC_GETFLAGS, buffer.address() + flags);
            if (result >= 0) {
                buffer.bytes().putInt(flags, buffer.bytes().getInt(flags) | FS_TOPDIR_FL);
                result = LibC.callRaw(SyscallNumber.IOCTL, fd, FS_IOC_SETFLAGS, buffer.address() + flags);
            }
            return result >= 0;
        }
    }
}
