package io.berth.engine.runtime.kernel;

import io.berth.linux.mount.MountInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What processes hold, as /proc tells. A process that ends meanwhile holds nothing. */
final class HeldByProcesses {
    private static final List<String> NAMESPACES = List.of("cgroup", "ipc", "mnt", "net", "pid", "user", "uts");
    private static final Path SELF = Path.of("/proc/self");

    private HeldByProcesses() {}

    /** Namespaces of processes that are not this process's own, in the kernel's words. */
    static List<String> namespaces(List<Long> pids) {
        Set<String> found = new TreeSet<>();
        for (String kind : NAMESPACES) {
            pids.forEach(pid -> found.add(namespace(directory(pid), kind)));
            found.remove(namespace(SELF, kind));
        }
        found.remove("");
        return List.copyOf(found);
    }

    /** How many mounts there are in the mount namespaces of processes, but for this process's own. */
    static int mounts(List<Long> pids) {
        Set<String> seen = new HashSet<>(Set.of(namespace(SELF, "mnt"), ""));
        int mounts = 0;
        for (long pid : pids) {
            if (seen.add(namespace(directory(pid), "mnt"))) {
                mounts += lines(directory(pid).resolve("mountinfo"));
            }
        }
        return mounts;
    }

    /** Mount points of this process's mount namespace below a directory. */
    static List<String> mountsBelow(Path directory) {
        return MountInfo.ofSelf().stream()
                .map(MountInfo::mountPoint)
                .filter(point -> Path.of(point).startsWith(directory))
                .toList();
    }

    /** This process's open files: kind to number. */
    static Map<String, Integer> descriptors() {
        Map<String, Integer> kinds = new TreeMap<>();
        entries(SELF.resolve("fd")).stream()
                .map(HeldByProcesses::target)
                .filter(target -> !target.isEmpty()) // closed since it was listed, as the listing's own is
                .forEach(target -> kinds.merge(kind(target), 1, Integer::sum));
        return kinds;
    }

    static int threads() {
        return entries(SELF.resolve("task")).size();
    }

    /** Such as {@code socket} of socket:[123], {@code pidfd} of anon_inode:[pidfd], and {@code file} of a path. */
    private static String kind(String target) {
        if (target.startsWith("/")) {
            return "file";
        }
        String name = target.startsWith("anon_inode:") ? target.substring("anon_inode:".length()) : target;
        return name.replaceAll("[\\[\\]0-9:]", "");
    }

    private static Path directory(long pid) {
        return Path.of("/proc", Long.toString(pid));
    }

    private static String namespace(Path process, String kind) {
        return target(process.resolve("ns").resolve(kind));
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return "";
        }
    }

    private static int lines(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1)
                    .lines()
                    .toList()
                    .size();
        } catch (IOException e) {
            return 0;
        }
    }

    private static List<Path> entries(Path directory) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            List<Path> found = new ArrayList<>();
            entries.forEach(found::add);
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + directory, e);
        }
    }
}
