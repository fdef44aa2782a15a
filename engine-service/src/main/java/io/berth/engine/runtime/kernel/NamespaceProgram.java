package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.Isolation;
import io.berth.engine.runtime.Isolation.NamespaceChoice;
import io.berth.engine.runtime.LaunchFailure;
import io.berth.engine.runtime.LaunchFailure.Kind;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Fd;
import io.berth.linux.launch.FdArgument;
import io.berth.linux.launch.LaunchOptions;
import io.berth.linux.launch.LaunchProgramBuilder;
import io.berth.linux.mount.DetachedMount;
import io.berth.linux.mount.FileSystemMagic;
import io.berth.linux.mount.MountAttribute;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import io.berth.linux.process.Pidfd;
import io.berth.linux.process.ProcessIdentity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The namespaces of a container's first process: those it begins in, those of other containers that it joins, and the host's
 * where it stays.
 *
 * <p>Other containers are held by pidfds of exactly the processes meant, so that no other process's namespaces can be joined
 * instead. Owns its descriptors; to be closed after the launch.
 */
final class NamespaceProgram implements AutoCloseable {
    private static final int O_PATH = 010000000;
    private static final int O_CLOEXEC = 02000000;
    private static final int OPEN_TREE_CLONE = 1;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final long RESOLVE_NO_SYMLINKS = 0x04;
    /** PROC_ROOT_INO (include/linux/proc_ns.h). */
    private static final int PROC_ROOT_INODE = 1;

    private static final long MOUNT_ATTR_RDONLY = MountAttribute.bits(Set.of(MountAttribute.READ_ONLY));
    private static final long PROC_ATTRIBUTES =
            MountAttribute.bits(Set.of(MountAttribute.NO_SUID, MountAttribute.NO_DEVICES, MountAttribute.NO_EXEC));
    private static final Path HOST_SHM = Path.of("/dev/shm");

    private final Set<Namespace> created = EnumSet.of(Namespace.MOUNT);
    private final Map<Namespace, Pidfd> joined = new EnumMap<>(Namespace.class);
    private final List<Runnable> owned = new ArrayList<>();
    private @Nullable Fd preparedNetwork;
    private final boolean cgroupOfHost;
    private @Nullable Fd hostCgroupNamespace;
    private @Nullable DetachedMount hostShm;
    private FdArgument.@Nullable Result sharedShm;
    private FdArgument.@Nullable Result sharedProc;

    private NamespaceProgram(Isolation isolation) {
        this.cgroupOfHost = isolation.cgroup() instanceof NamespaceChoice.Host;
    }

    /**
     * Opens what is to be joined.
     *
     * @throws LaunchFailure when another container has stopped
     */
    static NamespaceProgram open(Isolation isolation) {
        NamespaceProgram program = new NamespaceProgram(isolation);
        try {
            program.choose(Namespace.PID, isolation.pid());
            program.choose(Namespace.IPC, isolation.ipc());
            program.choose(Namespace.UTS, isolation.uts());
            program.choose(Namespace.NETWORK, isolation.network());
            if (program.cgroupOfHost) {
                Fd own = Namespaces.openOwn(Namespace.CGROUP);
                program.hostCgroupNamespace = own;
                program.owned.add(own::close);
            }
            if (isolation.ipc() instanceof NamespaceChoice.Host) {
                program.openHostShm();
            }
            return program;
        } catch (RuntimeException e) {
            program.close();
            throw e;
        }
    }

    private void choose(Namespace kind, NamespaceChoice choice) {
        switch (choice) {
            case NamespaceChoice.Private() -> created.add(kind);
            case NamespaceChoice.Host() -> {
                // stays where the engine is
            }
            case NamespaceChoice.Of(ProcessIdentity process) -> {
                Pidfd pidfd = Pidfd.open(process)
                        .orElseThrow(() -> new LaunchFailure(
                                Kind.CONTAINER_STOPPED,
                                "cannot join " + kind.fileName() + " namespace: the other container is not running",
                                null));
                owned.add(pidfd::close);
                joined.put(kind, pidfd);
            }
            case NamespaceChoice.Prepared(Isolation.NamespaceMaker _) -> {
                if (kind != Namespace.NETWORK) {
                    throw new IllegalArgumentException("a prepared " + kind.fileName() + " namespace");
                }
                // joined when it is there: see joinNetwork
            }
        }
    }

