package io.berth.engine.container;

import io.berth.docker.DockerJson;
import io.berth.docker.container.HostConfig;
import io.berth.linux.cgroup.CgroupSupport;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * Takes limits that the host cannot set out of a host configuration, so that nobody who inspects the container is told that it
 * has them (moby: daemon/daemon_unix.go, verifyPlatformContainerResources). {@link ResourceWarnings} has said so.
 */
final class DiscardedLimits {
    private static final long UNLIMITED = -1;

    private final ObjectNode host;

    private DiscardedLimits(ObjectNode host) {
        this.host = host;
    }

    /** What is left of a configuration. */
    static HostConfig without(HostConfig host, CgroupSupport support) {
        DiscardedLimits limits = new DiscardedLimits(DockerJson.MAPPER.valueToTree(host));
        limits.memory(host, support);
        limits.zero(support.cpuShares(), "CpuShares");
        limits.zero(support.cpuQuota(), "CpuPeriod", "CpuQuota");
        limits.zero(support.cpuRealtime(), "CpuRealtimePeriod", "CpuRealtimeRuntime");
        limits.zero(false, "CpuPercent");
        limits.text(support.cpuset(), "CpusetCpus", "CpusetMems");
        limits.zero(support.blockIoWeight(), "BlkioWeight");
        limits.list(support.blockIoWeightDevice(), "BlkioWeightDevice");
        limits.list(
                support.blockIoThrottle(),
                "BlkioDeviceReadBps",
                "BlkioDeviceWriteBps",
                "BlkioDeviceReadIOps",
                "BlkioDeviceWriteIOps");
        return DockerJson.MAPPER.treeToValue(limits.host, HostConfig.class);
    }

    private void memory(HostConfig asked, CgroupSupport support) {
        boolean noMemory = asked.memory() > 0 && !support.memory();
        if (noMemory) {
            host.put("Memory", 0);
        }
        if (noMemory || (asked.memory() > 0 && asked.memorySwap() != UNLIMITED && !support.swap())) {
            host.put("MemorySwap", UNLIMITED);
        }
        zero(support.memoryReservation(), "MemoryReservation");
        absent(support.swappiness(), "MemorySwappiness");
        absent(support.oomKillDisable(), "OomKillDisable");
        absent(support.pids(), "PidsLimit");
    }

    private void zero(boolean supported, String... fields) {
        for (String field : supported ? List.<String>of() : List.of(fields)) {
            host.put(field, 0);
        }
    }

    private void text(boolean supported, String... fields) {
        for (String field : supported ? List.<String>of() : List.of(fields)) {
            host.put(field, "");
        }
    }

    private void absent(boolean supported, String field) {
        if (!supported) {
            host.putNull(field);
        }
    }

    private void list(boolean supported, String... fields) {
        for (String field : supported ? List.<String>of() : List.of(fields)) {
            if (!host.path(field).isEmpty()) {
                host.putArray(field);
            }
        }
    }
}
