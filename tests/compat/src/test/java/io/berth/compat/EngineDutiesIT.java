package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * The engine is killed, and what it does for containers all the time the next one does again: restarts, health checks,
 * rotation of logs, streams. On a platform of its own beside the shared one.
 */
@CompatTest
@BerthOnly
@OwnPlatform
class EngineDutiesIT {
    private static final String COUNT =
            "trap 'echo stopping; exit 0' TERM; i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done";

    private final Target target;

    EngineDutiesIT(Target target) {
        this.target = target;
    }

    @Test
    void theNextEngineTakesUpAllItsDuties() throws IOException {
        try (BerthInstance second = BerthInstance.start(2376)) {
            DockerCli docker = second.docker();
            Target.importImage(docker, target.rootFileSystem());
            String always = run(docker, "sleep 1000", "--restart", "always");
            String endsAlways = run(docker, untilTold(3), "--restart", "always");
            String endsWell = run(docker, untilTold(0), "--restart", "on-failure:3");
            String endsBadly = run(docker, untilTold(4), "--restart", "on-failure:3");
            String endsOnce = run(docker, untilTold(5), "--restart", "no");
            String stopped = run(docker, "sleep 1000", "--restart", "unless-stopped");
            String removed = run(docker, untilTold(0), "--rm");
            String healthy = run(
                    docker,
                    "sleep 1000",
                    "--health-cmd",
                    "test ! -e /ill",
                    "--health-interval",
                    "300ms",
                    "--health-retries",
                    "1");
            String paused = run(docker, "i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done");
            String rotating = run(
                    docker,
                    "i=1000; while :; do i=$((i+1)); echo line $i; sleep 0.01; done",
                    "--log-opt",
                    "max-size=8k",
                    "--log-opt",
                    "max-file=3");
            String terminal = run(docker, COUNT, "-t");
            String listening = run(docker, "while read line; do echo got $line; done", "-i");
            docker.ok("stop", "-t", "0", stopped);
            docker.ok("pause", paused);
            awaitState(docker, healthy, "{{.State.Health.Status}}", "healthy");
            awaitRotation(docker, rotating, 3);
            // They have been told only when they have said that they listen.
            for (String id : List.of(endsAlways, endsWell, endsBadly, endsOnce, removed)) {
                awaitLog(docker, id, "run");
            }
            List<String> ending = List.of(endsAlways, endsWell, endsBadly, endsOnce, removed);
            List<String> endingPids = ending.stream().map(id -> pid(docker, id)).toList();
            String alwaysPid = pid(docker, always);

            second.kill("engine");
            endingPids.forEach(pid -> signal("USR1", pid));
            Eventually.holds(
                    Duration.ofSeconds(30),
                    () -> endingPids.stream()
                            .noneMatch(pid -> Path.of("/proc", pid).toFile().exists()),
                    () -> "still running: " + endingPids);
            second.up();

            awaitState(docker, endsAlways, "{{.State.Running}}", "true");
            awaitLog(docker, endsAlways, "run\nrun");
            awaitState(docker, endsBadly, "{{.State.Running}} {{.RestartCount}}", "true 1");
            assertThat(state(docker, endsWell, "{{.State.Status}} {{.State.ExitCode}}"))
                    .isEqualTo("exited 0");
            assertThat(state(docker, endsOnce, "{{.State.Status}} {{.State.ExitCode}}"))
                    .isEqualTo("exited 5");
            assertThat(state(docker, stopped, "{{.State.Status}}")).isEqualTo("exited");
            assertThat(docker.run("inspect", removed).exitCode()).isEqualTo(1);
            assertThat(pid(docker, always)).isEqualTo(alwaysPid);
            signal("KILL", alwaysPid);
            awaitState(docker, always, "{{.State.Running}} {{.RestartCount}}", "true 1");

            docker.ok("exec", healthy, "touch", "/ill");
            awaitState(docker, healthy, "{{.State.Health.Status}}", "unhealthy");
            docker.ok("exec", healthy, "rm", "/ill");
            awaitState(docker, healthy, "{{.State.Health.Status}}", "healthy");

            assertThat(state(docker, paused, "{{.State.Status}}")).isEqualTo("paused");
            String before = docker.ok("logs", paused);
            docker.ok("unpause", paused);
            Eventually.holds(
                    Duration.ofSeconds(10),
                    () -> docker.ok("logs", paused).length() > before.length(),
                    () -> "silent after unpause");
            awaitRotation(docker, rotating, 3);
            assertThat(logFiles(docker, rotating)).hasSizeLessThanOrEqualTo(3);
            List<Integer> lines = docker.ok("logs", rotating)
                    .lines()
                    .map(line -> Integer.valueOf(line.substring("line ".length())))
                    .toList();
            assertThat(lines)
                    .isEqualTo(IntStream.rangeClosed(lines.getFirst(), lines.getLast())
                            .boxed()
                            .toList());

            docker.ok("stop", terminal);
            assertContiguous(docker.ok("logs", terminal).replace("\r", ""));
            // A client without a terminal stays attached when its input ends.
            Outcome attached = docker.shell("echo hello | timeout -s KILL 3 docker attach " + listening);
            assertThat(attached.exitCode()).as(attached.toString()).isEqualTo(137);
            awaitLog(docker, listening, "got hello");
        }
    }

