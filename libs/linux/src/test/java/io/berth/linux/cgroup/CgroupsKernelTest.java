package io.berth.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.kernel.KernelTest;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import io.berth.linux.jna.SyscallNumber;
import io.berth.linux.mount.MountInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The driver of this host, with a real process, and the device program on a version 2 hierarchy where there is one. */
@KernelTest
class CgroupsKernelTest {
    private static final CgroupLimits LIMITS =
            new CgroupLimits(64L << 20, null, null, 512L, 50_000L, 100_000L, null, null, 50L, null);

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
        Process process = new ProcessBuilder("sleep", "1000").start();
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
            group.thaw();
            group.kill();
            assertThat(process.waitFor()).isEqualTo(137);
        } finally {
            process.destroyForcibly().waitFor();
            assertThat(group.remove()).isTrue();
        }
        assertThat(cgroups.find("one")).isEmpty();
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
            DeviceProgram.attach(directory.fd());
        } finally {
            Files.delete(group);
        }
    }
}
