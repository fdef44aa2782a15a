package io.berth.linux.fd;

import io.berth.linux.launch.NativeTools;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Structs and constants as the C compiler of this machine has them. */
class FileLayoutTest {
    @TempDir
    Path directory;

    private static long bits(OpenFlag flag) {
        return flag.bits();
    }

    @Test
    void statx() throws Exception {
        Map<String, Long> expected = new LinkedHashMap<>();
        expected.put("sizeof(struct statx)", (long) FileStat.SIZE);
        expected.put("offsetof(struct statx, stx_nlink)", (long) FileStat.NLINK);
        expected.put("offsetof(struct statx, stx_uid)", (long) FileStat.UID);
        expected.put("offsetof(struct statx, stx_gid)", (long) FileStat.GID);
        expected.put("offsetof(struct statx, stx_mode)", (long) FileStat.MODE);
        expected.put("offsetof(struct statx, stx_ino)", (long) FileStat.INODE);
        expected.put("offsetof(struct statx, stx_size)", (long) FileStat.LENGTH);
        expected.put("offsetof(struct statx, stx_blocks)", (long) FileStat.BLOCKS);
        expected.put("offsetof(struct statx, stx_atime)", (long) FileStat.ACCESSED);
        expected.put("offsetof(struct statx, stx_ctime)", (long) FileStat.CHANGED);
        expected.put("offsetof(struct statx, stx_mtime)", (long) FileStat.MODIFIED);
        expected.put("offsetof(struct statx, stx_rdev_major)", (long) FileStat.RDEV);
        expected.put("offsetof(struct statx, stx_dev_major)", (long) FileStat.DEVICE);
        expected.put("offsetof(struct statx, stx_mnt_id)", (long) FileStat.MOUNT_ID);
        expected.put("offsetof(struct statx_timestamp, tv_nsec)", 8L);
        expected.put("STATX_BASIC_STATS | STATX_MNT_ID", (long) FileStat.MASK & 0x17FF);
        NativeTools.compareWithC(directory, List.of("<linux/stat.h>"), expected);
    }

    @Test
    void openFlagsAndStructs() throws Exception {
        Map<String, Long> expected = new LinkedHashMap<>();
        expected.put("O_WRONLY", bits(OpenFlag.WRITE));
        expected.put("O_RDWR", bits(OpenFlag.READ_WRITE));
        expected.put("O_CREAT", bits(OpenFlag.CREATE));
        expected.put("O_EXCL", bits(OpenFlag.EXCLUSIVE));
        expected.put("O_NOCTTY", bits(OpenFlag.NO_CONTROLLING_TERMINAL));
        expected.put("O_TRUNC", bits(OpenFlag.TRUNCATE));
        expected.put("O_APPEND", bits(OpenFlag.APPEND));
        expected.put("O_NONBLOCK", bits(OpenFlag.NON_BLOCKING));
        expected.put("O_DSYNC", bits(OpenFlag.DATA_SYNC));
        expected.put("O_DIRECTORY", bits(OpenFlag.DIRECTORY));
        expected.put("O_NOFOLLOW", bits(OpenFlag.NO_FOLLOW));
        expected.put("O_NOATIME", bits(OpenFlag.NO_ACCESS_TIME));
        expected.put("O_PATH", bits(OpenFlag.PATH));
        expected.put("O_TMPFILE", bits(OpenFlag.TEMPORARY));
        expected.put("O_CLOEXEC", (long) OpenFlag.CLOSE_ON_EXEC);
        expected.put("AT_SYMLINK_NOFOLLOW", (long) At.SYMLINK_NOFOLLOW);
        expected.put("AT_REMOVEDIR", (long) At.REMOVE_DIRECTORY);
        expected.put("AT_EMPTY_PATH", (long) At.EMPTY_PATH);
        expected.put("UTIME_OMIT", (1L << 30) - 2);
        expected.put("RESOLVE_NO_XDEV", Resolution.NO_XDEV);
        expected.put("RESOLVE_NO_MAGICLINKS", Resolution.NO_MAGICLINKS);
        expected.put("RESOLVE_NO_SYMLINKS", Resolution.NO_SYMLINKS);
        expected.put("RESOLVE_BENEATH", Resolution.RESOLVE_BENEATH);
        expected.put("RESOLVE_IN_ROOT", Resolution.RESOLVE_IN_ROOT);
        expected.put("sizeof(struct open_how)", 24L);
        expected.put("offsetof(struct open_how, resolve)", 16L);
        expected.put("sizeof(struct statfs)", (long) FileSystemStat.SIZE);
        expected.put("offsetof(struct statfs, f_bsize)", 8L);
        expected.put("offsetof(struct statfs, f_bavail)", 32L);
        expected.put("offsetof(struct statfs, f_ffree)", 48L);
        expected.put("sizeof(struct timespec)", 16L);
        NativeTools.compareWithC(
                directory,
                List.of("<fcntl.h>", "<sys/stat.h>", "<sys/vfs.h>", "<time.h>", "<linux/openat2.h>"),
                expected);
    }
}
