package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * The engine is killed with ten containers running, on a platform of its own beside the shared one: no container dies, the
 * next engine goes on with all of them, and in the end the kernel holds nothing of them.
 */
@CompatTest
@BerthOnly
@OwnPlatform
class EngineDeathIT {
    private static final int CONTAINERS = 10;
    private static final String COUNT =
            "trap 'echo stopping; exit 0' TERM; i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done";

    private final Target target;

    EngineDeathIT(Target target) {
        this.target = target;
    }

    @Test
    void containersOutliveTheEngineAndLeaveNothing() {
        List<String> ids = new ArrayList<>();
        List<String> networks = new ArrayList<>();
        try (BerthInstance second = BerthInstance.start(2376)) {
            DockerCli docker = second.docker();
            // Two platforms run beside each other and know nothing of each other's images.
            assertThat(docker.ok("images", "-q")).isEmpty();
            Target.importImage(docker, target.rootFileSystem());
            List<Long> pids = new ArrayList<>();
            for (int i = 0; i < CONTAINERS; i++) {
                String id = docker.ok("run", "-d", "--name", "survivor" + i, Target.IMAGE, "sh", "-c", COUNT);
                ids.add(id);
                long pid = Long.parseLong(docker.ok("inspect", "--format", "{{.State.Pid}}", id));
                pids.add(pid);
                networks.add(link(Path.of("/proc/" + pid + "/ns/net")));
            }
            assertThat(target.docker().ok("ps", "-q", "--filter", "name=survivor"))
                    .isEmpty();

            List<String> ending = List.of(ending(docker), ending(docker, "-t"));
            List<Long> endingPids = ending.stream()
                    .map(id -> Long.parseLong(docker.ok("inspect", "--format", "{{.State.Pid}}", id)))
                    .toList();

            second.kill("engine");

            // They end while no engine is there.
            Eventually.holds(
                    Duration.ofSeconds(20),
                    () -> endingPids.stream()
                            .noneMatch(pid -> Path.of("/proc/" + pid).toFile().exists()),
                    () -> "still running: " + endingPids);
            for (long pid : pids) {
                assertThat(Path.of("/proc/" + pid)).exists();
            }
            second.up();
            assertThat(docker.ok("ps", "-q").lines().count()).isEqualTo(CONTAINERS);
            for (String id : ending) {
                assertThat(docker.ok("logs", id)).isEqualTo("name? last words");
                assertThat(docker.ok("inspect", "--format", "{{.State.Status}} {{.State.ExitCode}}", id))
                        .isEqualTo("exited 7");
                docker.ok("rm", id);
            }
            for (int i = 0; i < CONTAINERS; i++) {
                String id = ids.get(i);
                assertThat(docker.ok("inspect", "--format", "{{.State.Running}} {{.State.Pid}}", id))
                        .isEqualTo("true " + pids.get(i));
                long lines = docker.ok("logs", id).lines().count();
                Eventually.holds(
                        Duration.ofSeconds(10),
                        () -> docker.ok("logs", id).lines().count() > lines,
                        () -> docker.run("logs", "--tail", "3", id).toString());
            }
            assertThat(docker.ok("exec", ids.getFirst(), "echo", "still reachable"))
                    .isEqualTo("still reachable");
            // Looked at only: other tests count what happens there.
            assertThat(target.docker().ok("info", "--format", "{{.OSType}}")).isEqualTo("linux");
            assertThat(target.docker().ok("image", "inspect", "--format", "{{.Os}}", Target.IMAGE))
                    .isEqualTo("linux");
            List<String> stop = new ArrayList<>(List.of("stop"));
            stop.addAll(ids);
            docker.ok(stop.toArray(String[]::new));
            for (String id : ids) {
                assertThat(docker.ok("inspect", "--format", "{{.State.Status}}", id))
                        .isEqualTo("exited");
                assertContiguous(docker.ok("logs", id));
            }
            List<String> remove = new ArrayList<>(List.of("rm"));
            remove.addAll(ids);
            docker.ok(remove.toArray(String[]::new));
            assertThat(docker.ok("ps", "-aq")).isEmpty();
            assertNothingLeft(ids, networks);
            // Behind the answer, where a machine is busy.
            Eventually.holds(
                    Duration.ofSeconds(20),
                    () -> containerDirectories(second).isEmpty(),
                    () -> "left: " + containerDirectories(second));
        }
        assertNothingLeft(ids, networks);
    }

    /** A container that ends a second later, with output and a status that somebody must keep. */
    private static String ending(DockerCli docker, String... options) {
        List<String> run = new ArrayList<>(List.of("run", "-d"));
        run.addAll(List.of(options));
        run.addAll(List.of(Target.IMAGE, "sh", "-c", "printf 'name? '; sleep 5; echo last words; exit 7"));
        return docker.ok(run.toArray(String[]::new));
    }

    /**
     * While no engine read them the containers waited with their output: not a line is missing or double. At most the one that the
     * engine had just read when it was killed never came to its log (ADR 7).
     */
    private static void assertContiguous(String log) {
        List<String> lines = log.lines().toList();
        assertThat(lines.getLast()).isEqualTo("stopping");
        List<Integer> numbers = lines.subList(0, lines.size() - 1).stream()
                .map(Integer::valueOf)
                .toList();
        List<Integer> expected = new ArrayList<>(
                IntStream.rangeClosed(1, numbers.getLast()).boxed().toList());
        if (numbers.size() == expected.size() - 1) {
            expected.retainAll(numbers);
        }
        assertThat(numbers).isEqualTo(expected);
    }

    private static void assertNothingLeft(List<String> ids, List<String> networks) {
        Eventually.holds(
                Duration.ofSeconds(10),
                () -> left(ids, networks).isEmpty(),
                () -> "left behind: " + left(ids, networks));
    }

    private static List<String> left(List<String> ids, List<String> networks) {
        List<String> left = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
                if (ids.stream().anyMatch(line::contains)) {
                    left.add("mount " + line);
                }
            }
            try (var cgroups = Files.find(
                    Path.of("/sys/fs/cgroup"),
                    8,
                    (path, attributes) -> attributes.isDirectory()
                            && ids.stream().anyMatch(path.getFileName().toString()::contains))) {
                cgroups.forEach(path -> left.add("cgroup " + path));
            }
            try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
                for (Path process : processes) {
                    if (networks.contains(link(process.resolve("ns/net")))) {
                        left.add("process in a container's network namespace: " + process);
                    }
                }
            }
        } catch (UncheckedIOException e) {
            left.add("cannot look: " + e.getMessage()); // a cgroup went while it was looked at: look again
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return left;
    }

    private static List<Path> containerDirectories(BerthInstance instance) {
        try (var found = Files.find(
                instance.dataDirectory().resolve("engine"),
                3,
                (path, attributes) -> path.getFileName().toString().matches("[0-9a-f]{64}"))) {
            return found.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
