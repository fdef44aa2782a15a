package io.berth.docker.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What a container uses (Engine API, ContainerStatsResponse). What is null is left out, as a container that does not run has
 * no numbers.
 *
 * <pre>{"name": "/web", "id": "ede5…", "read": "2020-01-04T10:44:24.4Z", "preread": "…", "pids_stats": {"current": 3},
 *  "blkio_stats": {…}, "cpu_stats": {…}, "precpu_stats": {…}, "memory_stats": {…}, "networks": {"eth0": {…}}}</pre>
 *
 * @param osType {@code linux}; from API 1.52 on
 * @param read RFC 3339; year 1 for none
 * @param preread when {@code precpuStats} were read
 * @param networks by interface; null without any but loopback
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record StatsResponse(
        String name,
        String id,
        @Nullable String osType,
        String read,
        String preread,
        Pids pidsStats,
        Blkio blkioStats,
        int numProcs,
        Map<String, Object> storageStats,
        Cpu cpuStats,
        Cpu precpuStats,
        Memory memoryStats,
        @Nullable Map<String, Network> networks) {

    /**
     * Processes and threads.
     *
     * @param limit 2^64-1 for none on version 2 of the cgroups, null for none on version 1
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Pids(@Nullable Long current, @Nullable BigInteger limit) {}

    /** Traffic with block devices; lists are null where the kernel does not count. */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.ALWAYS)
    public record Blkio(
            @Nullable List<BlkioEntry> ioServiceBytesRecursive,
            @Nullable List<BlkioEntry> ioServicedRecursive,
            @Nullable List<BlkioEntry> ioQueueRecursive,
            @Nullable List<BlkioEntry> ioServiceTimeRecursive,
            @Nullable List<BlkioEntry> ioWaitTimeRecursive,
            @Nullable List<BlkioEntry> ioMergedRecursive,
            @Nullable List<BlkioEntry> ioTimeRecursive,
            @Nullable List<BlkioEntry> sectorsRecursive) {
        /** Nothing counted. */
        public static final Blkio NONE = new Blkio(null, null, null, null, null, null, null, null);
    }

    /**
     * @param op such as {@code read}
     * @param value bytes or operations
     */
    public record BlkioEntry(long major, long minor, String op, long value) {}

    /**
     * @param systemCpuUsage nanoseconds of all the host's CPUs
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Cpu(
            @JsonProperty("cpu_usage") CpuUsage cpuUsage,
            @JsonProperty("system_cpu_usage") @Nullable Long systemCpuUsage,
            @JsonProperty("online_cpus") @Nullable Integer onlineCpus,
            @JsonProperty("throttling_data") Throttling throttlingData) {
        /** Nothing used. */
        public static final Cpu NONE = new Cpu(new CpuUsage(0, null, 0, 0), null, null, new Throttling(0, 0, 0));
    }

    /** Nanoseconds. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record CpuUsage(
            @JsonProperty("total_usage") long totalUsage,
            @JsonProperty("percpu_usage") @Nullable List<Long> percpuUsage,
            @JsonProperty("usage_in_kernelmode") long usageInKernelmode,
            @JsonProperty("usage_in_usermode") long usageInUsermode) {}

    /**
     * @param throttledTime nanoseconds
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record Throttling(long periods, long throttledPeriods, long throttledTime) {}

    /** Bytes; {@code stats} are the kernel's counters by its own names. */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Memory(
            @Nullable Long usage,
            @Nullable Long maxUsage,
            @Nullable Map<String, Long> stats,
            @Nullable Long failcnt,
            @Nullable Long limit) {
        /** Nothing used. */
        public static final Memory NONE = new Memory(null, null, null, null, null);
    }

    /** One interface. */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record Network(
            long rxBytes,
            long rxPackets,
            long rxErrors,
            long rxDropped,
            long txBytes,
            long txPackets,
            long txErrors,
            long txDropped) {}
}
