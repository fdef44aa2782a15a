package io.berth.engine.stats.web;

import io.berth.docker.ApiVersion;
import io.berth.docker.container.StatsResponse;
import io.berth.docker.container.StatsResponse.Blkio;
import io.berth.docker.container.StatsResponse.BlkioEntry;
import io.berth.docker.container.StatsResponse.Cpu;
import io.berth.docker.container.StatsResponse.CpuUsage;
import io.berth.docker.container.StatsResponse.Memory;
import io.berth.docker.container.StatsResponse.Network;
import io.berth.docker.container.StatsResponse.Pids;
import io.berth.docker.container.StatsResponse.Throttling;
import io.berth.engine.container.Container;
import io.berth.engine.stats.InterfaceCounters;
import io.berth.engine.stats.Sample;
import io.berth.linux.cgroup.CgroupStats;
import io.berth.linux.cgroup.CgroupStats.BlockIo;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Samples as the API shows them. */
final class StatsViews {
    private static final String NEVER = "0001-01-01T00:00:00Z";
    private static final BigInteger UNLIMITED = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

    private StatsViews() {}

    /**
     * @param sample null when the container does not run
     * @param before the sample before, for the deltas; null when there is none
     */
    static StatsResponse of(Container container, @Nullable Sample sample, @Nullable Sample before, ApiVersion version) {
        @Nullable String osType = version.atLeast(1, 52) ? "linux" : null;
        String name = "/" + container.snapshot().name();
        String preread = before == null ? NEVER : before.at().toString();
        Cpu precpu = before == null ? Cpu.NONE : cpu(before);
        if (sample == null) {
            return new StatsResponse(
                    name,
                    container.id().value(),
                    osType,
                    NEVER,
                    preread,
                    new Pids(null, null),
                    Blkio.NONE,
                    0,
                    Map.of(),
                    Cpu.NONE,
                    precpu,
                    Memory.NONE,
                    null);
        }
        return new StatsResponse(
                name,
                container.id().value(),
                osType,
                sample.at().toString(),
                preread,
                pids(sample.cgroup()),
                blkio(sample.cgroup()),
                0,
                Map.of(),
                cpu(sample),
                precpu,
                memory(sample),
                networks(sample.interfaces()));
    }

    private static Pids pids(CgroupStats cgroup) {
        if (cgroup.pidsLimit() != Long.MAX_VALUE) {
            return new Pids(cgroup.pids(), BigInteger.valueOf(cgroup.pidsLimit()));
        }
        return new Pids(cgroup.pids(), cgroup.version() == 1 ? null : UNLIMITED);
    }

    private static Blkio blkio(CgroupStats cgroup) {
        boolean first = cgroup.version() == 1;
        @Nullable List<BlkioEntry> none = first ? List.of() : null;
        return new Blkio(
                entries(cgroup.blockIoBytes()),
                first ? entries(cgroup.blockIoOperations()) : null,
                none,
                none,
                none,
                none,
                none,
                none);
    }

    private static List<BlkioEntry> entries(List<BlockIo> traffic) {
        return traffic.stream()
                .map(io -> new BlkioEntry(io.major(), io.minor(), io.operation(), io.value()))
                .toList();
    }

    private static Cpu cpu(Sample sample) {
        CgroupStats cgroup = sample.cgroup();
        return new Cpu(
                new CpuUsage(
                        cgroup.cpuNanos(),
                        cgroup.perCpuNanos().isEmpty() ? null : cgroup.perCpuNanos(),
                        cgroup.systemNanos(),
                        cgroup.userNanos()),
                sample.hostCpuNanos(),
                sample.onlineCpus(),
                new Throttling(cgroup.periods(), cgroup.throttledPeriods(), cgroup.throttledNanos()));
    }

    private static Memory memory(Sample sample) {
        CgroupStats cgroup = sample.cgroup();
        boolean first = cgroup.version() == 1;
        return new Memory(
                cgroup.memoryBytes(),
                first ? cgroup.memoryMaxBytes() : null,
                new TreeMap<>(cgroup.memory()),
                first && cgroup.memoryFailures() > 0 ? cgroup.memoryFailures() : null,
                Math.min(cgroup.memoryLimitBytes(), sample.hostMemoryBytes()));
    }

    private static @Nullable Map<String, Network> networks(Map<String, InterfaceCounters> interfaces) {
        if (interfaces.isEmpty()) {
            return null;
        }
        Map<String, Network> networks = new TreeMap<>();
        interfaces.forEach((name, counters) -> networks.put(
                name,
                new Network(
                        counters.rxBytes(),
                        counters.rxPackets(),
                        counters.rxErrors(),
                        counters.rxDropped(),
                        counters.txBytes(),
                        counters.txPackets(),
                        counters.txErrors(),
                        counters.txDropped())));
        return networks;
    }
}
