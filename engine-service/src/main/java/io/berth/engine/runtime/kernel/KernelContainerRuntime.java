package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.ContainerId;
import io.berth.engine.runtime.ContainerLaunch;
import io.berth.engine.runtime.ContainerLaunch.ProcessLaunch;
import io.berth.engine.runtime.ContainerProcess;
import io.berth.engine.runtime.ContainerRuntime;
import io.berth.engine.runtime.ExecLaunch;
import io.berth.engine.runtime.Isolation.NamespaceChoice;
import io.berth.engine.runtime.KernelHoldings;
import io.berth.engine.runtime.LaunchFailure;
import io.berth.engine.runtime.LaunchFailure.Kind;
import io.berth.engine.runtime.StdioMode;
import io.berth.engine.runtime.kernel.ContainerKeeper.Recovered;
import io.berth.engine.runtime.kernel.ContainerProgram.CgroupMount;
import io.berth.linux.SyscallException;
import io.berth.linux.cgroup.Cgroup;
import io.berth.linux.cgroup.CgroupHost;
import io.berth.linux.cgroup.CgroupLimits;
import io.berth.linux.cgroup.CgroupStats;
import io.berth.linux.cgroup.CgroupSupport;
import io.berth.linux.cgroup.Cgroups;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.Fd;
import io.berth.linux.launch.FdArgument;
import io.berth.linux.launch.LaunchException;
import io.berth.linux.launch.LaunchOptions;
import io.berth.linux.launch.LaunchProgram;
import io.berth.linux.launch.Launched;
import io.berth.linux.launch.Launcher;
import io.berth.linux.mount.DetachedMount;
import io.berth.linux.mount.FileSystemContext;
import io.berth.linux.mount.MountAttribute;
import io.berth.linux.mount.MountInfo;
import io.berth.linux.poll.FdPoller;
import io.berth.linux.process.ExitWatcher;
import io.berth.linux.process.Pidfd;
import io.berth.linux.process.ProcessIdentity;
import io.berth.linux.user.UserDatabase;
import io.berth.oci.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Containers by launch programs. One per engine.
 *
 * <p>Holds one poller thread, a few launch threads, and for each running process its pidfd and streams. What the kernel keeps
 * when the engine dies: cgroups, named after the container below one parent that is named after the data directory, and the
 * processes themselves.
 */
public final class KernelContainerRuntime implements ContainerRuntime, AutoCloseable {
    private static final Set<MountAttribute> TERMINAL_ATTRIBUTES =
            Set.of(MountAttribute.NO_SUID, MountAttribute.NO_EXEC);

    private static final StdioMode NO_INPUT = new StdioMode(false, false, false);

    private final Path dataDirectory;
    private final Path emptyLayer;
    private final InitLayer initLayer;
    private final Path attachPoint;
    private final ContainerCgroups cgroups;
    private final List<CgroupMount> cgroupMounts;
    private final Launcher launcher;
    private final FdPoller poller;
    private final ExitWatcher exits;
    private final ExecutorService receivers;
    private final SeccompFilters seccomp = new SeccompFilters();
    private final HostPaths hostPaths = new HostPaths();
    private final ExecRuntime execs;
    private final DeliveryGate gate = new DeliveryGate();
    private final ContainerKeeper keeper;
    private volatile @Nullable LimitSupport support;

    /** What limits there are, seen a moment ago: CPUs come and go, but not with every container. */
    private record LimitSupport(CgroupSupport support, long nanoTime) {
        private static final Duration LONGEST_USE = Duration.ofSeconds(5);

        boolean isOld() {
            return System.nanoTime() - nanoTime > LONGEST_USE.toNanos();
        }
    }

    private KernelContainerRuntime(Path dataDirectory, Cgroups cgroups, Launcher launcher, FdPoller poller) {
        this.dataDirectory = dataDirectory;
        this.emptyLayer = RootFileSystem.emptyLayer(dataDirectory);
        this.initLayer = InitLayer.open(dataDirectory);
        this.attachPoint = emptyLayer;
        this.cgroups = ContainerCgroups.open(cgroups, dataDirectory);
        this.cgroupMounts = cgroups.hierarchies().stream()
                .map(hierarchy -> new CgroupMount(hierarchy.name(), hierarchy.type(), hierarchy.options()))
                .toList();
        this.launcher = launcher;
        this.poller = poller;
        this.receivers = Executors.newVirtualThreadPerTaskExecutor();
        this.exits = new ExitWatcher(poller, receivers);
        this.execs = new ExecRuntime(launcher, poller, exits, this.cgroups, seccomp, gate);
        this.keeper = ContainerKeeper.open(dataDirectory, launcher, exits);
    }

