package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.ContainerLaunch;
import io.berth.engine.runtime.LaunchFailure;
import io.berth.engine.runtime.kernel.ContainerProgram.KernelPaths;
import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.fd.FileStat;
import io.berth.linux.launch.FdArgument;
import io.berth.linux.mount.DetachedMount;
import io.berth.linux.mount.OverlayMount;
import io.berth.linux.quota.ProjectQuota;
import io.berth.linux.user.UserDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A container's root before its first process runs: the image's layers below the container's writable one, mounted as an
 * overlay that is attached nowhere.
 *
 * <p>Everything the image could have a say in (targets of mounts, the working directory, the user database) is looked up and
 * made here, through the mount's descriptor, so that no path of it can lead to a file of the host. Until the process
 * runs nobody else can change this tree.
 *
 * <p>Owns its descriptors; closing it unmounts the overlay unless a process has attached it meanwhile.
 */
final class RootFileSystem implements AutoCloseable {
    /** Far beyond any real database, and no burden on the heap (CVE-2026-47262). */
    private static final int MAX_DATABASE_BYTES = 1 << 20;

    private static final String MARKER = ".dockerenv";
    private static final int MARKER_MODE = 0755;
    private static final List<String> MOUNT_POINTS = List.of("proc", "sys", "dev");

    private final DetachedMount overlay;
    private final Directory root;

    private RootFileSystem(DetachedMount overlay, Directory root) {
        this.overlay = overlay;
        this.root = root;
    }

    /**
     * Mounts the root.
     *
     * @param directory the container's; {@code upper} and {@code work} are made in it when missing
     * @param layers bottom first
     * @param initLayer lies below them
     * @param users whose ids the container has
     * @throws LaunchFailure when the kernel refuses, or a layer is missing
     */
    static RootFileSystem mount(Path directory, List<Path> layers, InitLayer initLayer, ContainerUsers users) {
        Path upper = directory.resolve("upper");
        Path work = directory.resolve("work");
        List<Path> lower = new ArrayList<>(layers.reversed());
        lower.add(initLayer.path());
        try {
            List<Path> made = new ArrayList<>();
            if (!Files.isDirectory(upper)) {
                made.add(Files.createDirectories(upper));
                copyRootOwner(lower.getFirst(), directory);
            }
            if (!Files.isDirectory(work)) {
                made.add(Files.createDirectory(work));
            }
            if (!made.isEmpty()) {
                shareQuota(directory, made);
            }
            OverlayMount layered = new OverlayMount(lower, upper, work, Set.of());
            DetachedMount overlay = users.namespace().isPresent()
                    ? users.callAsRoot(() ->
                            layered.mountMapped(Set.of(), users.namespace().get()))
                    : layered.mountDetached(Set.of());
            try {
                return new RootFileSystem(overlay, overlay.openRoot());
            } catch (RuntimeException e) {
                overlay.close();
                throw e;
            }
        } catch (IOException | SyscallException e) {
            throw new LaunchFailure(
                    LaunchFailure.Kind.SYSTEM, "cannot mount the container's root: " + e.getMessage(), e);
        }
    }

    /** The overlay's root takes owner and mode from the upper directory: those of the image's topmost layer. */
    private static void copyRootOwner(Path topLayer, Path directory) {
        try (Directory image = Directory.open(topLayer);
                Directory container = Directory.open(directory)) {
            FileStat stat = image.statFollowing(".");
            container.chown("upper", stat.uid(), stat.gid());
            container.chmod("upper", stat.permissions());
        }
    }

    /** What is written there counts against the limit that was set aside for it, if there is one. */
    private static void shareQuota(Path container, List<Path> layers) {
        try (Directory reserved = Directory.open(container)) {
            int project = ProjectQuota.project(reserved);
            if (project == 0) {
                return;
            }
            for (Path layer : layers) {
                try (Directory written = Directory.open(layer)) {
                    ProjectQuota.assign(written, project, true);
                }
            }
        }
    }

    /** The root, to look below. */
    Directory directory() {
        return root;
    }

    /** The root itself; this object owns it. */
    DetachedMount overlay() {
        return overlay;
    }

    FdArgument mount() {
        return FdArgument.of(overlay.fd());
    }

    /** The users of the image as the container sees them now. */
    UserDatabase users() {
        return readUsers(root);
    }

