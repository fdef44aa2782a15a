package io.berth.compat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a platform's engine holds on this host, read from the kernel and the disk without asking the engine: mounts, cgroups,
 * processes, descriptors, threads and files. Other platforms beside it do not count.
 *
 * <p>Each thing is a line that names it, so that what is too much can be shown. Descriptors and threads have no names of their
 * own and are told by kind, with a running number.
 */
record Footprint(Set<String> held) {
    /** Files of a database come and go as it wants. */
    private static final Set<String> NOT_COUNTED = Set.of("db");

    /** The keeper's own descriptors are below. */
    private static final int FIRST_KEPT = 64;

    /** @param marker a string in the environment of all processes of the containers */
    static Footprint of(BerthInstance berth, String marker) {
        Set<String> held = new TreeSet<>();
        mounts(berth, held);
        cgroups(berth, held);
        processes(berth, marker, held);
        kinds("engine's descriptor", descriptors(berth.pidOf("engine"), 0), held);
        long keeper = keeper(berth);
        kinds("keeper's descriptor", keeper == 0 ? List.of() : descriptors(keeper, FIRST_KEPT), held);
        kinds("engine's thread", threads(berth.pidOf("engine")), held);
        files(berth, held);
        network(berth, held);
        return new Footprint(held);
    }

    /** What is held now and was not before. */
    Set<String> minus(Footprint before) {
        Set<String> more = new TreeSet<>(held);
        more.removeAll(before.held);
        return more;
    }

    /** Whether a line is of what comes with load and goes with time, and is there for no container. */
    static boolean pooled(String line) {
        return line.startsWith("engine's thread ") || line.startsWith("engine's descriptor socket ");
    }

    /** Without what an engine of its own needs, and another one needs differently. */
    Footprint outsideTheEngine() {
        Set<String> outside = new TreeSet<>(held);
        outside.removeIf(line -> line.startsWith("engine's "));
        return new Footprint(outside);
    }

    /** The directory in each hierarchy that all of an engine's groups are in. */
    static List<Path> cgroupParents(BerthInstance berth) {
        String name =
                "berth-" + shortDigest(berth.dataDirectory().resolve("engine").toString());
        List<Path> parents = new ArrayList<>();
        for (Path hierarchy : directories(Path.of("/sys/fs/cgroup"))) {
            if (hierarchy.endsWith(name)) {
                parents.add(hierarchy);
            }
            directories(hierarchy).stream()
                    .filter(group -> group.endsWith(name))
                    .forEach(parents::add);
        }
        return parents;
    }

    private static String shortDigest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void mounts(BerthInstance berth, Set<String> held) {
        for (String process : List.of("self", Long.toString(berth.pidOf("engine")))) {
            lines(Path.of("/proc", process, "mountinfo")).stream()
                    .filter(line -> line.contains(berth.scratch().toString()))
                    .forEach(line -> held.add("mount " + line));
        }
    }

    private static void cgroups(BerthInstance berth, Set<String> held) {
        for (Path parent : cgroupParents(berth)) {
            addTree(parent, held);
        }
    }

    private static void addTree(Path group, Set<String> held) {
        for (Path child : directories(group)) {
            held.add("cgroup " + child);
            addTree(child, held);
        }
    }

    /**
     * Those in the platform's network namespace besides its services and their supervisor, and those of containers, wherever
     * they are. The supervisor has one process that waits for each service's end, another one after each: they are told by the
     * service.
     */
    private static void processes(BerthInstance berth, String marker, Set<String> held) {
        Set<Long> own = new TreeSet<>(List.of(berth.namespacePid(), keeper(berth)));
        List.of("engine", "image", "registry", "gateway", "supervisor")
                .forEach(service -> own.add(berth.pidOf(service)));
        String waiting = "flock " + berth.runDirectory() + "/";
        List<String> waiters = new ArrayList<>();
        String network = link(Path.of("/proc", Long.toString(berth.namespacePid()), "ns/net"));
        for (Path process : directories(Path.of("/proc"))) {
            String name = process.getFileName().toString();
            if (name.matches("[0-9]+")
                    && !own.contains(Long.parseLong(name))
                    && (link(process.resolve("ns/net")).equals(network)
                            || text(process.resolve("environ")).contains(marker))) {
                String command = text(process.resolve("cmdline")).replace('\0', ' ');
                if (command.startsWith(waiting)) {
                    waiters.add(command);
                } else {
                    held.add("process " + name + " " + command);
                }
            }
        }
        kinds("process", waiters, held);
    }