    private static String run(DockerCli docker, String script, String... options) {
        List<String> run = new ArrayList<>(List.of("run", "-d"));
        run.addAll(List.of(options));
        run.addAll(List.of(Target.IMAGE, "sh", "-c", script));
        return docker.ok(run.toArray(String[]::new));
    }

    private static String state(DockerCli docker, String id, String format) {
        return docker.ok("inspect", "--format", format, id);
    }

    private static String pid(DockerCli docker, String id) {
        return state(docker, id, "{{.State.Pid}}");
    }

    private static void awaitState(DockerCli docker, String id, String format, String wanted) {
        Eventually.holds(
                Duration.ofSeconds(30),
                () -> state(docker, id, format).equals(wanted),
                () -> state(docker, id, "{{json .State}} {{.RestartCount}}"));
    }

    private static void awaitLog(DockerCli docker, String id, String wanted) {
        Eventually.holds(
                Duration.ofSeconds(30),
                () -> docker.ok("logs", id).equals(wanted),
                () -> docker.run("logs", id).toString());
    }

    /** Waits until the oldest file of a log has been thrown away. */
    private static void awaitRotation(DockerCli docker, String id, int files) throws IOException {
        Eventually.holds(
                Duration.ofSeconds(60),
                () -> logFiles(docker, id).size() == files,
                () -> "not rotated: " + logFiles(docker, id));
        String first = docker.ok("logs", id).lines().findFirst().orElse("");
        Eventually.holds(
                Duration.ofSeconds(60),
                () -> !docker.ok("logs", id).lines().findFirst().orElse("").equals(first),
                () -> "not rotated since " + first);
    }

    private static List<Path> logFiles(DockerCli docker, String id) {
        Path log = Path.of(state(docker, id, "{{.LogPath}}"));
        try (var files = Files.list(log.getParent())) {
            return files.filter(file -> file.getFileName()
                            .toString()
                            .startsWith(log.getFileName().toString()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** While no engine read them the containers waited with their output: not a line may be missing or double. */
    private static void assertContiguous(String log) {
        List<String> lines = log.lines().toList();
        assertThat(lines.getLast()).isEqualTo("stopping");
        List<String> numbers = lines.subList(0, lines.size() - 1);
        assertThat(numbers)
                .isEqualTo(IntStream.rangeClosed(1, numbers.size())
                        .mapToObj(Integer::toString)
                        .toList());
    }

    /** A script that says "run" and ends when it gets the signal. */
    private static String untilTold(int exitCode) {
        return "trap 'exit " + exitCode + "' USR1; echo run; while :; do sleep 0.1; done";
    }

    /** From outside, as the kernel's own would come: no engine knows of it. */
    private static void signal(String signal, String pid) {
        Running.run(List.of("kill", "-" + signal, pid), Map.of(), new byte[0], Duration.ofSeconds(5))
                .ok();
    }
}