    /** Reads /etc/passwd and /etc/group below a root; a missing one is empty. */
    static UserDatabase readUsers(Directory root) {
        return new UserDatabase(readDatabase(root, "etc/passwd"), readDatabase(root, "etc/group"));
    }

    /**
     * Only a regular file of the container's own file systems: what the kernel makes up can wait for ever, differ from reader to
     * reader and change something by being read (CVE-2024-9676).
     */
    private static String readDatabase(Directory root, String path) {
        try (FileHandle file = root.openRegular(path)) {
            if (KernelContainerFiles.isKernels(file.statFileSystem())) {
                throw new LaunchFailure(
                        LaunchFailure.Kind.INVALID_PROCESS, "/" + path + " of the container is the kernel's", null);
            }
            return new String(file.readAtMost(MAX_DATABASE_BYTES), StandardCharsets.UTF_8);
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return "";
            }
            throw new LaunchFailure(
                    LaunchFailure.Kind.INVALID_PROCESS,
                    "cannot read /" + path + " of the container: " + databaseProblem(e.errno()),
                    e);
        }
    }

    private static String databaseProblem(int errno) {
        return errno == Errno.EINVAL
                ? "not a regular file of at most " + MAX_DATABASE_BYTES + " bytes"
                : Errno.text(errno).toLowerCase(Locale.ROOT);
    }

    /**
     * Makes sure that the kernel's file systems are mounted on real directories: on a symlink they would land elsewhere,
     * and masks of their paths with them (CVE-2019-19921, CVE-2026-41579).
     */
    void prepareMountPoints() {
        for (String name : MOUNT_POINTS) {
            FileStat stat = root.statIfPresent(name);
            if (stat == null) {
                root.mkdirs(name, 0755).close();
            } else if (!stat.isDirectory()) {
                throw new LaunchFailure(
                        LaunchFailure.Kind.SYSTEM,
                        "/" + name + " of the image must be a directory, not a link or file",
                        null);
            }
        }
    }

    /** Makes the file by which programs tell that they run in a container, as Docker's containers have it. */
    void prepareMarker() {
        if (root.statIfPresent(MARKER) == null) {
            root.createFile(MARKER, MARKER_MODE).close();
            root.chmod(MARKER, MARKER_MODE);
        }
    }

    /** Makes the working directory when it is missing; below the kernel's file systems there is nothing to make. */
    void prepareWorkingDirectory(String path) {
        String relative = relative(path);
        String first = relative.contains("/") ? relative.substring(0, relative.indexOf('/')) : relative;
        if (relative.isEmpty() || MOUNT_POINTS.contains(first)) {
            return;
        }
        try {
            root.mkdirs(relative, 0755).close();
        } catch (SyscallException e) {
            throw new LaunchFailure(
                    LaunchFailure.Kind.INVALID_PROCESS,
                    "chdir to cwd (\"" + path + "\") set in config.json failed: "
                            + Errno.text(e.errno()).toLowerCase(Locale.ROOT),
                    e);
        }
    }

    /** What masked and read-only paths are: the kernel's by the host's own /proc and /sys, others in this root. */
    KernelPaths.Kind kind(String path) {
        @Nullable FileStat stat;
        try {
            stat = root.statFollowing(relative(path));
        } catch (SyscallException e) {
            return KernelPaths.Kind.MISSING;
        }
        return stat.isDirectory() ? KernelPaths.Kind.DIRECTORY : KernelPaths.Kind.FILE;
    }

    private static String relative(String path) {
        int start = 0;
        while (start < path.length() && path.charAt(start) == '/') {
            start++;
        }
        return path.substring(start);
    }

    @Override
    public void close() {
        root.close();
        overlay.close();
    }

    /** Makes the directory that stands for the layers of an image without any. */
    static Path emptyLayer(Path dataDirectory) {
        Path empty = dataDirectory.resolve("empty");
        try {
            return Files.createDirectories(empty);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + empty, e);
        }
    }

    /** A root's launch-independent view for {@link ContainerLaunch#maskedPaths}. */
    KernelPaths paths(HostPaths host) {
        return new KernelPaths() {
            @Override
            public KernelPaths.Kind kind(String path) {
                return host.covers(path) ? host.kind(path) : RootFileSystem.this.kind(path);
            }

            @Override
            public boolean hasCgroupMountPoint() {
                return host.kind("/sys/fs/cgroup") == KernelPaths.Kind.DIRECTORY;
            }
        };
    }
}
