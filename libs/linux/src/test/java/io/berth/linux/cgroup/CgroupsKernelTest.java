package io.berth.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.kernel.KernelTest;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import io.berth.linux.mount.MountInfo;
import io.berth.linux.poll.FdPoller;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The driver of this host, with a real process, and the device program on a version 2 hierarchy where there is one. */
@KernelTest
class CgroupsKernelTest {
    private static final CgroupLimits LIMITS = CgroupLimits.ofMemory(64L << 20, null)
            .with(new CgroupLimits.Cpu(512L, 50_000L, 100_000L, null, null, null, null))
            .withPids(50L);

    private final Cgroups cgroups =
            CgroupHost.detect("berth-test-" + ProcessHandle.current().pid(), MountInfo.ofSelf());

    @AfterEach
    void removeParent() {
        cgroups.removeParentIfEmpty();
    }

    /** Joins as a container does: a task writes 0 (version 1), or is moved (version 2, where it would be cloned). */
    private static void join(Cgroup group, Process process) throws IOException {
        for (Fd tasks : group.openTasks()) {
            try (tasks;
                    NativeBuffer buffer = NativeBuffer.acquire()) {
                byte[] pid = Long.toString(process.pid()).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
                LibC.call(SyscallNumber.WRITE, tasks.description(), tasks.value(), buffer.add(pid), pid.length);
            }
        }
        var directory = group.openDirectory();
        if (directory.isPresent()) {
            try (Fd fd = directory.get()) {
                Files.writeString(Path.of("/proc/self/fd/" + fd.value(), "cgroup.procs"), Long.toString(process.pid()));
            }
        }
    }

    @Test
    void countsFreezesAndKillsARealProcess() throws Exception {
        cgroups.prepare();
        Cgroup group = cgroups.create("one", LIMITS, DevicePolicy.CONTAINER_DEFAULT);
        Process process = new ProcessBuilder("sh", "-c", "while :; do :; done").start();
        try {
            join(group, process);
            assertThat(group.processes()).containsExactly((int) process.pid());
            assertThat(cgroups.names()).containsExactly("one");
            CgroupStats stats = group.stats();
            assertThat(stats.pids()).isEqualTo(1);
            assertThat(stats.pidsLimit()).isEqualTo(50);
            assertThat(stats.memoryLimitBytes()).isEqualTo(64L << 20);
            assertThat(group.outOfMemoryKills()).isZero();
            assertThat(group.remove()).as("while a process lives in it").isFalse();
            group.freeze();
            assertThat(cpuTicks(process)).as("of a frozen process").isEqualTo(cpuTicks(process));
            group.kill();
            assertThat(process.waitFor()).isEqualTo(137);
        } finally {
            process.destroyForcibly().waitFor();
            assertThat(group.remove()).isTrue();
        }
        assertThat(cgroups.find("one")).isEmpty();
    }

    @Test
    void tellsWhenAGroupRunsOutOfMemoryWhileOthersGoOn() throws Exception {
        cgroups.prepare();
        Cgroup group =
                cgroups.create("memory", CgroupLimits.ofMemory(16L << 20, 16L << 20), DevicePolicy.CONTAINER_DEFAULT);
        Process eater = new ProcessBuilder("sh", "-c", "read go; x=x; while :; do x=$x$x; done").start();
        CountDownLatch told = new CountDownLatch(1);
        try (FdPoller poller = FdPoller.start("memory-test");
                OutOfMemoryWatch _ = group.watchMemory(poller, told::countDown).orElseThrow()) {
            join(group, eater);
            assertThat(told.getCount()).isEqualTo(1);
            eater.getOutputStream().write('\n');
            eater.getOutputStream().flush();
            assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(eater.waitFor()).isEqualTo(137);
            assertThat(group.outOfMemoryKills()).isEqualTo(1);
        } finally {
            eater.destroyForcibly().waitFor();
            assertThat(group.remove()).isTrue();
        }
    }

