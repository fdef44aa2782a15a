package io.berth.linux.cgroup;

/**
 * Which limits this host can set.
 *
 * @param memory hard limits
 * @param swap limits of memory and swap together
 * @param memoryReservation soft limits
 * @param swappiness of single groups
 * @param oomKillDisable switching the killer off for a group
 * @param cpuShares relative weights
 * @param cpuQuota time per period
 * @param cpuRealtime time of real-time scheduling classes
 * @param cpuset CPUs and memory nodes
 * @param pids number of processes
 * @param blockIoWeight relative weights of groups
 * @param blockIoWeightDevice the same for single devices
 * @param blockIoThrottle bytes and operations per second
 * @param cpus the CPUs there are, as a list such as {@code 0-3}; empty when unknown
 * @param mems the memory nodes there are, likewise
 */
public record CgroupSupport(
        boolean memory,
        boolean swap,
        boolean memoryReservation,
        boolean swappiness,
        boolean oomKillDisable,
        boolean cpuShares,
        boolean cpuQuota,
        boolean cpuRealtime,
        boolean cpuset,
        boolean pids,
        boolean blockIoWeight,
        boolean blockIoWeightDevice,
        boolean blockIoThrottle,
        String cpus,
        String mems) {}