    /**
     * Prepares this process to run containers.
     *
     * @param dataDirectory the engine's own; made when missing
     */
    public static KernelContainerRuntime open(Path dataDirectory) {
        Path absolute = dataDirectory.toAbsolutePath().normalize();
        return new KernelContainerRuntime(
                absolute,
                CgroupHost.detect(cgroupParent(absolute), MountInfo.ofSelf()),
                Launcher.open(),
                FdPoller.start("containers"));
    }

    /** The group that all of an engine's groups are below. */
    static String cgroupParent(Path dataDirectory) {
        return "berth-"
                + Digest.sha256(dataDirectory.toString().getBytes(StandardCharsets.UTF_8))
                        .shortHex();
    }

    @Override
    public ContainerProcess start(ContainerLaunch launch) {
        // A source of a mount may be on a server that does not answer.
        return launcher.call(() -> startHere(launch));
    }

    private ContainerProcess startHere(ContainerLaunch launch) {
        try (NamespaceProgram namespaces = NamespaceProgram.open(launch.isolation())) {
            List<HostDevices.Node> devices = HostDevices.resolve(launch.devices(), launch.privileged());
            // Beside the mounts: neither needs the other, and each is a good part of a start.
            CompletableFuture<Cgroup> cgroup =
                    CompletableFuture.supplyAsync(() -> createCgroup(launch, devices), receivers);
            try {
                return launchIn(cgroup, launch, namespaces, devices);
            } catch (RuntimeException e) {
                if (cgroup.handle((made, failure) -> failure == null).join()) {
                    cgroup.join().kill();
                    cgroups.remove(launch.id());
                }
                throw e;
            }
        } catch (RuntimeException e) {
            throw asLaunchFailure(e, launch.process());
        }
    }

    private Cgroup createCgroup(ContainerLaunch launch, List<HostDevices.Node> devices) {
        try {
            return cgroups.create(
                    launch.id(),
                    launch.cgroupParent(),
                    launch.limits(),
                    HostDevices.policy(launch.devices(), devices, launch.privileged()));
        } catch (UncheckedIOException | SyscallException e) {
            throw new LaunchFailure(Kind.SYSTEM, "cannot set the container's limits: " + e.getMessage(), e);
        }
    }

    private ContainerProcess launchIn(
            CompletableFuture<Cgroup> cgroup,
            ContainerLaunch launch,
            NamespaceProgram namespaces,
            List<HostDevices.Node> nodes) {
        ProcessLaunch process = launch.process();
        try (ContainerUsers users = ContainerUsers.of(launch.isolation().users(), launcher);
                // Beside the mounts too.
                PreparedNetwork network =
                        PreparedNetwork.start(launch.isolation().network(), users.namespace(), receivers);
                RootFileSystem root = RootFileSystem.mount(launch.directory(), launch.layers(), initLayer, users);
                PreparedMounts mounts = users.callAsRoot(() -> prepare(root, launch, users))) {
            UserDatabase.Credentials credentials = root.users().resolve(process.user(), process.groupAdd());
            try (DetachedMount terminals = mountTerminals(users);
                    @Nullable
                            DetachedMount devices = users.own()
                                    ? DeviceFileSystem.mount(ContainerProgram.DEVICES, nodes, users)
                                    : null;
                    StreamSetup streams = streams(launch, terminals, users, credentials.uid());
                    CgroupJoin join = CgroupJoin.open(made(cgroup));
                    StartedInit init =
                            StartedInit.of(launch, ProcessSetup.withHome(process.env(), credentials.home()))) {
                network.await().ifPresent(namespaces::joinNetwork);
                LaunchProgram program = new ContainerProgram(
                                launch,
                                namespaces,
                                nodes,
                                root.mount(),
                                users.own() ? "/" : attachPoint.toString(),
                                FdArgument.of(terminals.fd()),
                                Optional.ofNullable(devices).map(mount -> FdArgument.of(mount.fd())),
                                join.tasks(),
                                cgroupMounts,
                                mounts.program(),
                                root.paths(hostPaths),
                                new ProcessSetup(
                                        process,
                                        credentials,
                                        ProcessSetup.withHome(process.env(), credentials.home()),
                                        streams.child(),
                                        launch.privileged()
                                                ? Optional.empty()
                                                : seccomp.filterFor(process.seccomp(), process.capabilities()),
                                        init.process()))
                        .build();
                LaunchOptions options = join.apply(namespaces.options());
                return launched(
                        launch,
                        streams,
                        init,
                        program,
                        users.namespace().map(options::joiningUserNamespace).orElse(options));
            } catch (LaunchException | LaunchFailure e) {
                throw LaunchErrors.translate(e, process, root.directory());
            }
        }
    }

    private static Cgroup made(CompletableFuture<Cgroup> cgroup) {
        try {
            return cgroup.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : e;
        }
    }

