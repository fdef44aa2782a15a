package io.berth.engine.container;

import io.berth.docker.container.ContainerConfig;
import io.berth.docker.container.HostConfig;
import io.berth.docker.container.Mount;
import io.berth.docker.container.RestartPolicy;
import io.berth.docker.error.InvalidParameter;
import io.berth.engine.log.LogDriverException;
import io.berth.engine.log.LogDrivers;
import io.berth.engine.mount.MountParser;
import io.berth.engine.network.ContainerNetworks;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Refuses what makes no sense in a create request, in moby's words (moby: daemon/daemon_unix.go, container.go). */
final class RequestCheck {
    private static final long MIN_MEMORY_BYTES = 6L << 20;
    /** Of any length: the kernel refuses those it cannot take. */
    private static final Pattern HOSTNAME = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9_.-]*");

    private static final Pattern CPU_LIST = Pattern.compile("\\d{1,5}(-\\d{1,5})?(,\\d{1,5}(-\\d{1,5})?)*+");
    private static final Set<String> RESTART_POLICIES = Set.of("no", "always", "unless-stopped", "on-failure");

    private RequestCheck() {}

    /**
     * @throws InvalidParameter for what is wrong
     */
    static void check(ContainerConfig config, HostConfig host) {
        checkConfig(config);
        checkMemory(host, false);
        checkCpu(host);
        checkRestartPolicy(host.restartPolicy());
        if (host.autoRemove() && !host.restartPolicy().name().equals("no")) {
            throw new InvalidParameter("can't create 'AutoRemove' container with restart policy");
        }
        NamespaceModes.check(config, host);
        checkCgroupParent(host);
        if (host.oomScoreAdj() < -1000 || host.oomScoreAdj() > 1000) {
            throw new InvalidParameter(
                    "Invalid value " + host.oomScoreAdj() + ", range for oom score adj is [-1000, 1000]");
        }
        orEmpty(host.extraHosts()).forEach(RequestCheck::checkExtraHost);
        if (host.shmSize() < 0) {
            throw new InvalidParameter("SHM size can not be less than 0");
        }
        if (host.annotations() != null && host.annotations().containsKey("")) {
            throw new InvalidParameter("invalid Annotations: the empty string is not permitted as an annotation key");
        }
        NetworkText.check(host);
        checkLog(host);
        checkMounts(host);
        UnhealthyAction _ = UnhealthyAction.of(config, host);
        Unsupported.refuse(host);
        ContainerNetworks.checkPorts(host);
    }

    private static void checkLog(HostConfig host) {
        try {
            LogDrivers.check(host.logConfig());
        } catch (LogDriverException e) {
            throw new InvalidParameter(String.valueOf(e.getMessage()), e);
        }
    }

    /** Before the image is looked up; binds are read when the container's name is taken, in moby's order. */
    private static void checkMounts(HostConfig host) {
        MountParser parser = new MountParser();
        for (Mount mount : orEmpty(host.mounts())) {
            Object _ = parser.mount(mount);
        }
        if (host.tmpfs() != null) {
            host.tmpfs().keySet().forEach(MountParser::checkDestination);
        }
    }

    /**
     * Checks an update of resources.
     *
     * @throws InvalidParameter for what is wrong
     */
    static void checkUpdate(HostConfig resources, @Nullable RestartPolicy policy) {
        checkMemory(resources, true);
        checkCpu(resources);
        if (policy != null) {
            checkRestartPolicy(policy);
        }
    }

    private static void checkConfig(ContainerConfig config) {
        if (!config.workingDir().isEmpty() && !config.workingDir().startsWith("/")) {
            throw new InvalidParameter(
                    "the working directory '" + config.workingDir() + "' is invalid, it needs to be an absolute path");
        }
        if (!config.hostname().isEmpty() && !HOSTNAME.matcher(config.hostname()).matches()) {
            throw new InvalidParameter("invalid hostname format: " + config.hostname());
        }
        if (!config.domainname().isEmpty()
                && !HOSTNAME.matcher(config.domainname()).matches()) {
            throw new InvalidParameter("invalid domainname format: " + config.domainname());
        }
        orEmpty(config.env()).forEach(ProcessEnvironment::check);
        HealthCheck.check(config.healthcheck());
        if (config.stopSignal() != null && !config.stopSignal().isEmpty()) {
            int _ = Signals.parse(config.stopSignal());
        }
    }

    /**
     * Checks what an image may have a say in, after its defaults have been merged in.
     *
     * @throws InvalidParameter for what no process could be started with
     */
    static void checkMerged(ContainerConfig config) {
        refuseNul(orEmpty(config.entrypoint()), "command");
        refuseNul(orEmpty(config.cmd()), "command");
        refuseNul(List.of(config.user()), "user");
        refuseNul(List.of(config.workingDir()), "working directory");
        // Probes without a pause would keep the engine busy.
        HealthCheck.check(config.healthcheck());
    }

    static void refuseNul(Collection<String> words, String what) {
        for (String word : words) {
            if (word.indexOf('\0') >= 0) {
                throw new InvalidParameter("invalid " + what + ": contains NUL");
            }
        }
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }

    private static void checkMemory(HostConfig host, boolean update) {
        if (host.memory() != 0 && host.memory() < MIN_MEMORY_BYTES) {
            throw new InvalidParameter("Minimum memory limit allowed is 6MB");
        }
        if (host.memory() > 0 && host.memorySwap() > 0 && host.memorySwap() < host.memory()) {
            throw new InvalidParameter("Minimum memoryswap limit should be larger than memory limit, see usage");
        }
        if (!update && host.memory() == 0 && host.memorySwap() > 0) {
            throw new InvalidParameter("You should always set the Memory limit when using Memoryswap limit, see usage");
        }
        if (host.memoryReservation() > 0 && host.memoryReservation() < MIN_MEMORY_BYTES) {
            throw new InvalidParameter("Minimum memory reservation allowed is 6MB");
        }
        if (host.memory() > 0 && host.memoryReservation() > host.memory()) {
            throw new InvalidParameter("Minimum memory limit can not be less than memory reservation limit, see usage");
        }
    }

    private static void checkCpu(HostConfig host) {
        if (host.nanoCpus() > 0 && host.cpuPeriod() > 0) {
            throw new InvalidParameter("Conflicting options: Nano CPUs and CPU Period cannot both be set");
        }
        if (host.nanoCpus() > 0 && host.cpuQuota() > 0) {
            throw new InvalidParameter("Conflicting options: Nano CPUs and CPU Quota cannot both be set");
        }
        int cpus = Runtime.getRuntime().availableProcessors();
        if (host.nanoCpus() < 0 || host.nanoCpus() > cpus * 1_000_000_000L) {
            throw new InvalidParameter(
                    "Range of CPUs is from 0.01 to " + cpus + ".00, as there are only " + cpus + " CPUs available");
        }
        if (host.cpuPeriod() != 0 && (host.cpuPeriod() < 1_000 || host.cpuPeriod() > 1_000_000)) {
            throw new InvalidParameter(
                    "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
        }
        if (host.cpuQuota() > 0 && host.cpuQuota() < 1_000) {
            throw new InvalidParameter("CPU cfs quota can not be less than 1ms (i.e. 1000)");
        }
        if (host.cpuRealtimePeriod() > 0 && host.cpuRealtimeRuntime() > host.cpuRealtimePeriod()) {
            throw new InvalidParameter("cpu real-time runtime cannot be higher than cpu real-time period");
        }
        if (host.cpuShares() < 0) {
            throw new InvalidParameter(
                    "invalid CPU shares (" + host.cpuShares() + "): value must be a positive integer");
        }
        for (Map.Entry<String, String> list :
                Map.of("cpus", host.cpusetCpus(), "mems", host.cpusetMems()).entrySet()) {
            if (!list.getValue().isEmpty() && !CPU_LIST.matcher(list.getValue()).matches()) {
                throw new InvalidParameter("Invalid value " + list.getValue() + " for cpuset " + list.getKey()
                        + ": invalid format: " + list.getValue());
            }
        }
    }

    private static void checkCgroupParent(HostConfig host) {
        String parent = host.cgroupParent();
        boolean upwards = List.of(parent.split("/")).contains("..");
        boolean nowhere = !parent.isEmpty() && parent.chars().allMatch(c -> c == '/' || c == '.');
        if (upwards || nowhere || parent.indexOf('\0') >= 0) {
            throw new InvalidParameter("invalid cgroup parent: " + parent);
        }
    }

    /** {@code name:address} or {@code name=address} (docker/cli: opts, ValidateExtraHost). */
    private static void checkExtraHost(String extra) {
        int equals = extra.indexOf('=');
        int separator = equals < 0 ? extra.indexOf(':') : equals;
        if (separator <= 0) {
            throw new InvalidParameter("bad format for add-host: \"" + extra + "\"");
        }
    }

    private static void checkRestartPolicy(RestartPolicy wanted) {
        String policy = wanted.name();
        int retries = wanted.maximumRetryCount();
        if (!RESTART_POLICIES.contains(policy)) {
            throw new InvalidParameter("invalid restart policy: unknown policy '" + policy
                    + "'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'");
        }
        if (retries < 0) {
            throw new InvalidParameter("invalid restart policy: maximum retry count cannot be negative");
        }
        if (retries != 0 && !policy.equals("on-failure")) {
            throw new InvalidParameter(
                    "invalid restart policy: maximum retry count can only be used with 'on-failure'");
        }
    }
}
