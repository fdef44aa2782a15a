package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code docker run} in the foreground: exit codes, streams, terminal, and what the process is given. */
@CompatTest
class RunIT {
    private final Target target;

    RunIT(Target target) {
        this.target = target;
    }

    @ParameterizedTest
    @CsvSource({"0", "3", "125", "255"})
    void theExitCodeIsTheProcesss(int code) {
        run("sh", "-c", "exit " + code).exited(code);
    }

    @Test
    void aKilledProcessGives128AndTheSignal() {
        // As pid 1 the shell itself cannot be killed by its own SIGKILL, so a child tells the code.
        run("sh", "-c", "sh -c 'kill -9 $$'; exit $?").exited(137);
        String id = target.docker().ok("run", "-d", Target.IMAGE, "sleep", "1000");
        target.docker().ok("kill", id);
        assertThat(target.docker().ok("wait", id)).isEqualTo("137");
        target.docker().ok("rm", id);
    }

    @Test
    void aProgramThatIsNotThereGives127() {
        Outcome outcome = run("/no/such/program").exited(127);

        assertThat(outcome.err()).contains("no such file or directory");
        run("no-such-program-in-path").exited(127);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/passwd", "/tmp"})
    void aProgramThatCannotBeExecutedGives126(String program) {
        assertThat(run(program).exited(126).err()).containsAnyOf("permission denied", "is a directory");
    }

    @Test
    void aRefusalOfTheDaemonGives125() {
        assertThat(target.docker()
                        .run("run", "--rm", "--pull", "never", "berth-test/none:1")
                        .exited(125)
                        .err())
                .contains("No such image");
        assertThat(target.docker()
                        .run("run", "--rm", "--memory", "1k", Target.IMAGE, "true")
                        .exited(125)
                        .err())
                .contains("emory");
    }

    @Test
    void outputAndErrorStayApart() {
        Outcome outcome = run("sh", "-c", "echo to-out; echo to-err >&2");

        assertThat(outcome.ok()).isEqualTo("to-out");
        assertThat(outcome.err().strip()).isEqualTo("to-err");
    }

    @Test
    void allOutputArrivesHoweverMuch() {
        Outcome outcome = run("sh", "-c", "seq 1 200000");

        assertThat(outcome.ok().lines().count()).isEqualTo(200_000);
        assertThat(outcome.ok()).endsWith("\n200000");
    }

    @Test
    void inputReachesTheProcessAndItsEndToo() {
        Outcome outcome = target.docker()
                .runWithInput("one\ntwo\n", "run", "--rm", "-i", Target.IMAGE, "sh", "-c", "cat; echo end");

        assertThat(outcome.ok()).isEqualTo("one\ntwo\nend");
        String much = "0123456789abcdef".repeat(64 * 1024);
        assertThat(target.docker()
                        .runWithInput(much, "run", "--rm", "-i", Target.IMAGE, "wc", "-c")
                        .ok())
                .isEqualTo(Integer.toString(much.length()));
    }

    @Test
    void withoutInputTheProcessReadsItsEndAtOnce() {
        assertThat(run("sh", "-c", "cat; echo done").ok()).isEqualTo("done");
    }

    @Test
    void aTerminalIsOne() {
        Outcome outcome = target.docker()
                .runOnTerminal(
                        "echo typed $((40+2)); exit 5\n",
                        "run",
                        "--rm",
                        "-it",
                        Target.IMAGE,
                        "sh",
                        "-c",
                        "tty; exec sh");

        assertThat(outcome.exited(5).out()).contains("/dev/pts/0", "typed 42");
        assertThat(target.docker()
                        .ok("run", "--rm", "-t", Target.IMAGE, "sh", "-c", "test -t 0 && test -t 1 && echo terminal"))
                .isEqualTo("terminal");
        assertThat(run("sh", "-c", "test -t 1 || echo no terminal").ok()).isEqualTo("no terminal");
    }

    @Test
    void environmentIsExactlyWhatWasSaid() {
        String environment = target.docker()
                .ok("run", "--rm", "-e", "A=1", "-e", "B=two words", "--hostname", "box", Target.IMAGE, "env");

        assertThat(environment.lines())
                .containsExactlyInAnyOrder(
                        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                        "HOSTNAME=box",
                        "A=1",
                        "B=two words",
                        "HOME=/root");
    }

    @Test
    void workdirIsMadeWhenMissing() {
        assertThat(target.docker().ok("run", "--rm", "-w", "/made/for/me", Target.IMAGE, "pwd"))
                .isEqualTo("/made/for/me");
    }

    @ParameterizedTest
    @CsvSource({
        "nobody, uid=65534(nobody) gid=65534(nogroup)",
        "1234, uid=1234 gid=0(root)",
        "1234:5678, uid=1234 gid=5678",
        "nobody:root, uid=65534(nobody) gid=0(root)",
        "0:5678, uid=0(root) gid=5678"
    })
    void theUserIsWhoWasAskedFor(String user, String expected) {
        assertThat(target.docker().ok("run", "--rm", "-u", user, Target.IMAGE, "id"))
                .startsWith(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-such-user", "2147483648", "4294967296", "-1", "0x0", "nobody:no-such-group"})
    void aUserThatDoesNotExistIsRefused(String user) {
        Outcome outcome = target.docker().run("run", "--rm", "--user=" + user, Target.IMAGE, "id");

        assertThat(outcome.exitCode()).as(outcome.toString()).isIn(125, 126);
        assertThat(outcome.out()).doesNotContain("uid=0");
    }

    @Test
    void entrypointAndCommandAreJoined() {
        assertThat(target.docker().ok("run", "--rm", "--entrypoint", "echo", Target.IMAGE, "a", "b"))
                .isEqualTo("a b");
    }

    @Test
    void hostnameIsSetAndIsTheShortIdOtherwise() {
        assertThat(target.docker().ok("run", "--rm", "--hostname", "given", Target.IMAGE, "hostname"))
                .isEqualTo("given");
        String id = target.docker().ok("run", "-d", Target.IMAGE, "hostname");
        target.docker().ok("wait", id);
        assertThat(target.docker().ok("logs", id)).isEqualTo(id.substring(0, 12));
        target.docker().ok("rm", id);
    }

    @Test
    void etcFilesAreOfTheContainer() {
        String output = target.docker()
                .ok("run", "--rm", "--hostname", "box", Target.IMAGE, "cat", "/etc/hostname", "/etc/hosts");

        assertThat(output.lines().findFirst()).contains("box");
        assertThat(output).contains("127.0.0.1\tlocalhost");
    }

    @Test
    void whatAContainerWritesStaysInIt() {
        String id = target.docker().ok("run", "-d", Target.IMAGE, "sh", "-c", "echo mine > /file; rm /etc/group");
        target.docker().ok("wait", id);
        target.docker().ok("start", id);
        assertThat(run("sh", "-c", "test ! -e /file && test -e /etc/group && echo untouched")
                        .ok())
                .isEqualTo("untouched");
        target.docker().ok("rm", "-f", id);
    }

    @Test
    void loopbackIsUpAndNothingElseIsThere() {
        String links = target.docker()
                .ok(
                        "run",
                        "--rm",
                        "--network",
                        "none",
                        Target.IMAGE,
                        "sh",
                        "-c",
                        "ip -o link; ping -c 1 -W 2 127.0.0.1");

        assertThat(links).contains("lo:", "LOOPBACK,UP", "1 packets received");
    }

    private Outcome run(String... command) {
        String[] arguments = new String[command.length + 3];
        arguments[0] = "run";
        arguments[1] = "--rm";
        arguments[2] = Target.IMAGE;
        System.arraycopy(command, 0, arguments, 3, command.length);
        return target.docker().run(arguments);
    }
}
