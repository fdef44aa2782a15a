package io.berth.engine.container;

import io.berth.docker.container.HostConfig;
import io.berth.docker.container.ThrottleDevice;
import io.berth.docker.container.WeightDevice;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.SystemFailure;
import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.cgroup.CgroupLimits;
import io.berth.linux.cgroup.CgroupLimits.BlockIo;
import io.berth.linux.cgroup.CgroupLimits.Cpu;
import io.berth.linux.cgroup.CgroupLimits.DeviceWeight;
import io.berth.linux.cgroup.CgroupLimits.Memory;
import io.berth.linux.cgroup.CgroupLimits.Rate;
import io.berth.linux.cgroup.CgroupLimits.Throttle;
import io.berth.linux.cgroup.CgroupSupport;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileStat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * From the resources of a host configuration to limits of a cgroup. What the host cannot limit is discarded, and
 * {@link ResourceWarnings} says so.
 */
final class ResourceLimits {
    private static final long DEFAULT_CPU_PERIOD_MICROS = 100_000;
    private static final long NANOS_PER_MICRO_OF_PERIOD = 1_000_000_000L / DEFAULT_CPU_PERIOD_MICROS;
    private static final int MIN_WEIGHT = 10;
    private static final int MAX_WEIGHT = 1000;

    private ResourceLimits() {}

    /**
     * The limits; what is not asked for is null.
     *
     * @throws InvalidParameter for a device that is none
     */
    static CgroupLimits of(HostConfig host, CgroupSupport support) {
        return new CgroupLimits(
                memory(host, support),
                cpu(host, support),
                support.pids() ? host.pidsLimit() : null,
                blockIo(host, support));
    }

    private static Memory memory(HostConfig host, CgroupSupport support) {
        if (!support.memory()) {
            return Memory.NONE;
        }
        Long swappiness = host.memorySwappiness();
        return new Memory(
                positive(host.memory()),
                support.swap() ? swap(host) : null,
                support.memoryReservation() ? positive(host.memoryReservation()) : null,
                (swappiness == null || swappiness < 0 || !support.swappiness()) ? null : swappiness,
                (Boolean.TRUE.equals(host.oomKillDisable()) && support.oomKillDisable()) ? Boolean.TRUE : null);
    }

    private static @Nullable Long swap(HostConfig host) {
        if (host.memory() <= 0) {
            return host.memorySwap() == 0 ? null : host.memorySwap();
        }
        return host.memorySwap() == 0 ? 2 * host.memory() : host.memorySwap();
    }

    private static Cpu cpu(HostConfig host, CgroupSupport support) {
        @Nullable Long quota = positive(host.cpuQuota());
        @Nullable Long period = positive(host.cpuPeriod());
        if (host.nanoCpus() > 0) {
            period = DEFAULT_CPU_PERIOD_MICROS;
            quota = host.nanoCpus() / NANOS_PER_MICRO_OF_PERIOD;
        }
        return new Cpu(
                support.cpuShares() ? positive(host.cpuShares()) : null,
                support.cpuQuota() ? quota : null,
                support.cpuQuota() ? period : null,
                support.cpuRealtime() ? positive(host.cpuRealtimeRuntime()) : null,
                support.cpuRealtime() ? positive(host.cpuRealtimePeriod()) : null,
                host.cpusetCpus().isEmpty() || !support.cpuset() ? null : host.cpusetCpus(),
                host.cpusetMems().isEmpty() || !support.cpuset() ? null : host.cpusetMems());
    }

    private static BlockIo blockIo(HostConfig host, CgroupSupport support) {
        List<DeviceWeight> weights = new ArrayList<>();
        if (support.blockIoWeightDevice()) {
            for (WeightDevice device : orEmpty(host.blkioWeightDevice())) {
                FileStat stat = device(device.path());
                weights.add(new DeviceWeight(stat.rdevMajor(), stat.rdevMinor(), device.weight()));
            }
        }
        List<Throttle> throttles = new ArrayList<>();
        if (support.blockIoThrottle()) {
            addThrottles(throttles, Rate.READ_BYTES, host.blkioDeviceReadBps());
            addThrottles(throttles, Rate.WRITE_BYTES, host.blkioDeviceWriteBps());
            addThrottles(throttles, Rate.READ_OPERATIONS, host.blkioDeviceReadIops());
            addThrottles(throttles, Rate.WRITE_OPERATIONS, host.blkioDeviceWriteIops());
        }
        int weight = host.blkioWeight();
        return new BlockIo((weight > 0 && support.blockIoWeight()) ? weight : null, weights, throttles);
    }

    private static void addThrottles(List<Throttle> throttles, Rate kind, @Nullable List<ThrottleDevice> devices) {
        for (ThrottleDevice device : orEmpty(devices)) {
            FileStat stat = device(device.path());
            throttles.add(new Throttle(kind, stat.rdevMajor(), stat.rdevMinor(), device.rate()));
        }
    }

    private static FileStat device(String path) {
        try (Directory root = Directory.open(Path.of("/"))) {
            return root.statFollowing(path.startsWith("/") ? path.substring(1) : path);
        } catch (SyscallException e) {
            throw new SystemFailure(
                    "stat " + path + ": " + Errno.text(e.errno()).toLowerCase(Locale.ROOT), e);
        }
    }

    /**
     * Refuses what no host could do, in moby's words (moby: daemon/daemon_unix.go, verifyPlatformContainerResources). Memory and
     * CPU are {@link RequestCheck}'s.
     */
    static void check(HostConfig host, CgroupSupport support) {
        Long swappiness = host.memorySwappiness();
        if (swappiness != null && support.swappiness() && (swappiness < -1 || swappiness > 100)) {
            throw new InvalidParameter("Invalid value: " + swappiness + ", valid memory swappiness range is 0-100");
        }
        int weight = host.blkioWeight();
        if (weight != 0 && support.blockIoWeight() && (weight < MIN_WEIGHT || weight > MAX_WEIGHT)) {
            throw new InvalidParameter("range of blkio weight is from 10 to 1000");
        }
        if (host.ioMaximumBandwidth() != 0 || host.ioMaximumIops() != 0) {
            throw new InvalidParameter(
                    "invalid QoS settings: linux does not support Maximum IO Bandwidth or Maximum IO IOps");
        }
        if (support.cpuset()) {
            checkAvailable("CPUs", host.cpusetCpus(), support.cpus());
            checkAvailable("memory nodes", host.cpusetMems(), support.mems());
        }
    }

    private static void checkAvailable(String what, String asked, String available) {
        if (!asked.isEmpty() && !available.isEmpty() && last(asked) > last(available)) {
            throw new InvalidParameter(
                    "Requested " + what + " are not available - requested " + asked + ", available: " + available);
        }
    }

    /** The greatest number of a list such as {@code 0-3,5}. */
    private static int last(String list) {
        int last = 0;
        for (String number : list.split("[-,]")) {
            last = Math.max(last, Integer.parseInt(number.strip()));
        }
        return last;
    }

    private static @Nullable Long positive(long value) {
        return value > 0 ? value : null;
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }
}