    private PreparedMounts prepare(RootFileSystem root, ContainerLaunch launch, ContainerUsers users) {
        root.prepareMountPoints();
        root.prepareMarker();
        PreparedMounts mounts = PreparedMounts.open(launch, root.directory(), emptyLayer, users);
        try {
            root.prepareWorkingDirectory(launch.process().workingDirectory());
            return mounts;
        } catch (RuntimeException e) {
            mounts.close();
            throw e;
        }
    }

    private ContainerProcess launched(
            ContainerLaunch launch,
            StreamSetup streams,
            StartedInit init,
            LaunchProgram program,
            LaunchOptions options) {
        // Before the container, so that there is no moment in which the engine's end could end its output.
        keeper.keepStreams(launch.id(), launch.directory(), streams.engineSide());
        try {
            Launched launched = launcher.launch(program, options);
            init.awaitProgram(launched.pidfd(), launch.process());
            keeper.keepProcess(launch.id(), launched.pidfd());
            ProcessIdentity identity = launched.pidfd()
                    .identity()
                    .orElseThrow(
                            () -> new IllegalStateException("process " + launched.pid() + " was reaped by another"));
            KernelProcess process =
                    new KernelProcess(identity, launched.pidfd(), streams.takeEngineSide(), poller, exits, gate);
            if (!(launch.isolation().pid() instanceof NamespaceChoice.Private)) {
                killRestAtExit(launch.id(), process);
            }
            return process;
        } catch (RuntimeException e) {
            keeper.forget(launch.id());
            throw e;
        }
    }

    /** In a pid namespace of its own the kernel ends all processes with the first one; here nobody does. */
    private void killRestAtExit(ContainerId id, KernelProcess process) {
        var _ = process.exit().thenRunAsync(() -> killAll(id), receivers);
    }

    private static DetachedMount mountTerminals(ContainerUsers users) {
        try (FileSystemContext devpts = FileSystemContext.open("devpts")) {
            return devpts.set("source", "devpts")
                    .set("newinstance")
                    .set("ptmxmode", "0666")
                    .set("mode", "0620")
                    .set("gid", Long.toString(users.outside(StreamSetup.TTY_GROUP)))
                    .create()
                    .mount(TERMINAL_ATTRIBUTES);
        }
    }

    private static StreamSetup streams(ContainerLaunch launch, DetachedMount terminals, ContainerUsers users, int uid) {
        StdioMode mode = launch.process().stdio();
        return mode.tty()
                ? StreamSetup.terminal(
                        terminals.fd(), users, uid, launch.process().windowSize())
                : StreamSetup.lasting(mode, users.outside(uid));
    }

    static LaunchFailure asLaunchFailure(RuntimeException failure, ProcessLaunch process) {
        return switch (failure) {
            case LaunchFailure known -> known;
            case LaunchException step -> LaunchErrors.translate(step, process);
            case UserDatabase.InvalidUser user ->
                new LaunchFailure(Kind.INVALID_SETTING, String.valueOf(user.getMessage()), user);
            default -> new LaunchFailure(Kind.SYSTEM, String.valueOf(failure.getMessage()), failure);
        };
    }

    @Override
    public ContainerProcess exec(ProcessIdentity target, ExecLaunch launch) {
        return launcher.call(() -> execs.exec(target, launch));
    }

    @Override
    public Optional<ContainerProcess> reattach(ContainerId id, ProcessIdentity identity, StdioMode stdio) {
        Optional<Recovered> kept = keeper.recover(id, identity.pid());
        Optional<Pidfd> pidfd = kept.flatMap(Recovered::process).or(() -> Pidfd.open(identity));
        List<Fd> outputs = kept.map(Recovered::outputs).orElse(List.of());
        if (pidfd.isEmpty()) {
            outputs.forEach(Fd::close);
            return Optional.empty();
        }
        ProcessStreams streams = reopenStreams(outputs, stdio, pidfd.get(), identity);
        KernelProcess process = new KernelProcess(identity, pidfd.get(), streams, poller, exits, gate);
        if (!isFirstOfItsNamespace(identity.pid())) {
            killRestAtExit(id, process);
        }
        return Optional.of(process);
    }

