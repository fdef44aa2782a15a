package io.berth.engine.stats;

import io.berth.engine.container.Container;
import io.berth.engine.container.ContainerSnapshot;
import io.berth.engine.container.ContainerStatus;
import io.berth.engine.runtime.ContainerRuntime;
import io.berth.linux.process.ProcessIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Reads what a container uses: its cgroups by the runtime, the host's CPUs and the container's interfaces from /proc. */
@Component
final class Sampling {
    private static final long NANOS_PER_TICK = 10_000_000;

    /** The first eight of /proc/stat's numbers; the others are parts of these (proc_stat(5)). */
    private static final int CPU_FIELDS = 8;

    private static final int KIB = 1024;

    private final ContainerRuntime runtime;

    Sampling(ContainerRuntime runtime) {
        this.runtime = runtime;
    }

    /** Empty when the container does not run. */
    Optional<Sample> take(Container container) {
        ContainerSnapshot snapshot = container.snapshot();
        @Nullable ProcessIdentity process = snapshot.state().process();
        if (process == null || snapshot.state().status() == ContainerStatus.RESTARTING) {
            return Optional.empty();
        }
        try {
            String stat = text(Path.of("/proc/stat"));
            Sample sample = new Sample(
                    Instant.now(),
                    runtime.stats(container.id()),
                    cpuNanos(stat),
                    (int) stat.lines()
                            .filter(line -> line.matches("cpu\\d+ .*"))
                            .count(),
                    memoryBytes(text(Path.of("/proc/meminfo"))),
                    interfaces(snapshot, process));
            boolean same = process.equals(container.snapshot().state().process());
            return same ? Optional.of(sample) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the host's statistics", e);
        }
    }

    /** Empty when the container does not run. */
    Optional<Usage> usage(Container container) {
        ContainerSnapshot snapshot = container.snapshot();
        @Nullable ProcessIdentity process = snapshot.state().process();
        if (process == null || snapshot.state().status() == ContainerStatus.RESTARTING) {
            return Optional.empty();
        }
        Usage usage = new Usage(runtime.stats(container.id()), interfaces(snapshot, process));
        boolean same = process.equals(container.snapshot().state().process());
        return same ? Optional.of(usage) : Optional.empty();
    }

    private static Map<String, InterfaceCounters> interfaces(ContainerSnapshot snapshot, ProcessIdentity process) {
        // The host's interfaces are not the container's, as in Docker.
        if (snapshot.spec().hostConfig().networkMode().equals("host")) {
            return Map.of();
        }
        try {
            return InterfaceCounters.parse(text(Path.of("/proc", Long.toString(process.pid()), "net", "dev")));
        } catch (IOException e) {
            return Map.of();
        }
    }

    /** From the first line: {@code cpu  user nice system idle iowait irq softirq steal guest guest_nice}, in ticks. */
    static long cpuNanos(String stat) {
        String[] fields = stat.substring(0, stat.indexOf('\n')).strip().split("\\s+");
        long ticks = 0;
        for (int i = 1; i <= CPU_FIELDS && i < fields.length; i++) {
            ticks += Long.parseLong(fields[i]);
        }
        return ticks * NANOS_PER_TICK;
    }

    /** From the first line: {@code MemTotal:  4038484 kB}. */
    static long memoryBytes(String meminfo) {
        return Long.parseLong(meminfo.strip().split("\\s+")[1]) * KIB;
    }

    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }
}