    private void openHostShm() {
        try {
            DetachedMount shm = DetachedMount.cloneOf(HOST_SHM, false);
            hostShm = shm;
            owned.add(shm::close);
        } catch (SyscallException e) {
            throw new LaunchFailure(Kind.SYSTEM, "/dev/shm is not mounted, but must be for --ipc=host", e);
        }
    }

    /** Lets the container join a network namespace that has been made for it; not owned. */
    void joinNetwork(Fd namespace) {
        preparedNetwork = namespace;
    }

    LaunchOptions options() {
        LaunchOptions options = LaunchOptions.inNewNamespaces(created);
        Pidfd pid = joined.get(Namespace.PID);
        return pid == null ? options : options.joiningPidNamespace(pid.fd());
    }

    /** Whether the container begins in a new namespace of this kind. */
    boolean owns(Namespace kind) {
        return created.contains(kind);
    }

    /** Whether the container's processes are in the pid namespace of another. */
    boolean joinsPid() {
        return joined.containsKey(Namespace.PID);
    }

    boolean cgroupOfHost() {
        return cgroupOfHost;
    }

    /** Joins the others; before anything else is done, and still with the host's root. */
    void addJoins(LaunchProgramBuilder program) {
        joined.forEach((kind, pidfd) -> {
            if (kind != Namespace.PID) {
                program.process().setns(FdArgument.of(pidfd.fd()), Set.of(kind));
            }
        });
        Fd network = preparedNetwork;
        if (network != null) {
            program.process().setns(FdArgument.of(network), Set.of(Namespace.NETWORK));
        }
        Pidfd ipc = joined.get(Namespace.IPC);
        Pidfd pid = joined.get(Namespace.PID);
        if (ipc != null || pid != null) {
            FdArgument own = program.named("open the mount namespace")
                    .files()
                    .openat(FdArgument.CWD, "/proc/self/ns/mnt", O_CLOEXEC, 0);
            if (ipc != null) {
                sharedShm = cloneMount(program, ipc, "/dev/shm", (int) FileSystemMagic.TMPFS);
            }
            if (pid != null) {
                sharedProc = cloneProc(program, pid);
            }
            program.process().setns(own, Set.of(Namespace.MOUNT));
        }
    }

    /**
     * Only who is in a mount namespace may clone its mounts. What the other container has there is checked: its processes may
     * have put something else in that place.
     */
    private static FdArgument.Result cloneMount(
            LaunchProgramBuilder program, Pidfd other, String path, int fileSystem) {
        program.process().setns(FdArgument.of(other.fd()), Set.of(Namespace.MOUNT));
        FdArgument found = program.named("open " + path + " of the other container")
                .files()
                .openat2(FdArgument.CWD, path, O_PATH | O_CLOEXEC, 0, RESOLVE_NO_SYMLINKS);
        program.files().checkFileSystem(found, path + " of the other container", fileSystem);
        if (fileSystem == FileSystemMagic.PROC) {
            program.files().checkInode(found, path + " of the other container", PROC_ROOT_INODE);
        }
        return program.named("clone " + path + " of the other container")
                .mounts()
                .openTree(found, "", OPEN_TREE_CLONE | AT_EMPTY_PATH | O_CLOEXEC);
    }

    /**
     * A process outside of a pid namespace cannot mount the proc that shows it, and one inside is not to have the privilege. The
     * other container's mounts over parts of its own stay there.
     */
    private static FdArgument.Result cloneProc(LaunchProgramBuilder program, Pidfd other) {
        FdArgument.Result clone = cloneMount(program, other, "/proc", (int) FileSystemMagic.PROC);
        program.named("change attributes of the shared /proc")
                .mounts()
                .mountSetattr(clone, "", AT_EMPTY_PATH, PROC_ATTRIBUTES, MOUNT_ATTR_RDONLY, 0);
        return clone;
    }

    /** The mount for /dev/shm that is not the container's own. */
    Optional<FdArgument> shm() {
        DetachedMount host = hostShm;
        return host == null ? Optional.ofNullable(sharedShm) : Optional.of(FdArgument.of(host.fd()));
    }

    /** The mount for /proc where the pid namespace is another's. */
    Optional<FdArgument> proc() {
        return Optional.ofNullable(sharedProc);
    }

    /** Goes back to the host's cgroup namespace, after the cgroups have been mounted as the container is to see them. */
    void leaveCgroupNamespace(LaunchProgramBuilder program) {
        Fd host = hostCgroupNamespace;
        if (host != null) {
            program.process().setns(FdArgument.of(host), Set.of(Namespace.CGROUP));
        }
    }

    @Override
    public void close() {
        owned.forEach(Runnable::run);
    }
}
