package io.berth.linux.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MountInfoTest {
    @Test
    void parsesTheManPagesLine() {
        MountInfo mount = MountInfo.parseLine(
                "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 propagate_from:7 - ext3 /dev/root rw,errors=continue");
        assertThat(mount)
                .isEqualTo(new MountInfo(
                        36,
                        35,
                        98,
                        0,
                        "/mnt1",
                        "/mnt2",
                        List.of("rw", "noatime"),
                        0,
                        1,
                        "ext3",
                        "/dev/root",
                        List.of("rw", "errors=continue")));
    }

    @Test
    void unescapesAndReadsTags() {
        MountInfo mount =
                MountInfo.parseLine("1 2 0:5 / /a\\040b\\011c\\134d rw shared:3 master:4 unbindable - tmpfs  rw");
        assertThat(mount.mountPoint()).isEqualTo("/a b\tc\\d");
        assertThat(mount.peerGroup()).isEqualTo(3);
        assertThat(mount.masterGroup()).isEqualTo(4);
        assertThat(mount.source()).isEmpty();
    }

    @Test
    void refusesOtherShapes() {
        assertThatThrownBy(() -> MountInfo.parseLine("36 35 98:0 / /mnt rw master:1"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MountInfo.parseLine("36 35 98 / / rw - ext3 /dev/root rw"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void findsTheMountOfAPath() {
        List<MountInfo> mounts = MountInfo.parse("""
                1 1 8:1 / / rw - ext4 /dev/a rw
                2 1 0:2 / /run rw - tmpfs tmpfs rw
                3 1 0:3 / /run rw - tmpfs over rw
                """);
        assertThat(MountInfo.containing(mounts, Path.of("/run/x"))).isEqualTo(mounts.get(2));
        assertThat(MountInfo.containing(mounts, Path.of("/runner"))).isEqualTo(mounts.get(0));
    }

    @Test
    void readsThisProcess() {
        assertThat(MountInfo.ofSelf()).anyMatch(mount -> mount.mountPoint().equals("/proc"));
    }
}
