package io.berth.engine.stats;

import io.berth.linux.cgroup.CgroupStats;
import java.time.Instant;
import java.util.Map;

/**
 * What a container has used until one moment.
 *
 * @param hostCpuNanos what all programs together have used of all the host's CPUs, idle time with it
 * @param hostMemoryBytes what the host has
 * @param interfaces by name, without loopback
 */
public record Sample(
        Instant at,
        CgroupStats cgroup,
        long hostCpuNanos,
        int onlineCpus,
        long hostMemoryBytes,
        Map<String, InterfaceCounters> interfaces) {
    public Sample {
        interfaces = Map.copyOf(interfaces);
    }
}
