package io.berth.docker.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What a container needs of its host (Engine API, HostConfig), with the defaults that Docker's daemon fills in at create.
 *
 * <pre>{"Memory": 67108864, "CapDrop": ["ALL"], "AutoRemove": true, "NetworkMode": "bridge"}</pre>
 *
 * @param memory bytes; zero is unlimited
 * @param memorySwap memory and swap together in bytes; -1 is unlimited, zero is twice the memory
 * @param cpuPeriod microseconds
 * @param cpuQuota microseconds in each period
 * @param nanoCpus billionths of a CPU
 * @param shmSize of /dev/shm in bytes; absent or zero is 64 MiB
 * @param maskedPaths null is Docker's list, empty is none
 * @param readonlyPaths null is Docker's list, empty is none
 * @param consoleSize rows and columns
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.ALWAYS)
public record HostConfig(
        @Nullable List<String> binds,
        @JsonProperty("ContainerIDFile") String containerIdFile,
        LogConfig logConfig,
        String networkMode,
        @Nullable Map<String, @Nullable List<Map<String, Object>>> portBindings,
        RestartPolicy restartPolicy,
        boolean autoRemove,
        String volumeDriver,
        @Nullable List<String> volumesFrom,
        List<Integer> consoleSize,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Map<String, String> annotations,
        @Nullable List<String> capAdd,
        @Nullable List<String> capDrop,
        String cgroupnsMode,
        @Nullable List<String> dns,
        @Nullable List<String> dnsOptions,
        @Nullable List<String> dnsSearch,
        @Nullable List<String> extraHosts,
        @Nullable List<String> groupAdd,
        String ipcMode,
        String cgroup,
        @Nullable List<String> links,
        int oomScoreAdj,
        String pidMode,
        boolean privileged,
        boolean publishAllPorts,
        boolean readonlyRootfs,
        @Nullable List<String> securityOpt,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Map<String, String> storageOpt,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Map<String, String> tmpfs,
        @JsonProperty("UTSMode") String utsMode,
        String usernsMode,
        long shmSize,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Map<String, String> sysctls,
        String runtime,
        String isolation,
        long cpuShares,
        long memory,
        long nanoCpus,
        String cgroupParent,
        int blkioWeight,
        @Nullable List<WeightDevice> blkioWeightDevice,
        @Nullable List<ThrottleDevice> blkioDeviceReadBps,
        @Nullable List<ThrottleDevice> blkioDeviceWriteBps,
        @JsonProperty("BlkioDeviceReadIOps") @Nullable List<ThrottleDevice> blkioDeviceReadIops,
        @JsonProperty("BlkioDeviceWriteIOps") @Nullable List<ThrottleDevice> blkioDeviceWriteIops,
        long cpuPeriod,
        long cpuQuota,
        long cpuRealtimePeriod,
        long cpuRealtimeRuntime,
        String cpusetCpus,
        String cpusetMems,
        @Nullable List<DeviceMapping> devices,
        @Nullable List<String> deviceCgroupRules,
        @Nullable List<Map<String, Object>> deviceRequests,
        long memoryReservation,
        long memorySwap,
        @Nullable Long memorySwappiness,
        @Nullable Boolean oomKillDisable,
        @Nullable Long pidsLimit,
        @Nullable List<Ulimit> ulimits,
        long cpuCount,
        long cpuPercent,
        @JsonProperty("IOMaximumIOps") long ioMaximumIops,
        @JsonProperty("IOMaximumBandwidth") long ioMaximumBandwidth,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<Mount> mounts,
        @Nullable List<String> maskedPaths,
        @Nullable List<String> readonlyPaths,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Boolean init) {

    private static final long DEFAULT_SHM_BYTES = 64L << 20;

    /** Paths below /proc and /sys that tell about, or act on, the host (moby: daemon/pkg/oci/defaults.go). */
    public static final List<String> DEFAULT_MASKED_PATHS = List.of(
            "/proc/asound",
            "/proc/acpi",
            "/proc/interrupts",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/sys/firmware",
            "/sys/devices/virtual/powercap");

    /** Paths below /proc that change the kernel's settings when written (moby: daemon/pkg/oci/defaults.go). */
    public static final List<String> DEFAULT_READONLY_PATHS =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    /** Fills in what the request leaves out, as Docker's daemon does. */
    @SuppressWarnings("ConstantValue") // Jackson passes null for what the request leaves out
    public HostConfig {
        containerIdFile = text(containerIdFile, "");
        logConfig = logConfig == null ? LogConfig.DEFAULT : logConfig;
        networkMode = text(networkMode, "bridge");
        networkMode = networkMode.equals("default") ? "bridge" : networkMode;
        restartPolicy = restartPolicy == null ? RestartPolicy.NO : restartPolicy;
        volumeDriver = text(volumeDriver, "");
        consoleSize = consoleSize == null ? List.of(0, 0) : consoleSize;
        cgroupnsMode = text(cgroupnsMode, "private");
        ipcMode = text(ipcMode, "private");
        cgroup = text(cgroup, "");
        pidMode = text(pidMode, "");
        utsMode = text(utsMode, "");
        usernsMode = text(usernsMode, "");
        shmSize = shmSize == 0 ? DEFAULT_SHM_BYTES : shmSize;
        runtime = text(runtime, "");
        isolation = text(isolation, "");
        cgroupParent = text(cgroupParent, "");
        cpusetCpus = text(cpusetCpus, "");
        cpusetMems = text(cpusetMems, "");
        if (maskedPaths == null && !privileged) {
            maskedPaths = DEFAULT_MASKED_PATHS;
        }
        if (readonlyPaths == null && !privileged) {
            readonlyPaths = DEFAULT_READONLY_PATHS;
        }
    }

    private static String text(@Nullable String value, String absent) {
        return value == null || value.isEmpty() ? absent : value;
    }
}
