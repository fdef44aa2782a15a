package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.LaunchFailure;
import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.fd.FileStat;
import io.berth.linux.fd.OpenFlag;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the places of a container's mounts, in the order in which they are mounted, and makes those that are missing.
 *
 * <p>The image's links are followed here, through the root's descriptor, while nobody else can change the tree; what comes out
 * has none any more. Only what lies inside an earlier mount, or in one of the kernel's file systems, is left to the child, which
 * has them mounted by then.
 *
 * <p>Used by one thread, for one launch.
 */
final class MountTargets {
    private static final String PROC = "/proc";
    private static final List<String> KERNEL = List.of("/dev", PROC, "/sys");

    /** What below /proc may be mounted over: files that report, and grant nothing (runc: libcontainer/rootfs_linux.go). */
    private static final Set<String> HARMLESS = Set.of(
            "/proc/cpuinfo",
            "/proc/diskstats",
            "/proc/loadavg",
            "/proc/meminfo",
            "/proc/net/dev",
            "/proc/slabinfo",
            "/proc/stat",
            "/proc/swaps",
            "/proc/sys/kernel/ns_last_pid",
            "/proc/sys/crypto/fips_enabled",
            "/proc/uptime");

    private final Directory root;
    private final List<String> mounted = new ArrayList<>(KERNEL);

    MountTargets(Directory root) {
        this.root = root;
    }

    /**
     * Where a mount goes.
     *
     * @param existing absolute, without links as far as the image has a say; there when the child mounts
     * @param missing names below it that the child makes if they are not there
     */
    record Target(String existing, List<String> missing) {
        Target {
            missing = List.copyOf(missing);
        }

        /** The whole path. */
        String path() {
            return missing.isEmpty() ? existing : existing + "/" + String.join("/", missing);
        }
    }

    /**
     * Finds, or makes, the place of the next mount.
     *
     * @param target absolute
     * @param directory whether a directory is mounted there, rather than a file
     * @throws LaunchFailure when nothing may be mounted there, or something of the other kind is in the way
     */
    Target place(String target, boolean directory) {
        List<String> names = names(target);
        if (names.isEmpty()) {
            throw refused("invalid mount target \"" + target + "\": destination can't be '/'");
        }
        try {
            Found found = longestPrefix(names);
            return place(target, found, directory);
        } catch (SyscallException e) {
            throw new LaunchFailure(
                    LaunchFailure.Kind.SYSTEM, "cannot make mount target \"" + target + "\": " + e.getMessage(), e);
        }
    }

    /** Where a directory is to be made that lies in one of the mounts; empty for one of the root's own, or of the kernel's. */
    Optional<Target> inMount(String directory) {
        Found found = longestPrefix(names(directory));
        String path = found.path() + (found.rest().isEmpty() ? "" : "/" + String.join("/", found.rest()));
        String cover = cover(path);
        return cover == null || KERNEL.contains(cover)
                ? Optional.empty()
                : Optional.of(new Target(cover, names(path.substring(cover.length()))));
    }

    private Target place(String target, Found found, boolean directory) {
        String path = found.path() + (found.rest().isEmpty() ? "" : "/" + String.join("/", found.rest()));
        refuseKernelPaths(target, path);
        @Nullable String cover = cover(path);
        mounted.add(path);
        if (cover != null) {
            return new Target(cover, path.equals(cover) ? List.of() : names(path.substring(cover.length())));
        }
        if (!found.rest().isEmpty()) {
            make(path.substring(1), found, directory);
        } else if (found.stat().isDirectory() != directory) {
            throw refused("cannot mount on \"" + target
                    + "\": not a directory: Are you trying to mount a directory onto a file (or vice-versa)? "
                    + "Check if the specified host path exists and is the expected type");
        }
        return new Target(path, List.of());
    }

    private void make(String path, Found found, boolean directory) {
        String first = (found.path() + "/" + found.rest().getFirst()).substring(1);
        FileStat link = root.statIfPresent(first);
        if (link != null && link.isSymbolicLink()) {
            // A link of the image to nowhere, such as resolv.conf to a stub of another init's.
            root.unlink(first);
        }
        if (directory) {
            root.mkdirs(path, 0755).close();
            return;
        }
        int slash = path.lastIndexOf('/');
        if (slash > 0) {
            root.mkdirs(path.substring(0, slash), 0755).close();
        }
        root.createFile(path, 0644).close();
        root.chmod(path, 0644);
    }

    /** A path as far as the image has it: without links, and empty for the root. */
    private record Found(String path, FileStat stat, List<String> rest) {}

    private Found longestPrefix(List<String> names) {
        for (int length = names.size(); length > 0; length--) {
            try (FileHandle file = root.open(String.join("/", names.subList(0, length)), Set.of(OpenFlag.PATH), 0)) {
                String path = file.path();
                return new Found(path.equals("/") ? "" : path, file.stat(), names.subList(length, names.size()));
            } catch (SyscallException e) {
                if (e.errno() != Errno.ENOENT) {
                    throw e;
                }
            }
        }
        return new Found("", root.stat("."), names);
    }

    private static void refuseKernelPaths(String target, String path) {
        if (path.isEmpty()) {
            throw refused("invalid mount target \"" + target + "\": it leads to '/'");
        }
        if (path.equals(PROC)) {
            throw refused("\"" + target + "\" cannot be mounted because it is not of type proc");
        }
        if (path.startsWith(PROC + "/") && !HARMLESS.contains(path)) {
            throw refused("\"" + target + "\" cannot be mounted because it is inside /proc");
        }
    }

    /** The innermost earlier mount that a path is on or below. */
    private @Nullable String cover(String path) {
        String cover = null;
        for (String mount : mounted) {
            boolean inside = path.equals(mount) || path.startsWith(mount + "/");
            if (inside && (cover == null || mount.length() > cover.length())) {
                cover = mount;
            }
        }
        return cover;
    }

    /** The names of a path, with {@code ..} taken as in a URL. */
    private static List<String> names(String path) {
        List<String> names = new ArrayList<>();
        for (Path name : Path.of("/" + path).normalize()) {
            names.add(name.toString());
        }
        return names;
    }

    private static LaunchFailure refused(String message) {
        return new LaunchFailure(LaunchFailure.Kind.SYSTEM, message, null);
    }
}
