package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.ContainerFiles;
import io.berth.engine.runtime.ContainerLaunch;
import io.berth.engine.runtime.ContainerTree;
import io.berth.engine.runtime.Isolation.IdRange;
import io.berth.engine.runtime.LaunchFailure;
import io.berth.engine.runtime.MountLaunch;
import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.fd.FileStat;
import io.berth.linux.fd.FileSystemStat;
import io.berth.linux.fd.OpenFlag;
import io.berth.linux.mount.DetachedMount;
import io.berth.linux.mount.FileSystemMagic;
import io.berth.linux.mount.MountTree;
import io.berth.linux.process.ProcessIdentity;
import io.berth.linux.user.UserDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** File trees of containers by /proc of their process, or by mounts that are attached nowhere. */
public final class KernelContainerFiles implements ContainerFiles {
    private static final Set<Long> KERNEL_FILE_SYSTEMS = Set.of(
            FileSystemMagic.PROC,
            FileSystemMagic.SYSFS,
            FileSystemMagic.DEVPTS,
            FileSystemMagic.MQUEUE,
            FileSystemMagic.CGROUP,
            FileSystemMagic.CGROUP2);

    private static final long NO_MOUNT = -1;

    private final Path emptyLayer;
    private final InitLayer initLayer;

    /**
     * @param dataDirectory the engine's own
     */
    public KernelContainerFiles(Path dataDirectory) {
        Path absolute = dataDirectory.toAbsolutePath().normalize();
        this.emptyLayer = RootFileSystem.emptyLayer(absolute);
        this.initLayer = InitLayer.open(absolute);
    }

    @Override
    public Optional<ContainerTree> ofProcess(ProcessIdentity process) {
        Directory root;
        try {
            root = Directory.open(Path.of("/proc/" + process.pid() + "/root"));
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ESRCH) {
                return Optional.empty();
            }
            throw e;
        }
        @Nullable IdRange users;
        try {
            users = ContainerUsers.rangeOf(process.pid());
        } catch (SyscallException e) {
            root.close();
            return Optional.empty();
        }
        // The number may have been another process's by now; if the one meant still has it, it had it when it was
        // opened.
        if (!ProcessIdentity.read(process.pid()).equals(Optional.of(process))) {
            root.close();
            return Optional.empty();
        }
        return Optional.of(new ContainerTree(root, kernels(root), users, () -> {}));
    }

    private static Predicate<Directory> kernels(Directory root) {
        FileStat devices = root.statIfPresent("dev");
        boolean mounted = devices != null && devices.mountId() != root.stat(".").mountId();
        long devicesMount = mounted && devices != null ? devices.mountId() : NO_MOUNT;
        return directory ->
                isKernels(directory.statFileSystem()) || directory.stat(".").mountId() == devicesMount;
    }

    /** Whether files are made up by the kernel. */
    static boolean isKernels(FileSystemStat stat) {
        return KERNEL_FILE_SYSTEMS.contains(stat.magic() & 0xFFFF_FFFFL);
    }

    @Override
    public ContainerTree ofStopped(ContainerLaunch launch) {
        Map<String, MountSource> sources = new LinkedHashMap<>();
        // On disk files have the ids that the container sees, whatever its range outside is.
        try (RootFileSystem root =
                RootFileSystem.mount(launch.directory(), launch.layers(), initLayer, ContainerUsers.HOST)) {
            MountTargets targets = new MountTargets(root.directory());
            for (MountLaunch mount : launch.mounts()) {
                // What is in memory is gone with the container's last process.
                if (!(mount instanceof MountLaunch.Tmpfs)) {
                    put(sources, targets, mount.target(), MountSource.open(mount, emptyLayer, ContainerUsers.HOST));
                }
            }
            launch.files()
                    .forEach((path, file) -> put(sources, targets, path, MountSource.file(file, ContainerUsers.HOST)));
            return tree(MountTree.assemble(
                    root.overlay(), emptyLayer, top -> sources.forEach((path, source) -> attach(top, path, source))));
        } catch (SyscallException e) {
            throw new LaunchFailure(
                    LaunchFailure.Kind.SYSTEM, "cannot mount the container's files: " + e.getMessage(), e);
        } finally {
            sources.values().forEach(MountSource::close);
        }
    }

    private static void put(Map<String, MountSource> sources, MountTargets targets, String target, MountSource source) {
        try {
            sources.put(targets.place(target, source.directory()).path(), source);
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
    }

    private static ContainerTree tree(DetachedMount mount) {
        try {
            return new ContainerTree(mount.openRoot(), directory -> false, null, mount::close);
        } catch (SyscallException e) {
            mount.close();
            throw e;
        }
    }

    @Override
    public Owner ownerOf(ContainerTree tree, String user) {
        try {
            UserDatabase.Credentials credentials =
                    RootFileSystem.readUsers(tree.root()).resolve(user, List.of());
            return new Owner(credentials.uid(), credentials.gid());
        } catch (UserDatabase.InvalidUser e) {
            throw new LaunchFailure(LaunchFailure.Kind.INVALID_PROCESS, String.valueOf(e.getMessage()), e);
        }
    }

    /** Inside of another mount the place may still be missing. */
    private static void attach(Directory root, String path, MountSource source) {
        String relative = path.substring(1);
        if (source.directory()) {
            try (Directory target = root.mkdirs(relative, 0_755)) {
                source.mount().attachTo(target.fd());
            }
            return;
        }
        int slash = relative.lastIndexOf('/');
        if (slash > 0) {
            root.mkdirs(relative.substring(0, slash), 0_755).close();
        }
        if (root.statIfPresent(relative) == null) {
            root.createFile(relative, 0_644).close();
            root.chmod(relative, 0_644);
        }
        try (FileHandle target = root.open(relative, Set.of(OpenFlag.PATH), 0)) {
            source.mount().attachTo(target.fd());
        }
    }

    @Override
    public ContainerTree root(Path directory, List<Path> layers) {
        // The container's overlay stays as it is; this one only reads, and sees the files as they are now.
        Path upper = directory.resolve("upper");
        List<Path> all = new ArrayList<>(layers);
        if (Files.isDirectory(upper)) {
            all.add(upper);
        }
        return image(all);
    }

    @Override
    public ContainerTree image(List<Path> layers) {
        return tree(ImageLayers.mount(layers, initLayer.path()));
    }
}
