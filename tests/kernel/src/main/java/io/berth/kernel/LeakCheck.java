package io.berth.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that leaves something behind: a mount that has to do with a directory of this JVM's tests, an open descriptor of
 * this JVM, a child process, or a cgroup of this JVM's.
 *
 * <p>What others on the same machine do meanwhile does not count. A cgroup is known for this JVM's by its name, or its parent's:
 * an engine's has a digest of the engine's data directory in it, which is a directory of the tests; a test that makes groups
 * itself puts the pid of this JVM at the end.
 *
 * <p>Tear-down off the reply path may take a moment, so what is left is looked at until a deadline.
 */
final class LeakCheck implements BeforeEachCallback, AfterEachCallback {
    private static final Duration SETTLE = Duration.ofSeconds(5);

    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(LeakCheck.class);

    @Override
    public void beforeEach(ExtensionContext context) {
        context.getStore(NAMESPACE).put("before", KernelState.read());
    }

    @Override
    public void afterEach(ExtensionContext context) throws InterruptedException {
        KernelState before = Objects.requireNonNull(
                context.getStore(NAMESPACE).get("before", KernelState.class), "beforeEach did not run");
        Instant deadline = Instant.now().plus(SETTLE);
        Set<String> left = KernelState.read().minus(before);
        while (!left.isEmpty() && Instant.now().isBefore(deadline)) {
            Thread.sleep(20);
            left = KernelState.read().minus(before);
        }
        if (!left.isEmpty()) {
            throw new AssertionError("the test left behind:\n  " + String.join("\n  ", left));
        }
    }

    /** What counts, as it is now. */
    static Set<String> held() {
        return KernelState.read().held();
    }

    private record KernelState(Set<String> held) {
        static KernelState read() {
            Set<String> held = new TreeSet<>();
            held.addAll(mounts());
            held.addAll(descriptors());
            held.addAll(children());
            held.addAll(cgroups());
            return new KernelState(held);
        }

        Set<String> minus(KernelState before) {
            Set<String> left = new TreeSet<>(held);
            left.removeAll(before.held);
            return left;
        }

        private static Set<String> mounts() {
            return lines(Path.of("/proc/self/mountinfo")).stream()
                    .filter(line -> OwnTempDirs.made().stream()
                            .anyMatch(directory -> line.contains(directory + "/") || line.contains(directory + " ")))
                    .map(line -> "mount " + line)
                    .collect(Collectors.toSet());
        }

        /**
         * Descriptors that product code opens. The JVM's own come and go lazily (jar files, class data, random sources,
         * selectors of the JDK), so regular files below the JDK and on the class path are left out, and the unlinked
         * file that libffi (JNA's) maps its code from.
         */
        private static Set<String> descriptors() {
            Set<String> open = new TreeSet<>();
            OpenDescriptors.targets().forEach((number, target) -> {
                if (!target.endsWith(".jar")
                        && !target.endsWith(".so")
                        && !target.endsWith("/fd")
                        && !target.matches("/.*/ffi\\w+ \\(deleted\\)")
                        && !target.endsWith("/lib/modules")
                        && !target.startsWith("/dev/")
                        && !target.startsWith("/proc/")) {
                    open.add("descriptor " + number + " -> " + target);
                }
            });
            return open;
        }

        private static Set<String> children() {
            long self = ProcessHandle.current().pid();
            Set<String> children = new TreeSet<>();
            try (var tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
                for (Path task : tasks) {
                    for (String line : lines(task.resolve("children"))) {
                        for (String pid : line.trim().split(" ")) {
                            if (!pid.isEmpty()) {
                                children.add("process " + pid + " (child of " + self + ")");
                            }
                        }
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return children;
        }

        private static Set<String> cgroups() {
            Set<String> found = new TreeSet<>();
            Set<String> engines = engines();
            for (Path hierarchy : directories(Path.of("/sys/fs/cgroup"))) {
                addIfOwn(hierarchy, engines, found);
                directories(hierarchy).forEach(group -> addIfOwn(group, engines, found));
            }
            return found;
        }

        private static void addIfOwn(Path group, Set<String> engines, Set<String> found) {
            String name = group.getFileName().toString();
            if (engines.contains(name)
                    || (name.startsWith("berth-")
                            && name.endsWith("-" + ProcessHandle.current().pid()))) {
                addTree(group, found);
            }
        }

        /** Names of the groups of engines that have their data directory in one of the tests' directories. */
        private static Set<String> engines() {
            Set<String> names = new TreeSet<>();
            for (Path made : OwnTempDirs.made()) {
                names.add(engine(made));
                for (Path below : directories(made)) {
                    names.add(engine(below));
                    directories(below).forEach(deeper -> names.add(engine(deeper)));
                }
            }
            return names;
        }

        /** As an engine names its group: see KernelContainerRuntime. */
        private static String engine(Path dataDirectory) {
            try {
                byte[] digest = MessageDigest.getInstance("SHA-256")
                        .digest(dataDirectory.toString().getBytes(StandardCharsets.UTF_8));
                return "berth-" + HexFormat.of().formatHex(digest, 0, 6);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has SHA-256", e);
            }
        }

        private static void addTree(Path group, Set<String> found) {
            found.add("cgroup " + group);
            directories(group).forEach(child -> addTree(child, found));
        }

        /** None when the directory has gone meanwhile: others make and remove groups all the time. */
        private static Set<Path> directories(Path directory) {
            Set<Path> found = new TreeSet<>();
            try (var entries = Files.newDirectoryStream(directory, Files::isDirectory)) {
                entries.forEach(found::add);
            } catch (IOException | DirectoryIteratorException e) {
                return found;
            }
            return found;
        }

        private static Set<String> lines(Path file) {
            try {
                return new TreeSet<>(Files.readAllLines(file));
            } catch (IOException e) {
                return Set.of();
            }
        }
    }
}