    /** Links, addresses and rules in the platform's network namespace; of pairs of links the names are random. */
    private static void network(BerthInstance berth, Set<String> held) {
        kinds(
                "link",
                inNamespace(berth, "ip", "-o", "link").map(Footprint::linkName).toList(),
                held);
        kinds(
                "rule",
                inNamespace(berth, "nft", "list", "ruleset")
                        .map(Footprint::withoutName)
                        .toList(),
                held);
    }

    private static Stream<String> inNamespace(BerthInstance berth, String... command) {
        List<String> all = new ArrayList<>(berth.inNamespace());
        all.addAll(List.of(command));
        return Running.run(all, Map.of(), new byte[0], Duration.ofSeconds(20))
                .ok()
                .lines();
    }

    private static String linkName(String line) {
        return withoutName(line.split(": ")[1].replaceAll("@.*", ""));
    }

    private static String withoutName(String text) {
        return text.strip().replaceAll("veth[0-9a-f]+", "veth").replaceAll("br-[0-9a-f]{12}", "br-");
    }

    /** As the engine noted it; 0 when there is none, as before the first container. */
    private static long keeper(BerthInstance berth) {
        String record = text(berth.dataDirectory().resolve("engine/keeper"));
        return record.isEmpty() ? 0 : Long.parseLong(record.strip().split(" ")[1]);
    }

    private static List<String> descriptors(long pid, int first) {
        List<String> kinds = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "fd"))) {
            for (Path entry : entries) {
                String target = link(entry);
                if (!target.isEmpty() && Integer.parseInt(entry.getFileName().toString()) >= first) {
                    // Of what has no path the kernel tells a number after the kind, as in net:[4026531840].
                    kinds.add(target.replaceAll(":\\[?[0-9]+]?$", ""));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return kinds;
    }

    private static List<String> threads(long pid) {
        List<String> names = new ArrayList<>();
        for (Path task : directories(Path.of("/proc", Long.toString(pid), "task"))) {
            names.add(text(task.resolve("comm")).strip().replaceAll("[0-9]+$", ""));
        }
        return names;
    }

    private static void kinds(String what, List<String> kinds, Set<String> held) {
        TreeMap<String, Integer> counts = new TreeMap<>();
        for (String kind : kinds) {
            held.add(what + " " + kind + " #" + counts.merge(kind, 1, Integer::sum));
        }
    }

    private static void files(BerthInstance berth, Set<String> held) {
        for (String owner : List.of("engine", "image")) {
            try {
                Files.walkFileTree(berth.dataDirectory().resolve(owner), new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                        held.add("directory " + directory);
                        return NOT_COUNTED.contains(directory.getFileName().toString())
                                ? FileVisitResult.SKIP_SUBTREE
                                : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        held.add("file " + file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e) {
                        return FileVisitResult.CONTINUE; // gone since it was listed
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) {
                        return FileVisitResult.CONTINUE;
                    }
                });
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** None when the directory has gone meanwhile. */
    private static List<Path> directories(Path directory) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, Files::isDirectory)) {
            entries.forEach(found::add);
        } catch (IOException | java.nio.file.DirectoryIteratorException e) {
            return found;
        }
        return found;
    }

    private static List<String> lines(Path file) {
        return text(file).lines().toList();
    }

    /** Empty when the process has gone. */
    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    /** Empty when the process has gone. */
    private static String link(Path path) {
        try {
            return Files.readSymbolicLink(path).toString();
        } catch (IOException e) {
            return "";
        }
    }
}