    /** Where memory is version 1's: the same way of telling, by a file that a hierarchy of version 2 has for any group. */
    @Test
    void tellsOfAKeyThatHasGrownInAFileOfVersion2() throws Exception {
        Path unified = Path.of("/sys/fs/cgroup/unified");
        Path root = Files.exists(unified.resolve("cgroup.procs")) ? unified : Path.of("/sys/fs/cgroup");
        assumeTrue(Files.exists(root.resolve("cgroup.controllers")), "no hierarchy of version 2");
        Path group = Files.createDirectory(
                root.resolve("berth-test-" + ProcessHandle.current().pid() + "-events"));
        Process sleeper = new ProcessBuilder("sleep", "100").start();
        AtomicInteger times = new AtomicInteger();
        CountDownLatch told = new CountDownLatch(1);
        try (FdPoller poller = FdPoller.start("events-test");
                OutOfMemoryWatch _ = OutOfMemoryWatch.ofVersion2(group, "cgroup.events", "populated", poller, () -> {
                    times.incrementAndGet();
                    told.countDown();
                })) {
            Files.writeString(group.resolve("cgroup.procs"), Long.toString(sleeper.pid()));
            assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
            sleeper.destroyForcibly().waitFor();
            assertThat(times).hasValue(1);
        } finally {
            sleeper.destroyForcibly().waitFor();
            Files.delete(group);
        }
    }

    private static String cpuTicks(Process process) throws IOException {
        String[] fields =
                Files.readString(Path.of("/proc/" + process.pid() + "/stat")).split(" ");
        return fields[13] + " " + fields[14];
    }

    @Test
    void limitsGoUpAndDownInARunningGroup() throws Exception {
        cgroups.prepare();
        Cgroup group = cgroups.create("changing", LIMITS, DevicePolicy.CONTAINER_DEFAULT);
        Process process = new ProcessBuilder("sleep", "1000").start();
        try {
            join(group, process);
            for (long megabytes : new long[] {256, 128, 512, 96}) {
                group.update(CgroupLimits.ofMemory(megabytes << 20, megabytes << 21));
                assertThat(group.stats().memoryLimitBytes()).isEqualTo(megabytes << 20);
            }
            group.update(CgroupLimits.ofMemory(-1L, null).withPids(0L));
            assertThat(group.stats().memoryLimitBytes()).isEqualTo(Long.MAX_VALUE);
            assertThat(group.stats().pidsLimit()).isEqualTo(Long.MAX_VALUE);
            for (long[] quota : new long[][] {{200_000, 400_000}, {5_000, 10_000}, {-1, 1_000_000}, {1_000, 1_000}}) {
                group.update(
                        CgroupLimits.NONE.with(new CgroupLimits.Cpu(null, quota[0], quota[1], null, null, null, null)));
            }
            group.update(CgroupLimits.NONE.with(new CgroupLimits.Cpu(null, null, null, null, null, "0", "0")));
            assertThat(Files.readString(Path.of("/proc/" + process.pid() + "/status")))
                    .contains("Cpus_allowed_list:\t0\n");
        } finally {
            process.destroyForcibly().waitFor();
            assertThat(cgroups.find("changing").orElseThrow().remove()).isTrue();
        }
    }

    @Test
    void createAndRemoveAreQuick() {
        cgroups.prepare();
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 20; i++) {
            long start = System.nanoTime();
            Cgroup group = cgroups.create("quick" + i, LIMITS, DevicePolicy.CONTAINER_DEFAULT);
            best = Math.min(best, System.nanoTime() - start);
            assertThat(group.remove()).isTrue();
        }
        assertThat(best).as("nanoseconds to create a group").isLessThan(100_000_000L);
    }

    @Test
    void theDeviceProgramLoadsAndAttaches() throws IOException {
        List<MountInfo> unified = MountInfo.ofSelf().stream()
                .filter(mount -> mount.type().equals("cgroup2"))
                .toList();
        assumeTrue(!unified.isEmpty(), "no version 2 hierarchy is mounted");
        Path group = Path.of(
                unified.getFirst().mountPoint(),
                "berth-test-devices-" + ProcessHandle.current().pid());
        Files.createDirectory(group);
        try (Directory directory = Directory.open(group)) {
            DeviceProgram.attach(directory.fd(), DevicePolicy.CONTAINER_DEFAULT);
            DeviceProgram.attach(
                    directory.fd(),
                    DevicePolicy.CONTAINER_DEFAULT.allowing(List.of(
                            DeviceRule.parse("b 8:* r"),
                            DeviceRule.parse("a *:7 rw"),
                            DeviceRule.parse("c 10:229 wm"))));
            DeviceProgram.attach(
                    directory.fd(), DevicePolicy.CONTAINER_DEFAULT.allowing(List.of(DeviceRule.parse("a *:* mrw"))));
        } finally {
            Files.delete(group);
        }
    }
}
