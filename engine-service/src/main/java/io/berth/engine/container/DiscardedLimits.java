package io.berth.engine.container;

import io.berth.docker.DockerJson;
import io.berth.docker.container.HostConfig;
import io.berth.linux.cgroup.CgroupSupport;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Takes limits that the host cannot set out of a host configuration, so that nobody who inspects the container is told that it
 * has them (moby: daemon/daemon_unix.go, verifyPlatformContainerResources). {@link ResourceWarnings} has said so.
 */
final class DiscardedLimits {
    private static final long UNLIMITED = -1;

    private final ObjectNode discarded = DockerJson.MAPPER.createObjectNode();

    private DiscardedLimits() {}

    /** What is left of a configuration: most often all of it. */
    static HostConfig without(HostConfig host, CgroupSupport support) {
        DiscardedLimits limits = new DiscardedLimits();
        limits.memory(host, support);
        limits.zero(support.cpuShares(), host.cpuShares(), "CpuShares");
        limits.zero(support.cpuQuota(), host.cpuPeriod(), "CpuPeriod");
        limits.zero(support.cpuQuota(), host.cpuQuota(), "CpuQuota");
        limits.zero(support.cpuRealtime(), host.cpuRealtimePeriod(), "CpuRealtimePeriod");
        limits.zero(support.cpuRealtime(), host.cpuRealtimeRuntime(), "CpuRealtimeRuntime");
        limits.zero(false, host.cpuPercent(), "CpuPercent");
        limits.text(support.cpuset(), host.cpusetCpus(), "CpusetCpus");
        limits.text(support.cpuset(), host.cpusetMems(), "CpusetMems");
        limits.zero(support.blockIoWeight(), host.blkioWeight(), "BlkioWeight");
        limits.list(support.blockIoWeightDevice(), host.blkioWeightDevice(), "BlkioWeightDevice");
        limits.list(support.blockIoThrottle(), host.blkioDeviceReadBps(), "BlkioDeviceReadBps");
        limits.list(support.blockIoThrottle(), host.blkioDeviceWriteBps(), "BlkioDeviceWriteBps");
        limits.list(support.blockIoThrottle(), host.blkioDeviceReadIops(), "BlkioDeviceReadIOps");
        limits.list(support.blockIoThrottle(), host.blkioDeviceWriteIops(), "BlkioDeviceWriteIOps");
        return limits.from(host);
    }

    private HostConfig from(HostConfig host) {
        if (discarded.isEmpty()) {
            return host;
        }
        ObjectNode left = DockerJson.MAPPER.valueToTree(host);
        left.setAll(discarded);
        return DockerJson.MAPPER.treeToValue(left, HostConfig.class);
    }

    private void memory(HostConfig asked, CgroupSupport support) {
        zero(support.memory(), Math.max(0, asked.memory()), "Memory");
        boolean noSwap = asked.memorySwap() != UNLIMITED && !support.swap();
        if (asked.memory() > 0 && (noSwap || !support.memory())) {
            discarded.put("MemorySwap", UNLIMITED);
        }
        zero(support.memoryReservation(), asked.memoryReservation(), "MemoryReservation");
        absent(support.swappiness(), asked.memorySwappiness(), "MemorySwappiness");
        absent(support.oomKillDisable(), asked.oomKillDisable(), "OomKillDisable");
        absent(support.pids(), asked.pidsLimit(), "PidsLimit");
    }

    private void zero(boolean supported, long asked, String field) {
        if (!supported && asked != 0) {
            discarded.put(field, 0);
        }
    }

    private void text(boolean supported, String asked, String field) {
        if (!supported && !asked.isEmpty()) {
            discarded.put(field, "");
        }
    }

    private void absent(boolean supported, @Nullable Object asked, String field) {
        if (!supported && asked != null) {
            discarded.putNull(field);
        }
    }

    private void list(boolean supported, @Nullable List<?> asked, String field) {
        if (!supported && asked != null && !asked.isEmpty()) {
            discarded.putArray(field);
        }
    }
}
