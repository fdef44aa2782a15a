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
import io.berth.engine.runtime.ContainerRuntime;
import io.berth.engine.runtime.DeviceLaunch;
import io.berth.engine.runtime.Isolation;
import io.berth.engine.runtime.Isolation.NamespaceChoice;
import io.berth.engine.runtime.Isolation.NamespaceMaker;
import io.berth.engine.runtime.MountLaunch;
import io.berth.engine.runtime.StdioMode;
import io.berth.engine.secret.SecretFiles;
import io.berth.linux.capability.CapabilitySet;
import io.berth.linux.cgroup.CgroupSupport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Turns what a container is made of into what the kernel is told to start it. */
@Component
public final class LaunchPlan {
    private static final Set<String> ULIMITS = Set.of(
            "core",
            "cpu",
            "data",
            "fsize",
            "locks",
            "memlock",
            "msgqueue",
            "nice",
            "nofile",
            "nproc",
            "rss",
            "rtprio",
            "rttime",
            "sigpending",
            "stack",
            "as");

    private final ContainerDirectories directories;
    private final SecretFiles secrets;
    private final NamespaceModes namespaces;
    private final ContainerRuntime runtime;

    LaunchPlan(
            ContainerDirectories directories,
            SecretFiles secrets,
            NamespaceModes namespaces,
            ContainerRuntime runtime) {
        this.directories = directories;
        this.secrets = secrets;
        this.namespaces = namespaces;
        this.runtime = runtime;
    }

    /**
     * Finds out at create what could not be started later, and what the host will not do.
     *
     * @return warnings for the user
     * @throws InvalidParameter when capabilities, security options, devices, limits or sysctls are wrong
     */
    List<String> check(ContainerSpec spec) {
        HostConfig host = spec.hostConfig();
        CgroupSupport support = runtime.support();
        ProcessLaunch _ = process(spec);
        DeviceLaunch _ = DeviceChoice.of(host);
        Object _ = SysctlChoice.of(host);
        Object _ = MountOrder.of(spec.mounts(), null); // options of --tmpfs are read at the start, as in moby
        ResourceLimits.check(host, support);
        namespaces.checkOthers(host);
        if (spec.users() != null) {
            NamespaceModes.checkUsers(host);
        }
        return ResourceWarnings.of(host, support);
    }

    /**
     * How a container is started now.
     *
     * @param network makes its network namespace, where it has one of its own
     * @throws io.berth.docker.error.ApiException when another container whose namespaces are to be shared does not run, or
     *     a device cannot be given
     */
    ContainerLaunch of(ContainerSpec spec, NamespaceMaker network) {
        return of(spec, isolation(spec, network));
    }

    /** How the files of a container look that does not run: as they would if it were started now. */
    public ContainerLaunch ofStopped(ContainerSpec spec) {
        return of(spec, namespaces.isolation(spec.hostConfig()).withUsers(spec.users()));
    }

    private ContainerLaunch of(ContainerSpec spec, Isolation isolation) {
        HostConfig host = spec.hostConfig();
        DeviceChoice.refuseRequests(host);
        AppArmorChoice.load(AppArmorChoice.of(host));
        ContainerSpec networkOwner = namespaces.networkOwner(spec);
        return new ContainerLaunch(
                spec.containerId(),
                directories.of(spec.containerId()),
                spec.layerDirectories(),
                process(spec),
                networkOwner.config().hostname(),
                networkOwner.config().domainname(),
                ResourceLimits.of(host, runtime.support()),
                host.readonlyRootfs(),
                host.privileged(),
                MaskedPaths.of(host),
                host.readonlyPaths() == null ? List.of() : host.readonlyPaths(),
                host.ipcMode().equals("none") ? 0 : host.shmSize(),
                mounts(spec),
                isolation,
                DeviceChoice.of(host),
                Boolean.TRUE.equals(host.init()),
                host.cgroupParent(),
                textFiles(spec, networkOwner));
    }

    private Isolation isolation(ContainerSpec spec, NamespaceMaker network) {
        Isolation isolation = namespaces.isolation(spec.hostConfig()).withUsers(spec.users());
        return isolation.network() instanceof NamespaceChoice.Private
                ? isolation.withNetwork(new NamespaceChoice.Prepared(network))
                : isolation;
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
    private Map<String, Path> textFiles(ContainerSpec spec, ContainerSpec networkOwner) {
        Map<String, Path> files = new HashMap<>(directories.textFiles(networkOwner.containerId()));
        spec.mounts().forEach(mount -> files.remove(mount.destination()));
        // The first start makes them.
        files.values().removeIf(Files::notExists);
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
                AppArmorChoice.of(host),
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
     * The process of an exec: it shares the container's security settings. A privileged one has all capabilities and no AppArmor
     * profile, but the container's seccomp filter, as with dockerd.
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
        return new ProcessLaunch(
                argv,
                ProcessEnvironment.ofExec(spec, stdio.tty(), env),
                workingDirectory.isEmpty() ? own.workingDirectory() : workingDirectory,
                user.isEmpty() ? own.user() : user,
                own.groupAdd(),
                privileged ? CapabilitySet.all() : own.capabilities(),
                own.noNewPrivileges(),
                own.seccomp(),
                privileged ? AppArmorChoice.UNCONFINED : own.appArmorProfile(),
                own.rlimits(),
                own.oomScoreAdj(),
                stdio,
                size);
    }

    /** The capabilities of a container's own process. */
    public CapabilitySet capabilities(ContainerSpec spec) {
        return CapabilityChoice.of(spec.hostConfig());
    }

    private static Map<String, Rlimit> rlimits(@Nullable List<Ulimit> ulimits) {
        Map<String, Rlimit> limits = new HashMap<>();
        for (Ulimit ulimit : ulimits == null ? List.<Ulimit>of() : ulimits) {
            if (!ULIMITS.contains(ulimit.name().toLowerCase(Locale.ROOT))) {
                throw new InvalidParameter("invalid ulimit type: " + ulimit.name());
            }
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
