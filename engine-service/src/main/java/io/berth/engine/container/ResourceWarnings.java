package io.berth.engine.container;

import io.berth.docker.container.HostConfig;
import io.berth.linux.cgroup.CgroupSupport;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a host cannot limit, in moby's words (moby: daemon/daemon_unix.go, verifyPlatformContainerResources). */
final class ResourceWarnings {
    private static final String UNSUPPORTED = "Your kernel does not support ";
    private static final String NOT_MOUNTED = " or the cgroup is not mounted. ";

    private final List<String> warnings = new ArrayList<>();

    private ResourceWarnings() {}

    /** The warnings for what was asked for and is discarded. */
    static List<String> of(HostConfig host, CgroupSupport support) {
        List<String> warnings = ofResources(host, support);
        if (host.networkMode().equals("host")
                && host.portBindings() != null
                && !host.portBindings().isEmpty()) {
            warnings.add("Published ports are discarded when using host network mode");
        }
        return warnings;
    }

    /** Those about limits. */
    static List<String> ofResources(HostConfig host, CgroupSupport support) {
        ResourceWarnings collected = new ResourceWarnings();
        collected.memory(host, support);
        collected.cpu(host, support);
        collected.blockIo(host, support);
        return collected.warnings;
    }

    private void memory(HostConfig host, CgroupSupport support) {
        Long swappiness = host.memorySwappiness();
        boolean oomKillDisable = Boolean.TRUE.equals(host.oomKillDisable());
        discard(host.memory() > 0 && !support.memory(), "memory limit capabilities", "Limitation discarded.");
        discard(
                host.memory() > 0 && host.memorySwap() != -1 && !support.swap(),
                "swap limit capabilities",
                "Memory limited without swap.");
        discard(
                swappiness != null && swappiness != -1 && !support.swappiness(),
                "memory swappiness capabilities",
                "Memory swappiness discarded.");
        discard(
                host.memoryReservation() > 0 && !support.memoryReservation(),
                "memory soft limit capabilities",
                "Limitation discarded.");
        if (oomKillDisable && !support.oomKillDisable()) {
            warnings.add(UNSUPPORTED + "OomKillDisable. OomKillDisable discarded.");
        } else if (oomKillDisable && host.memory() == 0) {
            warnings.add("OOM killer is disabled for the container, but no memory limit is set, this can result in the"
                    + " system running out of resources.");
        }
        Long pids = host.pidsLimit();
        discard(pids != null && pids > 0 && !support.pids(), "PIDs limit capabilities", "PIDs limit discarded.");
    }

    private void cpu(HostConfig host, CgroupSupport support) {
        discard(host.cpuShares() > 0 && !support.cpuShares(), "CPU shares", "Shares discarded.");
        if ((host.cpuPeriod() != 0 || host.cpuQuota() != 0) && !support.cpuQuota()) {
            warnings.add(UNSUPPORTED + "CPU CFS scheduler. CPU period/quota discarded.");
        }
        discard(
                (host.cpuRealtimePeriod() != 0 || host.cpuRealtimeRuntime() != 0) && !support.cpuRealtime(),
                "CPU real-time scheduler",
                "CPU real-time period/runtime discarded.");
        if (host.cpuPercent() > 0) {
            warnings.add("linux does not support CPU percent. Percent discarded.");
        }
        discard(
                !(host.cpusetCpus().isEmpty() && host.cpusetMems().isEmpty()) && !support.cpuset(),
                "cpuset",
                "Cpuset discarded.");
    }

    private void blockIo(HostConfig host, CgroupSupport support) {
        discard(host.blkioWeight() > 0 && !support.blockIoWeight(), "Block I/O weight", "Weight discarded.");
        discard(
                asked(host.blkioWeightDevice()) && !support.blockIoWeightDevice(),
                "Block I/O weight_device",
                "Weight-device discarded.");
        boolean throttle = support.blockIoThrottle();
        discard(
                asked(host.blkioDeviceReadBps()) && !throttle,
                "BPS Block I/O read limit",
                "Block I/O BPS read limit discarded.");
        discard(
                asked(host.blkioDeviceWriteBps()) && !throttle,
                "BPS Block I/O write limit",
                "Block I/O BPS write limit discarded.");
        discard(
                asked(host.blkioDeviceReadIops()) && !throttle,
                "IOPS Block read limit",
                "Block I/O IOPS read limit discarded.");
        discard(
                asked(host.blkioDeviceWriteIops()) && !throttle,
                "IOPS Block write limit",
                "Block I/O IOPS write limit discarded.");
    }

    private static boolean asked(@Nullable List<?> list) {
        return list != null && !list.isEmpty();
    }

    private void discard(boolean asked, String what, String consequence) {
        if (asked) {
            warnings.add(UNSUPPORTED + what + NOT_MOUNTED + consequence);
        }
    }
}