    /** Whether a process is number 1 in its pid namespace; one that has ended counts as such. */
    private static boolean isFirstOfItsNamespace(int pid) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
            return lines.filter(line -> line.startsWith("NSpid:")).allMatch(line -> line.endsWith("\t1"));
        } catch (IOException | UncheckedIOException e) {
            return true;
        }
    }

    /** A process whose streams are gone still runs, and is still waited for. */
    private static ProcessStreams reopenStreams(
            List<Fd> outputs, StdioMode stdio, Pidfd pidfd, ProcessIdentity identity) {
        ProcessStreams none = new ProcessStreams(List.of(), null, null);
        if (stdio.tty()) {
            return outputs.isEmpty() ? none : ProcessStreams.ofTerminal(outputs.getFirst());
        }
        try {
            if (outputs.size() == 2) {
                return ProcessStreams.recovered(outputs, identity.pid(), ended(pidfd, identity) ? NO_INPUT : stdio);
            }
            outputs.forEach(Fd::close);
            ProcessStreams streams = ProcessStreams.ofProcess(identity.pid(), stdio);
            if (ended(pidfd, identity)) {
                // The number may have been another process's by then.
                streams.close();
                return none;
            }
            return streams;
        } catch (SyscallException e) {
            return none;
        }
    }

    private static boolean ended(Pidfd pidfd, ProcessIdentity identity) {
        return !pidfd.identity().equals(Optional.of(identity));
    }

    @Override
    public void killAll(ContainerId id) {
        cgroups.find(id).ifPresent(Cgroup::kill);
    }

    @Override
    public List<Long> processes(ContainerId id) {
        return cgroups.find(id)
                .map(group -> group.processes().stream().map(Integer::longValue).toList())
                .orElse(List.of());
    }

    @Override
    public void freeze(ContainerId id) {
        cgroups.find(id).ifPresent(Cgroup::freeze);
    }

    @Override
    public void thaw(ContainerId id) {
        cgroups.find(id).ifPresent(Cgroup::thaw);
    }

    @Override
    public void update(ContainerId id, CgroupLimits limits) {
        cgroups.find(id).ifPresent(group -> group.update(limits));
    }

    @Override
    public CgroupStats stats(ContainerId id) {
        return cgroups.find(id).map(Cgroup::stats).orElse(CgroupStats.NONE);
    }

    @Override
    public CgroupSupport support() {
        LimitSupport known = support;
        if (known == null || known.isOld()) {
            known = new LimitSupport(cgroups.host().support(), System.nanoTime());
            support = known;
        }
        return known.support();
    }

    @Override
    public long outOfMemoryKills(ContainerId id) {
        return cgroups.find(id).map(Cgroup::outOfMemoryKills).orElse(0L);
    }

    @Override
    public void watchMemory(ContainerId id, Runnable listener) {
        cgroups.watchMemory(id, poller, listener);
    }

    @Override
    public void release(ContainerId id) {
        keeper.forget(id);
        cgroups.remove(id);
    }

    @Override
    public void copyUp(List<Path> layers, String path, Path volume) {
        new CopyUp(layers, emptyLayer).copy(path, volume);
    }

    @Override
    public void deleteDirectory(Path containerDirectory) {
        Path parent = containerDirectory.toAbsolutePath().getParent();
        if (parent == null || !Files.exists(containerDirectory)) {
            return;
        }
        try (Directory containers = Directory.open(parent)) {
            containers.deleteRecursively(containerDirectory.getFileName().toString());
        }
    }

    @Override
    public Set<ContainerId> reconcile(Set<ContainerId> known) {
        keeper.forgetOthers(known);
        Set<ContainerId> cleaned = new LinkedHashSet<>();
        for (ContainerId id : cgroups.ids()) {
            if (!known.contains(id)) {
                killAll(id);
                release(id);
                cleaned.add(id);
            }
        }
        return cleaned;
    }

    @Override
    public KernelHoldings holdings() {
        ContainerKeeper.Kept kept = keeper.kept();
        Set<ContainerId> ids = new LinkedHashSet<>(cgroups.ids());
        ids.addAll(kept.files().keySet());
        Map<ContainerId, KernelHoldings.OfContainer> containers = new HashMap<>();
        for (ContainerId id : ids) {
            Optional<Cgroup> group = cgroups.find(id);
            List<Long> pids = processes(id);
            containers.put(
                    id,
                    new KernelHoldings.OfContainer(
                            group.map(Cgroup::directories).orElse(List.of()).stream()
                                    .map(Path::toString)
                                    .toList(),
                            pids,
                            HeldByProcesses.namespaces(pids),
                            HeldByProcesses.mounts(pids),
                            kept.files().getOrDefault(id, 0)));
        }
        return new KernelHoldings(
                containers,
                HeldByProcesses.descriptors(),
                HeldByProcesses.threads(),
                HeldByProcesses.mountsBelow(dataDirectory),
                kept.strays());
    }

    @Override
    public void suspendOutput() {
        gate.shut();
    }

    /** Stops watching; containers go on. */
    @Override
    public void close() {
        gate.shut();
        keeper.close();
        cgroups.close();
        poller.close();
        launcher.close();
        receivers.shutdown();
        cgroups.host().removeParentIfEmpty();
    }
}
