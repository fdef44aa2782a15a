package io.berth.linux.cgroup;

import org.jspecify.annotations.Nullable;

/**
 * Limits of a cgroup; null leaves the kernel's default, and only what is set is written.
 *
 * @param memoryBytes hard limit of memory
 * @param memorySwapBytes memory and swap together, as in cgroup v1; -1 is unlimited swap
 * @param memoryReservationBytes soft limit
 * @param cpuShares relative weight of version 1, 2 to 262144, default 1024
 * @param cpuQuotaMicros CPU time per period; -1 is unlimited
 * @param cpuPeriodMicros default 100000
 * @param cpusetCpus list of CPUs such as {@code 0-2,4}
 * @param cpusetMems list of memory nodes
 * @param pids most processes and threads; -1 is unlimited
 * @param blkioWeight 10 to 1000
 */
public record CgroupLimits(
        @Nullable Long memoryBytes,
        @Nullable Long memorySwapBytes,
        @Nullable Long memoryReservationBytes,
        @Nullable Long cpuShares,
        @Nullable Long cpuQuotaMicros,
        @Nullable Long cpuPeriodMicros,
        @Nullable String cpusetCpus,
        @Nullable String cpusetMems,
        @Nullable Long pids,
        @Nullable Integer blkioWeight) {

    /** No limit at all. */
    public static final CgroupLimits NONE =
            new CgroupLimits(null, null, null, null, null, null, null, null, null, null);

    /** Whether CPUs or memory nodes are restricted. */
    public boolean usesCpuset() {
        return cpusetCpus != null || cpusetMems != null;
    }
}
