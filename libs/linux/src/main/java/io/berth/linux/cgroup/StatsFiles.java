package io.berth.linux.cgroup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the statistics of a group; a file that is missing, or gone meanwhile, counts as zeros. */
final class StatsFiles {
    /** User and system time of cpuacct.stat are in USER_HZ, which is 100 on every architecture that Berth runs on. */
    private static final long NANOS_PER_TICK = 10_000_000;

    private static final long NANOS_PER_MICRO = 1000;

    private static final Path CPUS = Path.of("/sys/devices/system/cpu");

    private StatsFiles() {}

    /** From the directory of each controller of version 1. */
    static CgroupStats version1(Map<String, Path> directories) {
        Path memory = directories.get("memory");
        Path pids = directories.get("pids");
        Map<String, Long> cpu = CgroupStats.parseKeys(read(directories.get("cpu"), "cpu.stat"));
        Map<String, Long> time = CgroupStats.parseKeys(read(directories.get("cpuacct"), "cpuacct.stat"));
        return new CgroupStats(
                1,
                number(memory, "memory.usage_in_bytes"),
                number(memory, "memory.max_usage_in_bytes"),
                number(memory, "memory.failcnt"),
                CgroupStats.parseLimit(read(memory, "memory.limit_in_bytes")),
                CgroupStats.parseKeys(read(memory, "memory.stat")),
                number(directories.get("cpuacct"), "cpuacct.usage"),
                CgroupStats.parseNumbers(read(directories.get("cpuacct"), "cpuacct.usage_percpu")),
                time.getOrDefault("user", 0L) * NANOS_PER_TICK,
                time.getOrDefault("system", 0L) * NANOS_PER_TICK,
                onlineCpus(),
                cpu.getOrDefault("nr_periods", 0L),
                cpu.getOrDefault("nr_throttled", 0L),
                cpu.getOrDefault("throttled_time", 0L),
                number(pids, "pids.current"),
                CgroupStats.parseLimit(read(pids, "pids.max")),
                CgroupStats.parseBlkio(read(directories.get("blkio"), "blkio.throttle.io_service_bytes_recursive")),
                CgroupStats.parseBlkio(read(directories.get("blkio"), "blkio.throttle.io_serviced_recursive")));
    }

    /** From a directory of version 2. */
    static CgroupStats version2(Path directory) {
        Map<String, Long> cpu = CgroupStats.parseKeys(read(directory, "cpu.stat"));
        Map<String, Long> events = CgroupStats.parseKeys(read(directory, "memory.events"));
        String io = read(directory, "io.stat");
        return new CgroupStats(
                2,
                number(directory, "memory.current"),
                number(directory, "memory.peak"),
                events.getOrDefault("oom", 0L),
                CgroupStats.parseLimit(read(directory, "memory.max")),
                CgroupStats.parseKeys(read(directory, "memory.stat")),
                cpu.getOrDefault("usage_usec", 0L) * NANOS_PER_MICRO,
                List.of(),
                cpu.getOrDefault("user_usec", 0L) * NANOS_PER_MICRO,
                cpu.getOrDefault("system_usec", 0L) * NANOS_PER_MICRO,
                onlineCpus(),
                cpu.getOrDefault("nr_periods", 0L),
                cpu.getOrDefault("nr_throttled", 0L),
                cpu.getOrDefault("throttled_usec", 0L) * NANOS_PER_MICRO,
                number(directory, "pids.current"),
                CgroupStats.parseLimit(read(directory, "pids.max")),
                CgroupStats.parseIoStat(io, "rbytes", "wbytes"),
                CgroupStats.parseIoStat(io, "rios", "wios"));
    }

    private static int onlineCpus() {
        return CgroupStats.countOf(read(CPUS, "online"));
    }

    private static long number(@Nullable Path directory, String file) {
        String text = read(directory, file).strip();
        return text.isEmpty() ? 0 : Long.parseLong(text);
    }

    private static String read(@Nullable Path directory, String file) {
        if (directory == null) {
            return "";
        }
        try {
            return Files.readString(directory.resolve(file), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            return "";
        }
    }
}
