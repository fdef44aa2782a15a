package io.berth.linux.mount;

import io.berth.linux.launch.NativeTools;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Structs and constants as the C compiler of this machine has them. */
class MountLayoutTest {
    @TempDir
    Path directory;

    private static long bit(MountAttribute attribute) {
        return MountAttribute.bits(Set.of(attribute));
    }

    @Test
    void mountAttributesAndFlags() throws Exception {
        Map<String, Long> expected = new LinkedHashMap<>();
        expected.put("sizeof(struct mount_attr)", (long) DetachedMount.MOUNT_ATTR_SIZE);
        expected.put("offsetof(struct mount_attr, attr_clr)", 8L);
        expected.put("offsetof(struct mount_attr, propagation)", 16L);
        expected.put("offsetof(struct mount_attr, userns_fd)", 24L);
        expected.put("MOUNT_ATTR_RDONLY", bit(MountAttribute.READ_ONLY));
        expected.put("MOUNT_ATTR_NOSUID", bit(MountAttribute.NO_SUID));
        expected.put("MOUNT_ATTR_NODEV", bit(MountAttribute.NO_DEVICES));
        expected.put("MOUNT_ATTR_NOEXEC", bit(MountAttribute.NO_EXEC));
        expected.put("MOUNT_ATTR__ATIME", MountAttribute.ACCESS_TIME_FIELD);
        expected.put("MOUNT_ATTR_NOATIME", bit(MountAttribute.NO_ACCESS_TIME));
        expected.put("MOUNT_ATTR_STRICTATIME", bit(MountAttribute.STRICT_ACCESS_TIME));
        expected.put("MOUNT_ATTR_NODIRATIME", bit(MountAttribute.NO_DIRECTORY_ACCESS_TIME));
        expected.put("MOUNT_ATTR_NOSYMFOLLOW", bit(MountAttribute.NO_SYMLINK_FOLLOW));
        expected.put("MOUNT_ATTR_IDMAP", MountAttribute.ID_MAP);
        expected.put("OPEN_TREE_CLONE", 1L);
        expected.put("MOVE_MOUNT_F_EMPTY_PATH", 4L);
        expected.put("MOVE_MOUNT_T_EMPTY_PATH", 0x40L);
        expected.put("FSCONFIG_SET_FLAG", 0L);
        expected.put("FSCONFIG_SET_STRING", 1L);
        expected.put("FSCONFIG_SET_FD", 5L);
        expected.put("FSCONFIG_CMD_CREATE", 6L);
        for (Propagation propagation : Propagation.values()) {
            expected.put("MS_" + propagation.name(), propagation.bit());
        }
        expected.put("MS_RDONLY", (long) MountFlag.READ_ONLY.bit());
        expected.put("MS_NOSUID", (long) MountFlag.NO_SUID.bit());
        expected.put("MS_NODEV", (long) MountFlag.NO_DEVICES.bit());
        expected.put("MS_NOEXEC", (long) MountFlag.NO_EXEC.bit());
        expected.put("MS_REMOUNT", (long) MountFlag.REMOUNT.bit());
        expected.put("MS_NOSYMFOLLOW", (long) MountFlag.NO_SYMLINK_FOLLOW.bit());
        expected.put("MS_NOATIME", (long) MountFlag.NO_ACCESS_TIME.bit());
        expected.put("MS_NODIRATIME", (long) MountFlag.NO_DIRECTORY_ACCESS_TIME.bit());
        expected.put("MS_BIND", (long) MountFlag.BIND.bit());
        expected.put("MS_MOVE", (long) MountFlag.MOVE.bit());
        expected.put("MS_REC", (long) MountFlag.RECURSIVE.bit());
        expected.put("MS_SILENT", (long) MountFlag.SILENT.bit());
        expected.put("MS_RELATIME", (long) MountFlag.RELATIVE_ACCESS_TIME.bit());
        expected.put("MS_STRICTATIME", (long) MountFlag.STRICT_ACCESS_TIME.bit());
        NativeTools.compareWithC(directory, List.of("<linux/mount.h>"), expected);
    }

    @Test
    void magicNumbers() throws Exception {
        Map<String, Long> expected = new LinkedHashMap<>();
        expected.put("PROC_SUPER_MAGIC", FileSystemMagic.PROC);
        expected.put("SYSFS_MAGIC", FileSystemMagic.SYSFS);
        expected.put("TMPFS_MAGIC", FileSystemMagic.TMPFS);
        expected.put("DEVPTS_SUPER_MAGIC", FileSystemMagic.DEVPTS);
        expected.put("CGROUP_SUPER_MAGIC", FileSystemMagic.CGROUP);
        expected.put("CGROUP2_SUPER_MAGIC", FileSystemMagic.CGROUP2);
        expected.put("OVERLAYFS_SUPER_MAGIC", FileSystemMagic.OVERLAY);
        expected.put("EXT4_SUPER_MAGIC", FileSystemMagic.EXT4);
        expected.put("XFS_SUPER_MAGIC", FileSystemMagic.XFS);
        expected.put("BTRFS_SUPER_MAGIC", FileSystemMagic.BTRFS);
        expected.put("F2FS_SUPER_MAGIC", FileSystemMagic.F2FS);
        expected.put("NFS_SUPER_MAGIC", FileSystemMagic.NFS);
        expected.put("FUSE_SUPER_MAGIC", FileSystemMagic.FUSE);
        expected.put("NSFS_MAGIC", FileSystemMagic.NSFS);
        NativeTools.compareWithC(directory, List.of("<linux/magic.h>"), expected);
    }
}
