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
                "io.max",
                "cpuset.cpus",
                "cpuset.mems",
                "pids.max",
                "io.weight",
                "cgroup.procs",
                "cgroup.freeze");
        group("berth", "cgroup.controllers", "cgroup.subtree_control");
        Cgroups cgroups = new CgroupsV2(root, "berth");
        Files.writeString(container.resolve("cgroup.events"), "populated 1\nfrozen 1\n");
        CgroupLimits limits = new CgroupLimits(
                new CgroupLimits.Memory(100_000_000L, 150_000_000L, 50_000_000L, 60L, true),
                new CgroupLimits.Cpu(512L, 50_000L, null, 1L, 1L, "0-1", "0"),
                -1L,
                new CgroupLimits.BlockIo(
                        500,
                        List.of(),
                        List.of(new CgroupLimits.Throttle(CgroupLimits.Rate.WRITE_BYTES, 8, 16, 1_048_576))));
        Cgroup group = cgroups.create("c1", limits, DevicePolicy.ALL);

        assertThat(container.resolve("memory.max")).hasContent("100000000");
        assertThat(container.resolve("memory.swap.max")).hasContent("50000000");
        assertThat(container.resolve("memory.low")).hasContent("50000000");
        assertThat(container.resolve("cpu.weight")).hasContent("59");
        assertThat(container.resolve("io.max")).hasContent("8:16 wbps=1048576");
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
    void version2KeepsTheOtherHalfOfCpuMaxAndCountsSwapFromThePresentLimit() throws IOException {
        Path container = group("berth/c1", "memory.swap.max", "io.max");
        group("berth", "cgroup.controllers", "cgroup.subtree_control");
        Files.writeString(container.resolve("cpu.max"), "20000 50000\n");
        Files.writeString(container.resolve("memory.max"), "1000\n");
        Cgroup group = new CgroupsV2(root, "berth").find("c1").orElseThrow();
        group.update(new CgroupLimits(
                new CgroupLimits.Memory(null, 3000L, null, null, null),
                new CgroupLimits.Cpu(null, 40_000L, null, null, null, null, null),
                null,
                new CgroupLimits.BlockIo(
                        null,
                        List.of(),
                        List.of(new CgroupLimits.Throttle(CgroupLimits.Rate.READ_OPERATIONS, 8, 0, 0)))));
        assertThat(container.resolve("cpu.max")).hasContent("40000 50000");
        assertThat(container.resolve("memory.swap.max")).hasContent("2000");
        assertThat(container.resolve("io.max")).hasContent("8:0 riops=max");
    }

    private Path version2Group(String... files) throws IOException {
        return group("berth/c1", files);
    }

    private Cgroup version2() {
        return new CgroupsV2(root, "berth").find("c1").orElseThrow();
    }

    @Test
    void version2WritesWeightsAndRatesOfDevices() throws IOException {
        // One call for each, as the kernel reads one line a call: what was written last is what a plain file has.
        for (CgroupLimits.Rate kind : CgroupLimits.Rate.values()) {
            Path container = version2Group();
            Files.writeString(container.resolve("io.max"), "");
            version2()
                    .update(CgroupLimits.NONE.with(new CgroupLimits.BlockIo(
                            null, List.of(), List.of(new CgroupLimits.Throttle(kind, 254, 1, 4096)))));
            assertThat(container.resolve("io.max"))
                    .hasContent("254:1 "
                            + switch (kind) {
                                case READ_BYTES -> "rbps";
                                case WRITE_BYTES -> "wbps";
                                case READ_OPERATIONS -> "riops";
                                case WRITE_OPERATIONS -> "wiops";
                            }
                            + "=4096");
        }
        Path container = version2Group("io.bfq.weight", "io.weight");
        version2().update(CgroupLimits.NONE.with(new CgroupLimits.BlockIo(300, List.of(), List.of())));
        assertThat(container.resolve("io.bfq.weight"))
                .as("has version 1's range")
                .hasContent("300");
        assertThat(container.resolve("io.weight")).isEmptyFile();
        version2()
                .update(CgroupLimits.NONE.with(
                        new CgroupLimits.BlockIo(null, List.of(new CgroupLimits.DeviceWeight(8, 0, 400)), List.of())));
        assertThat(container.resolve("io.bfq.weight")).content().startsWith("8:0 400");
    }

    @Test
    void version2WritesNothingThatWasNotAskedForAndNothingItDoesNotKnow() throws IOException {
        Path container = version2Group("memory.max", "memory.low", "cpu.weight", "cpu.max", "pids.max", "io.max");
        version2().update(CgroupLimits.NONE);
        version2()
                .update(CgroupLimits.NONE
                        .with(new CgroupLimits.Memory(null, null, null, 60L, true))
                        .with(new CgroupLimits.Cpu(0L, null, null, 10_000L, 1_000_000L, null, null)));
        try (var files = Files.list(container)) {
            assertThat(files).hasSize(6).allSatisfy(file -> assertThat(file).isEmptyFile());
        }
    }

    @Test
    void version2SaysMaxWhereVersion1HasMinusOne() throws IOException {
        Path container = version2Group("memory.low", "pids.max", "cpu.max");
        Files.writeString(container.resolve("memory.max"), "5000\n");
        Files.writeString(container.resolve("memory.swap.max"), "0\n");
        version2()
                .update(CgroupLimits.ofMemory(-1L, -1L)
                        .with(new CgroupLimits.Cpu(null, -1L, null, null, null, null, null))
                        .withPids(0L));
        assertThat(container.resolve("memory.max").toFile()).content().startsWith("max");
        assertThat(container.resolve("memory.swap.max").toFile()).content().startsWith("max");
        assertThat(container.resolve("pids.max")).hasContent("max");
        assertThat(container.resolve("cpu.max")).hasContent("max 100000");
        // As much with swap as without: none.
        version2().update(CgroupLimits.ofMemory(4096L, 4096L));
        assertThat(container.resolve("memory.swap.max").toFile()).content().startsWith("0");
    }

    @Test
    void version2HasSwapLimitsOnlyWhereTheKernelCountsSwap() throws IOException {
        Path container = version2Group("memory.max");
        version2().update(CgroupLimits.ofMemory(4096L, 8192L));
        assertThat(container.resolve("memory.max")).hasContent("4096");
        assertThat(container.resolve("memory.swap.max")).doesNotExist();
    }

    @Test
    void version2KillsByOneWriteAndWakesWhatIsFrozen() throws IOException {
        Path container = version2Group("cgroup.kill");
        Files.writeString(container.resolve("cgroup.freeze"), "1");
        version2().kill();
        assertThat(container.resolve("cgroup.kill")).hasContent("1");
        assertThat(container.resolve("cgroup.freeze")).hasContent("0");
    }

    @Test
    void version2TellsWhatItCannotDo() throws IOException {
        group("", "cgroup.subtree_control");
        group("berth", "memory.swap.max");
        Files.writeString(root.resolve("berth/cgroup.controllers"), "cpuset cpu io memory pids\n");
        Files.writeString(root.resolve("cpuset.cpus.effective"), "0-3\n");
        Files.writeString(root.resolve("cpuset.mems.effective"), "0\n");
        assertThat(new CgroupsV2(root, "berth").support())
                .isEqualTo(new CgroupSupport(
                        true, true, true, false, false, true, true, false, true, true, true, false, true, "0-3", "0"));
        Files.writeString(root.resolve("berth/cgroup.controllers"), "cpu\n");
        assertThat(new CgroupsV2(root, "berth").support())
                .isEqualTo(new CgroupSupport(
                        false, true, false, false, false, true, true, false, false, false, false, false, false, "0-3",
                        "0"));
    }

    @Test
    void version2PassesItsControllersOnFromTheRootDown() throws IOException {
        for (String above : List.of("", "a", "a/b")) {
            Path group = group(above, "cgroup.subtree_control");
            Files.writeString(group.resolve("cgroup.controllers"), "memory hugetlb\n");
        }
        new CgroupsV2(root, "berth").below("/a/b").prepare();
        for (String above : List.of("", "a", "a/b")) {
            assertThat(root.resolve(above).resolve("cgroup.subtree_control")).hasContent("+memory");
        }
    }

    @Test
    void version1WritesEveryLimitToItsOwnFile() throws IOException {
        for (String controller : List.of("memory", "cpu", "blkio", "pids", "devices", "freezer", "cpuset")) {
            group(controller + "/berth");
        }
        Path memory = group(
                "memory/berth/c1",
                "memory.limit_in_bytes",
                "memory.soft_limit_in_bytes",
                "memory.swappiness",
                "memory.oom_control");
        Files.writeString(memory.resolve("memory.memsw.limit_in_bytes"), "9223372036854771712\n");
        Path cpu = group(
                "cpu/berth/c1",
                "cpu.shares",
                "cpu.cfs_period_us",
                "cpu.cfs_quota_us",
                "cpu.rt_period_us",
                "cpu.rt_runtime_us");
        Path blkio = group(
                "blkio/berth/c1",
                "blkio.bfq.weight",
                "blkio.bfq.weight_device",
                "blkio.throttle.read_bps_device",
                "blkio.throttle.write_iops_device");
        Path pids = group("pids/berth/c1", "pids.max");
        Path devices = group("devices/berth/c1", "devices.deny", "devices.allow");
        for (Path cpuset : List.of(group("cpuset"), group("cpuset/berth"), group("cpuset/berth/c1"))) {
            Files.writeString(cpuset.resolve("cpuset.cpus"), "0-3");
            Files.writeString(cpuset.resolve("cpuset.mems"), "0");
        }
        Map<String, Path> mounts = new java.util.HashMap<>();
        for (String controller : List.of("memory", "cpu", "blkio", "pids", "devices", "freezer", "cpuset")) {
            mounts.put(controller, root.resolve(controller));
        }
        CgroupLimits limits = new CgroupLimits(
                new CgroupLimits.Memory(100L, 200L, 50L, 60L, true),
                new CgroupLimits.Cpu(512L, 50_000L, 100_000L, 10L, 20L, "1-2", "0"),
                0L,
                new CgroupLimits.BlockIo(
                        300,
                        List.of(new CgroupLimits.DeviceWeight(8, 0, 400)),
                        List.of(
                                new CgroupLimits.Throttle(CgroupLimits.Rate.READ_BYTES, 8, 0, 1000),
                                new CgroupLimits.Throttle(CgroupLimits.Rate.WRITE_OPERATIONS, 8, 0, 5))));
        Cgroups cgroups = new CgroupsV1(mounts, List.of(), "berth");
        cgroups.create("c1", limits, DevicePolicy.CONTAINER_DEFAULT.allowing(List.of(DeviceRule.parse("b 8:* r"))));

        assertThat(memory.resolve("memory.limit_in_bytes")).hasContent("100");
        assertThat(memory.resolve("memory.memsw.limit_in_bytes").toFile())
                .content()
                .startsWith("200");
        assertThat(memory.resolve("memory.soft_limit_in_bytes")).hasContent("50");
        assertThat(memory.resolve("memory.swappiness")).hasContent("60");
        assertThat(memory.resolve("memory.oom_control")).hasContent("1");
        assertThat(cpu.resolve("cpu.shares")).hasContent("512");
        assertThat(cpu.resolve("cpu.cfs_period_us")).hasContent("100000");
        assertThat(cpu.resolve("cpu.cfs_quota_us")).hasContent("50000");
        assertThat(cpu.resolve("cpu.rt_runtime_us")).hasContent("10");
        assertThat(cpu.resolve("cpu.rt_period_us")).hasContent("20");
        assertThat(root.resolve("cpuset/berth/c1/cpuset.cpus")).hasContent("1-2");
        assertThat(pids.resolve("pids.max")).hasContent("max");
        assertThat(blkio.resolve("blkio.bfq.weight")).hasContent("300");
        assertThat(blkio.resolve("blkio.bfq.weight_device")).hasContent("8:0 400");
        assertThat(blkio.resolve("blkio.throttle.read_bps_device")).hasContent("8:0 1000");
        assertThat(blkio.resolve("blkio.throttle.write_iops_device")).hasContent("8:0 5");
        assertThat(devices.resolve("devices.deny")).hasContent("a");
        assertThat(devices.resolve("devices.allow").toFile()).content().contains("c 1:3 rwm", "b 8:* r");
        assertThat(cgroups.support().cpus()).isEqualTo("0-3");
        assertThat(cgroups.support().swappiness())
                .as("of the parent, which lacks the file")
                .isFalse();
    }

    @Test
    void parentsLeadDownwardsOnly() {
        assertThat(Cgroups.relativeParent("/a//b/./c/")).isEqualTo("a/b/c");
        for (String wrong : List.of("", "/", "..", "/a/../..", "a/..")) {
            assertThatThrownBy(() -> Cgroups.relativeParent(wrong)).hasMessageContaining("invalid cgroup parent");
        }
    }

    @Test
    void deviceRulesAreReadAsDockerWritesThem() {
        assertThat(DeviceRule.parse("c 1:* mr")).isEqualTo(new DeviceRule(DeviceRule.Type.CHARACTER, 1, -1, "mr"));
        for (String wrong : List.of("", "c 1:3", "x 1:3 r", "c 1:3 rwx", "c -1:3 r", "c 1:3 r ", "c  1:3 r")) {
            assertThatThrownBy(() -> DeviceRule.parse(wrong)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void sharesBecomeWeightsOverTheWholeRange() {
        assertThat(CgroupsV2.cpuWeight(2)).isEqualTo(1);
        assertThat(CgroupsV2.cpuWeight(1024)).isEqualTo(100);
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
        Files.writeString(root.resolve("memory.max_usage_in_bytes"), "2000000\n");
        Files.writeString(root.resolve("memory.failcnt"), "6\n");
        Files.writeString(root.resolve("cpuacct.usage_percpu"), "100 23 \n");
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
        assertThat(stats.memoryMaxBytes()).isEqualTo(2_000_000);
        assertThat(stats.memoryFailures()).isEqualTo(6);
        assertThat(stats.perCpuNanos()).containsExactly(100L, 23L);
        assertThat(stats.onlineCpus()).isPositive();
        assertThat(stats.blockIoBytes())
                .containsExactly(
                        new CgroupStats.BlockIo(254, 0, "Read", 4096),
                        new CgroupStats.BlockIo(254, 0, "Write", 512),
                        new CgroupStats.BlockIo(254, 0, "Sync", 4608),
                        new CgroupStats.BlockIo(254, 0, "Total", 4608));
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
        assertThat(stats.blockIoBytes())
                .contains(new CgroupStats.BlockIo(8, 16, "read", 10), new CgroupStats.BlockIo(8, 16, "write", 20));
        assertThat(stats.blockIoOperations()).contains(new CgroupStats.BlockIo(8, 16, "write", 2));
        CgroupStats nothing = StatsFiles.version2(root.resolve("gone"));
        assertThat(nothing.pidsLimit()).isEqualTo(Long.MAX_VALUE);
        assertThat(nothing.memoryBytes() + nothing.cpuNanos() + nothing.pids()).isZero();
    }
}
