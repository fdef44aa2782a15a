package io.berth.engine.container;

import io.berth.docker.container.ContainerConfig;
import io.berth.docker.container.HostConfig;
import io.berth.docker.container.Ulimit;
import io.berth.docker.error.InvalidParameter;
import io.berth.engine.mount.MountOrder;
import io.berth.engine.runtime.ContainerLaunch;
import io.berth.engine.runtime.ContainerLaunch.ProcessLaunch;
import io.berth.engine.runtime.ContainerLaunch.Rlimit;
import io.berth.engine.runtime.ContainerLaunch.WindowSize;
import io.berth.engine.runtime.DeviceLaunch;
import io.berth.engine.runtime.Isolation;
import io.berth.engine.runtime.MountLaunch;
import io.berth.engine.runtime.StdioMode;
import io.berth.engine.secret.SecretFiles;
import io.berth.linux.capability.CapabilitySet;
import io.berth.linux.cgroup.CgroupLimits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Turns what a container is made of into what the kernel is told to start it. */
@Component
public final class LaunchPlan {
    private static final long DEFAULT_CPU_PERIOD_MICROS = 100_000;
    private static final long NANOS_PER_MICRO_OF_PERIOD = 1_000_000_000L / DEFAULT_CPU_PERIOD_MICROS;

    private final ContainerDirectories directories;
    private final SecretFiles secrets;

    LaunchPlan(ContainerDirectories directories, SecretFiles secrets) {
        this.directories = directories;
        this.secrets = secrets;
    }

    /**
     * @throws InvalidParameter when capabilities or security options are wrong
     */
    ContainerLaunch of(ContainerSpec spec) {
        HostConfig host = spec.hostConfig();
        ContainerConfig config = spec.config();
        return new ContainerLaunch(
                spec.containerId(),
                directories.of(spec.containerId()),
                spec.layerDirectories(),
                process(spec),
                config.hostname(),
                config.domainname(),
                limits(host),
                host.readonlyRootfs(),
                host.privileged(),
                host.maskedPaths() == null ? List.of() : host.maskedPaths(),
                host.readonlyPaths() == null ? List.of() : host.readonlyPaths(),
                host.shmSize(),
                mounts(spec),
                Isolation.FULL.withUsers(spec.users()),
                DeviceLaunch.NONE,
                false,
                "",
                textFiles(spec));
    }

    private List<MountLaunch> mounts(ContainerSpec spec) {
        List<MountLaunch> mounts =
                new ArrayList<>(MountOrder.of(spec.mounts(), spec.hostConfig().tmpfs()));
        for (SecretFiles.BoundSecret bound : secrets.bound(spec.id(), spec.secrets())) {
            mounts.add(new MountLaunch.Bind(
                    bound.source(),
                    "",
                    bound.target(),
                    false,
                    MountLaunch.ReadOnly.TOP,
                    MountLaunch.Propagation.PRIVATE));
        }
        return mounts;
    }

    /** What a user mounts at one of these places is there instead. */
    private Map<String, Path> textFiles(ContainerSpec spec) {
        Map<String, Path> files = new HashMap<>(directories.textFiles(spec.containerId()));
        spec.mounts().forEach(mount -> files.remove(mount.destination()));
        return files;
    }

    private static ProcessLaunch process(ContainerSpec spec) {
        HostConfig host = spec.hostConfig();
        ContainerConfig config = spec.config();
        SecurityOptions security = SecurityOptions.parse(host.securityOpt(), host.privileged());
        List<String> argv = new ArrayList<>();
        argv.add(spec.path());
        argv.addAll(spec.args());
        return new ProcessLaunch(
                argv,
                ProcessEnvironment.ofContainer(spec),
                config.workingDir(),
                config.user(),
                host.groupAdd() == null ? List.of() : host.groupAdd(),
                CapabilityChoice.of(host),
                security.noNewPrivileges(),
                security.seccomp(),
                rlimits(host.ulimits()),
                host.oomScoreAdj(),
                stdio(config),
                windowSize(host.consoleSize()));
    }

    /** The standard streams that a container's process has. */
    static StdioMode stdio(ContainerConfig config) {
        return new StdioMode(config.tty(), config.openStdin(), config.stdinOnce());
    }

    /**
     * The process of an exec: it shares the container's security settings.
     *
     * @param user or empty for the container's
     * @param workingDirectory or empty for the container's
     */
    public ProcessLaunch exec(
            ContainerSpec spec,
            List<String> argv,
            List<String> env,
            String user,
            String workingDirectory,
            boolean privileged,
            StdioMode stdio,
            @Nullable WindowSize size) {
        ProcessLaunch own = process(spec);
        SecurityOptions security = SecurityOptions.parse(
                spec.hostConfig().securityOpt(), privileged || spec.hostConfig().privileged());
        return new ProcessLaunch(
                argv,
                ProcessEnvironment.ofExec(spec, stdio.tty(), env),
                workingDirectory.isEmpty() ? own.workingDirectory() : workingDirectory,
                user.isEmpty() ? own.user() : user,
                own.groupAdd(),
                privileged ? CapabilitySet.all() : own.capabilities(),
                security.noNewPrivileges(),
                security.seccomp(),
                own.rlimits(),
                own.oomScoreAdj(),
                stdio,
                size);
    }

    private static CgroupLimits limits(HostConfig host) {
        @Nullable Long quota = positive(host.cpuQuota());
        @Nullable Long period = positive(host.cpuPeriod());
        if (host.nanoCpus() > 0) {
            period = DEFAULT_CPU_PERIOD_MICROS;
            quota = host.nanoCpus() / NANOS_PER_MICRO_OF_PERIOD;
        }
        return new CgroupLimits(
                new CgroupLimits.Memory(
                        positive(host.memory()), swap(host), positive(host.memoryReservation()), null, null),
                new CgroupLimits.Cpu(
                        positive(host.cpuShares()),
                        quota,
                        period,
                        null,
                        null,
                        host.cpusetCpus().isEmpty() ? null : host.cpusetCpus(),
                        host.cpusetMems().isEmpty() ? null : host.cpusetMems()),
                host.pidsLimit() == null ? null : positive(host.pidsLimit()),
                CgroupLimits.BlockIo.NONE);
    }

    private static @Nullable Long swap(HostConfig host) {
        if (host.memory() <= 0) {
            return host.memorySwap() == 0 ? null : host.memorySwap();
        }
        return host.memorySwap() == 0 ? 2 * host.memory() : host.memorySwap();
    }

    private static @Nullable Long positive(long value) {
        return value > 0 ? value : null;
    }

    private static Map<String, Rlimit> rlimits(@Nullable List<Ulimit> ulimits) {
        Map<String, Rlimit> limits = new HashMap<>();
        for (Ulimit ulimit : ulimits == null ? List.<Ulimit>of() : ulimits) {
            if (ulimit.hard() >= 0 && ulimit.soft() > ulimit.hard()) {
                throw new InvalidParameter("ulimit soft limit must be less than or equal to hard limit: "
                        + ulimit.soft() + " > " + ulimit.hard());
            }
            limits.put(ulimit.name().toLowerCase(Locale.ROOT), new Rlimit(ulimit.soft(), ulimit.hard()));
        }
        return limits;
    }

    /** Docker's pair of rows and columns; zeros are none. */
    public static @Nullable WindowSize windowSize(@Nullable List<Integer> rowsAndColumns) {
        if (rowsAndColumns == null || rowsAndColumns.size() != 2 || rowsAndColumns.contains(0)) {
            return null;
        }
        return new WindowSize(rowsAndColumns.get(0), rowsAndColumns.get(1));
    }
}
