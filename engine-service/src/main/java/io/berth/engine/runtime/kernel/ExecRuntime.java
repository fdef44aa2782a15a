package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.ContainerLaunch.ProcessLaunch;
import io.berth.engine.runtime.ContainerProcess;
import io.berth.engine.runtime.ExecLaunch;
import io.berth.engine.runtime.LaunchFailure;
import io.berth.engine.runtime.LaunchFailure.Kind;
import io.berth.linux.SyscallException;
import io.berth.linux.cgroup.Cgroup;
import io.berth.linux.fd.Directory;
import io.berth.linux.launch.FdArgument;
import io.berth.linux.launch.LaunchException;
import io.berth.linux.launch.LaunchOptions;
import io.berth.linux.launch.LaunchProgram;
import io.berth.linux.launch.LaunchProgramBuilder;
import io.berth.linux.launch.Launched;
import io.berth.linux.launch.Launcher;
import io.berth.linux.mount.FileSystemMagic;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.poll.FdPoller;
import io.berth.linux.process.ExitWatcher;
import io.berth.linux.process.Pidfd;
import io.berth.linux.process.ProcessIdentity;
import io.berth.linux.user.UserDatabase;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Further processes in running containers.
 *
 * <p>The container is hostile by now: its processes may have changed its files and mounts. Its user database is read below its
 * root only, a terminal is taken from its devpts only after the file system has been checked, nothing is written to its
 * /proc, and the process is not to be seen in it before it has nothing of the host.
 */
final class ExecRuntime {
    private static final Set<Namespace> JOINED =
            Set.of(Namespace.MOUNT, Namespace.UTS, Namespace.IPC, Namespace.NETWORK, Namespace.CGROUP);

    private final Launcher launcher;
    private final FdPoller poller;
    private final ExitWatcher exits;
    private final ContainerCgroups cgroups;
    private final SeccompFilters seccomp;
    private final DeliveryGate gate;

    ExecRuntime(
            Launcher launcher,
            FdPoller poller,
            ExitWatcher exits,
            ContainerCgroups cgroups,
            SeccompFilters seccomp,
            DeliveryGate gate) {
        this.launcher = launcher;
        this.poller = poller;
        this.exits = exits;
        this.cgroups = cgroups;
        this.seccomp = seccomp;
        this.gate = gate;
    }

    ContainerProcess exec(ProcessIdentity target, ExecLaunch launch) {
        Optional<Pidfd> init = Pidfd.open(target);
        Optional<Cgroup> cgroup = cgroups.find(launch.containerId());
        if (init.isEmpty() || cgroup.isEmpty()) {
            init.ifPresent(Pidfd::close);
            throw stopped(launch, null);
        }
        try (Pidfd pidfd = init.get();
                Directory root = Directory.open(Path.of("/proc/" + pidfd.pid() + "/root"))) {
            if (!pidfd.identity().equals(Optional.of(target))) {
                throw stopped(launch, null);
            }
            try {
                return launch(pidfd, root, cgroup.get(), launch);
            } catch (LaunchException | LaunchFailure e) {
                throw LaunchErrors.translate(e, launch.process(), root);
            }
        } catch (SyscallException e) {
            if (Pidfd.open(target).map(ExecRuntime::closed).isEmpty()) {
                throw stopped(launch, e);
            }
            throw new LaunchFailure(Kind.SYSTEM, String.valueOf(e.getMessage()), e);
        } catch (LaunchFailure e) {
            throw e;
        } catch (RuntimeException e) {
            throw KernelContainerRuntime.asLaunchFailure(e, launch.process());
        }
    }

    private static boolean closed(Pidfd pidfd) {
        pidfd.close();
        return true;
    }

    private static LaunchFailure stopped(ExecLaunch launch, @Nullable Throwable cause) {
        return new LaunchFailure(
                Kind.CONTAINER_STOPPED, "container " + launch.containerId() + " is not running", cause);
    }

    private ContainerProcess launch(Pidfd init, Directory root, Cgroup cgroup, ExecLaunch launch) {
        ProcessLaunch process = launch.process();
        UserDatabase.Credentials credentials =
                RootFileSystem.readUsers(root).resolve(process.user(), process.groupAdd());
        try (ContainerUsers users = ContainerUsers.of(init);
                StreamSetup streams = streams(root, launch, users, credentials.uid());
                CgroupJoin join = CgroupJoin.open(cgroup)) {
            ProcessSetup setup = new ProcessSetup(
                    process,
                    credentials,
                    ProcessSetup.withHome(process.env(), credentials.home()),
                    streams.child(),
                    seccomp.filterFor(process.seccomp(), launch.containerCapabilities()));
            LaunchProgramBuilder program = LaunchProgram.builder();
            setup.addBeforeEntering(program);
            join.tasks().forEach(tasks -> program.process().joinCgroup(tasks));
            // After everything that takes the host's privileges.
            users.namespace().ifPresent(own -> program.process().enterUserNamespace(FdArgument.of(own)));
            program.process().setns(FdArgument.of(init.fd()), JOINED);
            // The engine's terminal, if it has one, is not the container's.
            program.process().setsid();
            setup.addEnteringTo(program);
            Launched launched = launcher.launch(
                    program.build(), join.apply(LaunchOptions.inSameNamespaces().joiningPidNamespace(init.fd())));
            ProcessStreams engineSide = streams.takeEngineSide();
            ProcessIdentity identity = launched.pidfd()
                    .identity()
                    .orElseThrow(() -> new IllegalStateException("exec was reaped by another"));
            return new KernelProcess(identity, launched.pidfd(), engineSide, poller, exits, gate);
        }
    }

    private static StreamSetup streams(Directory root, ExecLaunch launch, ContainerUsers users, int uid) {
        ProcessLaunch process = launch.process();
        if (!process.stdio().tty()) {
            return StreamSetup.pipes(process.stdio(), users.outside(uid));
        }
        try (Directory terminals = root.openDirectory("dev/pts")) {
            if (terminals.statFileSystem().magic() != FileSystemMagic.DEVPTS) {
                throw new LaunchFailure(Kind.SYSTEM, "/dev/pts of the container is not a devpts file system", null);
            }
            return StreamSetup.terminal(terminals.fd(), users, uid, process.windowSize());
        }
    }
}
