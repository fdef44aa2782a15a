package io.berth.bench;

import io.berth.engine.runtime.ContainerId;
import io.berth.engine.runtime.ContainerLaunch;
import io.berth.engine.runtime.ContainerLaunch.ProcessLaunch;
import io.berth.engine.runtime.ContainerLaunch.SeccompChoice;
import io.berth.engine.runtime.ContainerProcess;
import io.berth.engine.runtime.DeviceLaunch;
import io.berth.engine.runtime.Isolation;
import io.berth.engine.runtime.StdioMode;
import io.berth.engine.runtime.kernel.KernelContainerRuntime;
import io.berth.linux.capability.CapabilitySet;
import io.berth.linux.cgroup.CgroupLimits;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The engine's runtime without HTTP, database or image-service: what {@code crun run} and {@code runc run} are compared with.
 * Each container has its overlay, cgroups with a memory limit, Docker's default capabilities and seccomp profile, pipes for
 * its streams, and is removed in the end with its writable layer.
 */
final class RuntimeBench {
    private static final int WARM_UP = 300;
    private static final long MEMORY_LIMIT = 64L << 20;

    private final Report report;
    private final Path dataDirectory;
    private final Path rootFileSystem;

    RuntimeBench(Report report, Path dataDirectory, Path rootFileSystem) {
        this.report = report;
        this.dataDirectory = dataDirectory;
        this.rootFileSystem = rootFileSystem;
    }

    void run(int iterations) {
        Samples launch = new Samples();
        Samples ended = new Samples();
        Samples whole = new Samples();
        try (KernelContainerRuntime runtime = KernelContainerRuntime.open(dataDirectory)) {
            for (int i = -WARM_UP; i < iterations; i++) {
                ContainerLaunch container = container();
                long began = System.nanoTime();
                ContainerProcess process = runtime.start(container);
                long started = System.nanoTime();
                process.deliverTo((stream, content) -> {});
                int code = process.exit().join().code();
                long reaped = System.nanoTime();
                process.drained().join();
                runtime.release(container.id());
                runtime.deleteDirectory(container.directory());
                long removed = System.nanoTime();
                if (code != 0) {
                    throw new IllegalStateException("a container that should succeed ended with " + code);
                }
                if (i >= 0) {
                    launch.add(started - began);
                    ended.add(reaped - began);
                    whole.add(removed - began);
                }
            }
        }
        report.samples("berth runtime", "launch: start call to exec'd process", launch);
        report.samples("berth runtime", "run /bin/true: until reaped", ended);
        report.samples("berth runtime", "run /bin/true: whole container", whole);
    }

    private ContainerLaunch container() {
        ContainerId id = ContainerId.random();
        return new ContainerLaunch(
                id,
                dataDirectory.resolve("containers").resolve(id.value()),
                List.of(rootFileSystem),
                new ProcessLaunch(
                        List.of("/bin/true"),
                        List.of("PATH=/usr/bin:/bin"),
                        "/",
                        "",
                        List.of(),
                        CapabilitySet.DOCKER_DEFAULT,
                        false,
                        new SeccompChoice.Default(),
                        "",
                        Map.of(),
                        0,
                        new StdioMode(false, false, false),
                        null),
                "bench",
                "",
                limits(),
                false,
                false,
                List.of("/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/scsi", "/sys/firmware"),
                List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"),
                64L << 20,
                List.of(),
                Isolation.FULL,
                DeviceLaunch.NONE,
                false,
                "",
                Map.of());
    }

    private static CgroupLimits limits() {
        return CgroupLimits.ofMemory(MEMORY_LIMIT, null);
    }
}
