package io.berth.docker.system;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The host and the engine's settings (Engine API, SystemInfo).
 *
 * <pre>{"ID": "…", "Containers": 14, "ContainersRunning": 3, "Driver": "overlay2", "NCPU": 4, "MemTotal": 2095882240}</pre>
 *
 * @param memTotal bytes
 * @param warnings lines for people to read
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.ALWAYS)
public record InfoResponse(
        @JsonProperty("ID") String id,
        int containers,
        int containersRunning,
        int containersPaused,
        int containersStopped,
        int images,
        String driver,
        List<List<String>> driverStatus,
        Plugins plugins,
        boolean memoryLimit,
        boolean swapLimit,
        boolean cpuCfsPeriod,
        boolean cpuCfsQuota,
        @JsonProperty("CPUShares") boolean cpuShares,
        @JsonProperty("CPUSet") boolean cpuSet,
        boolean pidsLimit,
        boolean oomKillDisable,
        @JsonProperty("IPv4Forwarding") boolean ipv4Forwarding,
        boolean debug,
        @JsonProperty("NFd") int openDescriptors,
        @JsonProperty("NGoroutines") int threads,
        String systemTime,
        String loggingDriver,
        String cgroupDriver,
        String cgroupVersion,
        @JsonProperty("NEventsListener") int eventListeners,
        String kernelVersion,
        String operatingSystem,
        @JsonProperty("OSVersion") String osVersion,
        @JsonProperty("OSType") String osType,
        String architecture,
        String indexServerAddress,
        RegistryConfig registryConfig,
        @JsonProperty("NCPU") int cpus,
        long memTotal,
        @Nullable List<Object> genericResources,
        String dockerRootDir,
        String httpProxy,
        String httpsProxy,
        String noProxy,
        String name,
        List<String> labels,
        boolean experimentalBuild,
        String serverVersion,
        Map<String, RuntimeInfo> runtimes,
        String defaultRuntime,
        Swarm swarm,
        boolean liveRestoreEnabled,
        String isolation,
        String initBinary,
        Commit containerdCommit,
        Commit runcCommit,
        Commit initCommit,
        List<String> securityOptions,
        @JsonProperty("CDISpecDirs") List<String> cdiSpecDirs,
        List<String> warnings) {

    /** Drivers by kind. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.ALWAYS)
    public record Plugins(
            List<String> volume,
            List<String> network,
            @Nullable List<String> authorization,
            List<String> log) {}

    /** Settings of registries. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.ALWAYS)
    public record RegistryConfig(
            @JsonProperty("InsecureRegistryCIDRs") List<String> insecureRegistryCidrs,
            Map<String, Index> indexConfigs,
            @Nullable List<String> mirrors) {}

    /** One registry. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Index(String name, List<String> mirrors, boolean secure, boolean official) {}

    /** A container runtime; the name is lower case here. */
    public record RuntimeInfo(String path) {}

    /** There is no swarm: {@code LocalNodeState} is {@code inactive}. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.ALWAYS)
    public record Swarm(
            @JsonProperty("NodeID") String nodeId,
            String nodeAddr,
            String localNodeState,
            boolean controlAvailable,
            String error,
            @Nullable List<Object> remoteManagers) {}

    /** A version of an external tool. */
    public record Commit(@JsonProperty("ID") String id) {}
}
