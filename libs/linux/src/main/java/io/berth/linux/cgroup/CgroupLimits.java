package io.berth.linux.cgroup;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Limits of a cgroup; null leaves what the group has, at first the kernel's default. Only what is set is written.
 *
 * @param pids most processes and threads; zero and less is unlimited
 */
public record CgroupLimits(Memory memory, Cpu cpu, @Nullable Long pids, BlockIo blockIo) {

    /** No limit at all. */
    public static final CgroupLimits NONE = new CgroupLimits(Memory.NONE, Cpu.NONE, null, BlockIo.NONE);

    /** Limits of memory alone: memory, and memory with swap. */
    public static CgroupLimits ofMemory(@Nullable Long bytes, @Nullable Long withSwapBytes) {
        return NONE.with(new Memory(bytes, withSwapBytes, null, null, null));
    }

    public CgroupLimits with(Memory changed) {
        return new CgroupLimits(changed, cpu, pids, blockIo);
    }

    public CgroupLimits with(Cpu changed) {
        return new CgroupLimits(memory, changed, pids, blockIo);
    }

    public CgroupLimits with(BlockIo changed) {
        return new CgroupLimits(memory, cpu, pids, changed);
    }

    public CgroupLimits withPids(@Nullable Long most) {
        return new CgroupLimits(memory, cpu, most, blockIo);
    }

    /** Whether CPUs or memory nodes are restricted. */
    public boolean usesCpuset() {
        return cpu.cpus() != null || cpu.mems() != null;
    }

    /**
     * Limits of memory.
     *
     * @param bytes hard limit; -1 is unlimited
     * @param withSwapBytes memory and swap together, as in version 1; -1 is unlimited swap
     * @param reservationBytes soft limit
     * @param swappiness 0 to 100; version 1 only
     * @param oomKillDisable processes wait for memory instead of being killed; version 1 only
     */
    public record Memory(
            @Nullable Long bytes,
            @Nullable Long withSwapBytes,
            @Nullable Long reservationBytes,
            @Nullable Long swappiness,
            @Nullable Boolean oomKillDisable) {
        /** None. */
        public static final Memory NONE = new Memory(null, null, null, null, null);
    }

    /**
     * Limits of processor time.
     *
     * @param shares relative weight of version 1, 2 to 262144, default 1024
     * @param quotaMicros time per period; zero and less is unlimited
     * @param periodMicros default 100000
     * @param realtimeRuntimeMicros of real-time scheduling classes per period; version 1 only
     * @param realtimePeriodMicros version 1 only
     * @param cpus list of CPUs such as {@code 0-2,4}
     * @param mems list of memory nodes
     */
    public record Cpu(
            @Nullable Long shares,
            @Nullable Long quotaMicros,
            @Nullable Long periodMicros,
            @Nullable Long realtimeRuntimeMicros,
            @Nullable Long realtimePeriodMicros,
            @Nullable String cpus,
            @Nullable String mems) {
        /** None. */
        public static final Cpu NONE = new Cpu(null, null, null, null, null, null, null);
    }

    /**
     * Limits of block devices.
     *
     * @param weight relative, 10 to 1000
     * @param weights of single devices
     * @param throttles of single devices
     */
    public record BlockIo(@Nullable Integer weight, List<DeviceWeight> weights, List<Throttle> throttles) {
        /** None. */
        public static final BlockIo NONE = new BlockIo(null, List.of(), List.of());

        public BlockIo {
            weights = List.copyOf(weights);
            throttles = List.copyOf(throttles);
        }
    }

    /**
     * @param major of the device
     * @param minor of the device
     * @param weight 10 to 1000
     */
    public record DeviceWeight(int major, int minor, int weight) {}

    /**
     * @param major of the device
     * @param minor of the device
     * @param rate bytes or operations per second; zero is unlimited
     */
    public record Throttle(Rate kind, int major, int minor, long rate) {}

    /** What of a device is limited. */
    public enum Rate {
        READ_BYTES("blkio.throttle.read_bps_device", "rbps"),
        WRITE_BYTES("blkio.throttle.write_bps_device", "wbps"),
        READ_OPERATIONS("blkio.throttle.read_iops_device", "riops"),
        WRITE_OPERATIONS("blkio.throttle.write_iops_device", "wiops");

        private final String version1File;
        private final String version2Key;

        Rate(String version1File, String version2Key) {
            this.version1File = version1File;
            this.version2Key = version2Key;
        }

        String version1File() {
            return version1File;
        }

        String version2Key() {
            return version2Key;
        }
    }
}
