package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Logs, attach and exec. */
@CompatTest
class StreamsIT {
    private static final String LABEL = "berth.test=streams";
    private static final Duration SOON = Duration.ofSeconds(10);

    private final Target target;

    StreamsIT(Target target) {
        this.target = target;
    }

    @AfterEach
    void removeContainers() {
        target.removeContainers(LABEL);
    }

    @Test
    void logsAreKeptByStreamInOrder() {
        String id = detached("sh", "-c", "for i in 1 2 3 4 5; do echo out $i; echo err $i >&2; done");
        target.docker().ok("wait", id);

        Outcome logs = target.docker().run("logs", id);
        assertThat(logs.ok()).isEqualTo("out 1\nout 2\nout 3\nout 4\nout 5");
        assertThat(logs.err().strip()).isEqualTo("err 1\nerr 2\nerr 3\nerr 4\nerr 5");
    }

    @Test
    void logsTailAndTimestamps() {
        String id = detached("sh", "-c", "seq 1 100");
        target.docker().ok("wait", id);

        assertThat(target.docker().ok("logs", "--tail", "3", id)).isEqualTo("98\n99\n100");
        assertThat(target.docker().ok("logs", "-n", "0", id)).isEmpty();
        assertThat(target.docker().ok("logs", "--tail", "all", id).lines().count())
                .isEqualTo(100);
        assertThat(target.docker().ok("logs", "-t", "--tail", "1", id))
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z 100");
    }

    @Test
    void logsSinceAndUntil() {
        String id = detached("sh", "-c", "echo early; sleep 2.5; echo late");
        target.docker().ok("wait", id);
        String first = target.docker().ok("logs", "-t", id).lines().findFirst().orElseThrow();
        Instant between = Instant.parse(first.substring(0, first.indexOf(' '))).plusMillis(1200);

        assertThat(target.docker().ok("logs", "--since", between.toString(), id))
                .isEqualTo("late");
        assertThat(target.docker().ok("logs", "--until", between.toString(), id))
                .isEqualTo("early");
    }

    @Test
    void logsFollowUntilTheEnd() {
        String id = detached("sh", "-c", "for i in 1 2 3 4 5 6; do echo line $i; sleep 0.3; done");
        try (Running follow = target.docker().start("logs", "-f", id)) {
            Eventually.holds(SOON, () -> follow.outUntilNow().contains("line 2"), follow::outUntilNow);
            assertThat(follow.isRunning()).isTrue();
            assertThat(follow.await(SOON).ok().lines().count()).isEqualTo(6);
        }
    }

    @Test
    void aLongLineIsOneLine() {
        String id = detached("sh", "-c", "head -c 100000 /dev/zero | tr '\\0' x; echo; echo next");
        target.docker().ok("wait", id);

        assertThat(target.docker().ok("logs", id).lines().map(String::length)).containsExactly(100_000, 4);
    }

    @Test
    void attachSeesWhatComesAndGivesTheExitCode() {
        String id = detached("sh", "-c", "read go; echo went; exit 8", "-i");
        try (Running attached = target.docker().start("attach", id)) {
            // The client prints nothing when it is attached; what is typed waits for it.
            attached.type("go\n".getBytes(StandardCharsets.UTF_8));
            Outcome outcome = attached.await(SOON);
            assertThat(outcome.exited(8).out()).contains("went");
        }
        assertThat(target.docker().run("attach", id).exited(1).err()).contains("stopped container");
    }

    @Test
    void execRunsBesideTheFirstProcess() {
        String id = detached("sleep", "1000");

        assertThat(target.docker().ok("exec", id, "cat", "/proc/1/cmdline")).startsWith("sleep");
        assertThat(target.docker().ok("exec", id, "hostname")).isEqualTo(id.substring(0, 12));
        Outcome both = target.docker().run("exec", id, "sh", "-c", "echo o; echo e >&2; exit 11");
        assertThat(both.exited(11).out().strip()).isEqualTo("o");
        assertThat(both.err().strip()).isEqualTo("e");
    }

    @Test
    void execTakesInputEnvironmentUserAndDirectory() {
        String id = detached("sleep", "1000");

        assertThat(target.docker()
                        .runWithInput("a\nb\n", "exec", "-i", id, "cat")
                        .ok())
                .isEqualTo("a\nb");
        assertThat(target.docker()
                        .ok(
                                "exec",
                                "-e",
                                "X=y",
                                "-u",
                                "nobody",
                                "-w",
                                "/tmp",
                                id,
                                "sh",
                                "-c",
                                "echo $X $(id -un) $PWD"))
                .isEqualTo("y nobody /tmp");
        assertThat(target.docker()
                        .runOnTerminal("exit 3\n", "exec", "-it", id, "sh")
                        .exitCode())
                .isEqualTo(3);
        target.docker().ok("exec", "-d", id, "touch", "/made-by-exec");
        Eventually.holds(
                SOON,
                () -> target.docker()
                                .run("exec", id, "test", "-e", "/made-by-exec")
                                .exitCode()
                        == 0,
                () -> "no file");
    }

    @Test
    void execTellsWhatIsWrong() {
        String id = detached("sleep", "1000");

        assertThat(target.docker().run("exec", id, "/no/such").exitCode()).isIn(126, 127);
        assertThat(target.docker().run("exec", id, "/etc/passwd").exited(126).toString())
                .contains("ermission denied");
        target.docker().ok("kill", id);
        target.docker().ok("wait", id);
        assertThat(target.docker().run("exec", id, "true").exited(1).err()).contains("is not running");
        assertThat(target.docker()
                        .run("exec", "no-such-container", "true")
                        .exited(1)
                        .err())
                .contains("No such container");
    }

    private String detached(String... command) {
        boolean input = command[command.length - 1].equals("-i");
        int length = input ? command.length - 1 : command.length;
        String[] arguments = new String[length + 6];
        System.arraycopy(
                new String[] {"run", "-d", input ? "-i" : "--tty=false", "--label", LABEL, Target.IMAGE},
                0,
                arguments,
                0,
                6);
        System.arraycopy(command, 0, arguments, 6, length);
        return target.docker().ok(arguments);
    }
}
