package io.berth.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.mount.MountInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Drivers against directories that stand for the kernel's: which files get which values. */
class CgroupsTest {
    @TempDir
    Path root;

    private Path group(String directory, String... files) throws IOException {
        Path group = Files.createDirectories(root.resolve(directory));
        for (String file : files) {
            Files.createFile(group.resolve(file));
        }
        return group;
    }

    @Test
    void version2WritesConvertedLimits() throws IOException {
        group("", "cgroup.controllers", "cgroup.subtree_control");
        Path container = group(
                "berth/c1",
                "memory.max",
                "memory.low",
                "memory.swap.max",
                "cpu.weight",
                "cpu.max",
                "cpuset.cpus",
                "cpuset.mems",
                "pids.max",
                "io.weight",
                "cgroup.procs",
                "cgroup.freeze");
        group("berth", "cgroup.controllers", "cgroup.subtree_control");
        Cgroups cgroups = new CgroupsV2(root, "berth");
        CgroupLimits limits =
                new CgroupLimits(100_000_000L, 150_000_000L, 50_000_000L, 512L, 50_000L, null, "0-1", "0", -1L, 500);
        Cgroup group = cgroups.create("c1", limits, DevicePolicy.ALL);

        assertThat(container.resolve("memory.max")).hasContent("100000000");
        assertThat(container.resolve("memory.swap.max")).hasContent("50000000");
        assertThat(container.resolve("memory.low")).hasContent("50000000");
        assertThat(container.resolve("cpu.weight")).hasContent("20");
        assertThat(container.resolve("cpu.max")).hasContent("50000 100000");
        assertThat(container.resolve("cpuset.cpus")).hasContent("0-1");
        assertThat(container.resolve("pids.max")).hasContent("max");
        assertThat(container.resolve("io.weight")).hasContent("default 4950");
        assertThat(cgroups.names()).containsExactly("c1");
        assertThat(cgroups.version()).isEqualTo(2);
        group.freeze();
        assertThat(container.resolve("cgroup.freeze")).hasContent("1");
        group.thaw();
        assertThat(container.resolve("cgroup.freeze")).hasContent("0");
    }

    @Test
    void sharesBecomeWeightsOverTheWholeRange() {
        assertThat(CgroupsV2.cpuWeight(2)).isEqualTo(1);
        assertThat(CgroupsV2.cpuWeight(1024)).isEqualTo(39);
        assertThat(CgroupsV2.cpuWeight(262_144)).isEqualTo(10_000);
        assertThat(CgroupsV2.ioWeight(10)).isEqualTo(1);
        assertThat(CgroupsV2.ioWeight(1000)).isEqualTo(10_000);
    }

    @Test
    void hybridHostsAreVersion1() {
        Cgroups cgroups = CgroupHost.detect("berth", MountInfo.parse("""
                31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
                32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
                35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
                40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd
                41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate
                """));
        assertThat(cgroups.version()).isEqualTo(1);
        assertThat(cgroups.hierarchies())
                .contains(new Cgroups.Hierarchy("cpu,cpuacct", "cgroup", "cpu,cpuacct"))
                .contains(new Cgroups.Hierarchy("systemd", "cgroup", "name=systemd"));
    }

    @Test
    void pureHostsAreVersion2AndOthersAreRefused() {
        String line = "41 31 0:38 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw,nsdelegate\n";
        assertThat(CgroupHost.detect("berth", MountInfo.parse(line)).version()).isEqualTo(2);
        assertThatThrownBy(() -> CgroupHost.detect("berth", List.of())).hasMessageContaining("mount the cgroup2");
    }

    @Test
    void readsVersion1Statistics() throws IOException {
        Files.writeString(root.resolve("memory.usage_in_bytes"), "1000000\n");
        Files.writeString(root.resolve("memory.limit_in_bytes"), "9223372036854771712\n");
        Files.writeString(root.resolve("memory.stat"), "cache 7\ntotal_inactive_file 300000\n");
        Files.writeString(root.resolve("cpuacct.usage"), "123456789\n");
        Files.writeString(root.resolve("cpuacct.stat"), "user 5\nsystem 7\n");
        Files.writeString(root.resolve("cpu.stat"), "nr_periods 3\nnr_throttled 2\nthrottled_time 99\n");
        Files.writeString(root.resolve("pids.current"), "4\n");
        Files.writeString(root.resolve("pids.max"), "100\n");
        Files.writeString(
                root.resolve("blkio.throttle.io_service_bytes_recursive"),
                "254:0 Read 4096\n254:0 Write 512\n254:0 Sync 4608\n254:0 Total 4608\nTotal 4608\n");
        CgroupStats stats =
                StatsFiles.version1(Map.of("memory", root, "cpu", root, "cpuacct", root, "pids", root, "blkio", root));
        assertThat(stats.memoryWithoutCacheBytes()).isEqualTo(700_000);
        assertThat(stats.memoryLimitBytes()).isEqualTo(Long.MAX_VALUE);
        assertThat(stats.cpuNanos()).isEqualTo(123_456_789);
        assertThat(stats.userNanos()).isEqualTo(50_000_000);
        assertThat(stats.systemNanos()).isEqualTo(70_000_000);
        assertThat(stats.throttledNanos()).isEqualTo(99);
        assertThat(stats.pids()).isEqualTo(4);
        assertThat(stats.pidsLimit()).isEqualTo(100);
        assertThat(stats.blockIo()).containsExactly(new CgroupStats.BlockIo(254, 0, 4096, 512));
    }

    @Test
    void readsVersion2StatisticsAndMissingFilesAsZero() throws IOException {
        Files.writeString(root.resolve("memory.current"), "500\n");
        Files.writeString(root.resolve("memory.max"), "max\n");
        Files.writeString(root.resolve("memory.stat"), "anon 1\ninactive_file 600\n");
        Files.writeString(root.resolve("cpu.stat"), "usage_usec 12\nuser_usec 8\nsystem_usec 4\n");
        Files.writeString(root.resolve("io.stat"), "8:16 rbytes=10 wbytes=20 rios=1 wios=2\n8:0 \n");
        CgroupStats stats = StatsFiles.version2(root);
        assertThat(stats.memoryWithoutCacheBytes()).isEqualTo(500);
        assertThat(stats.cpuNanos()).isEqualTo(12_000);
        assertThat(stats.blockIo())
                .containsExactly(new CgroupStats.BlockIo(8, 16, 10, 20), new CgroupStats.BlockIo(8, 0, 0, 0));
        CgroupStats nothing = StatsFiles.version2(root.resolve("gone"));
        assertThat(nothing.pidsLimit()).isEqualTo(Long.MAX_VALUE);
        assertThat(nothing.memoryBytes() + nothing.cpuNanos() + nothing.pids()).isZero();
    }
}
