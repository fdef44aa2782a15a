package io.berth.engine.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.engine.runtime.ContainerId;
import io.berth.engine.runtime.ContainerLaunch;
import io.berth.engine.runtime.ContainerLaunch.ProcessLaunch;
import io.berth.engine.runtime.ContainerLaunch.Rlimit;
import io.berth.engine.runtime.ContainerLaunch.SeccompChoice;
import io.berth.engine.runtime.ContainerLaunch.WindowSize;
import io.berth.engine.runtime.ContainerProcess;
import io.berth.engine.runtime.DeviceLaunch;
import io.berth.engine.runtime.ExecLaunch;
import io.berth.engine.runtime.Isolation;
import io.berth.engine.runtime.LaunchFailure;
import io.berth.engine.runtime.StdioMode;
import io.berth.kernel.KernelTest;
import io.berth.linux.capability.CapabilitySet;
import io.berth.linux.cgroup.CgroupLimits;
import io.berth.linux.cgroup.CgroupStats;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs real containers on a busybox root. Needs the package busybox-static. */
@KernelTest
class KernelContainerRuntimeTest {
    private static final StdioMode NO_INPUT = new StdioMode(false, false, false);

    @TempDir
    static Path data;

    private static KernelContainerRuntime runtime;
    private static Path layer;

    @BeforeAll
    static void prepare() throws Exception {
        layer = Files.createDirectories(data.resolve("layer"));
        Files.createDirectories(layer.resolve("bin"));
        Files.createDirectories(layer.resolve("etc"));
        Files.copy(Path.of("/bin/busybox"), layer.resolve("bin/busybox"));
        for (String applet : List.of(
                "sh",
                "cat",
                "echo",
                "id",
                "sleep",
                "ls",
                "mount",
                "hostname",
                "true",
                "stty",
                "mknod",
                "head",
                "readlink",
                "grep",
                "unshare",
                "tty",
                "ip",
                "touch",
                "wc")) {
            Files.createSymbolicLink(layer.resolve("bin").resolve(applet), Path.of("busybox"));
        }
        Files.writeString(
                layer.resolve("etc/passwd"), "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n");
        Files.writeString(layer.resolve("etc/group"), "root:x:0:\nalice:x:1000:\naudio:x:29:alice\n");
        runtime = KernelContainerRuntime.open(data.resolve("engine"));
        Run _ = run(new Request("true")); // the first one starts the keeper, which none of the tests is to leave behind
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    @Test
    void runsAProgramInItsOwnWorld() throws Exception {
        Run run = run(new Request("sh", "-c", "echo $$; hostname; id; cat /proc/self/cgroup; echo error >&2; exit 3"));
        assertThat(run.exitCode).isEqualTo(3);
        assertThat(run.output)
                .startsWith("1\ntesthost\nuid=0(root) gid=0(root) groups=0(root)\n")
                .contains(":/\n");
        assertThat(run.error).isEqualTo("error\n");
    }

    @Test
    void hasOnlyItsStandardDescriptors() throws Exception {
        Run run = run(new Request("sh", "-c", "ls /proc/self/fd | wc -l"));
        assertThat(run.output.strip()).as("0, 1, 2 and the listed directory").isEqualTo("4");
    }

    @Test
    void isConfined() throws Exception {
        Run run = run(new Request(
                "sh",
                "-c",
                "grep -E 'CapEff|CapInh|CapBnd|Seccomp:|NoNewPrivs' /proc/self/status; "
                        + "unshare -m true 2>/dev/null; echo unshare=$?; "
                        + "echo b 2>/dev/null > /proc/sysrq-trigger; echo sysrq=$?; "
                        + "cat /proc/kcore | wc -c; "
                        + "mknod /tmp.sda b 8 0 && head -c1 /tmp.sda 2>/dev/null; echo device=$?"));
        assertThat(run.output)
                .contains("CapInh:\t0000000000000000")
                .contains("CapEff:\t00000000a80425fb")
                .contains("CapBnd:\t00000000a80425fb")
                .contains("Seccomp:\t2")
                .contains("unshare=1", "sysrq=1", "\n0\n", "device=1");
    }

    @Test
    void runsAsTheUserOfTheImage() throws Exception {
        Request request =
                new Request("sh", "-c", "id; echo $HOME; grep CapEff /proc/self/status; echo x > /dev/stdout");
        request.user = "alice";
        Run run = run(request);
        assertThat(run.output)
                .containsSubsequence(
                        "uid=1000(alice) gid=1000(alice) groups=29(audio),1000(alice)\n",
                        "/home/alice\n",
                        "CapEff:\t0000000000000000\n",
                        "x\n");
    }

    @Test
    void itsStreamsAreAnonymousPipes() throws Exception {
        Request request = new Request(
                "sh",
                "-c",
                "for i in 0 1 2; do readlink /proc/$$/fd/$i; done; cat <&1 2>/dev/null; echo read=$?; echo again >/dev/stdout");
        request.user = "alice";
        request.stdio = new StdioMode(false, true, false);
        assertThat(run(request).output).matches("(pipe:\\[[0-9]+]\n){3}read=1\nagain\n");
    }

    @Test
    void findsItsStreamsAgainThoughNobodyKeptThem() throws Exception {
        Request request = new Request("sh", "-c", "echo before; read x; echo after $x");
        request.stdio = new StdioMode(false, true, false);
        ContainerLaunch launch = request.launch();
        ContainerProcess process = runtime.start(launch);
        try (KernelContainerRuntime other = KernelContainerRuntime.open(data.resolve("stranger"))) {
            ContainerProcess found = other.reattach(launch.id(), process.identity(), request.stdio)
                    .orElseThrow();
            ByteArrayOutputStream output = new ByteArrayOutputStream();
            found.deliverTo((stream, content) -> output.writeBytes(content));
            byte[] line = "all\n".getBytes(StandardCharsets.UTF_8);
            found.write(line, 0, line.length);
            found.drained().get(20, TimeUnit.SECONDS);
            assertThat(output.toString(StandardCharsets.UTF_8)).isEqualTo("before\nafter all\n");
        }
        process.deliverTo((stream, content) -> {});
        process.drained().get(20, TimeUnit.SECONDS);
        clean(launch);
    }

    @Test
    void raisesLoopbackAndNothingElse() throws Exception {
        Run run = run(new Request("sh", "-c", "ip -o link"));
        assertThat(run.output.lines())
                .singleElement()
                .asString()
                .contains("lo:")
                .contains("UP");
    }

    @Test
    void limitsMemoryAndSaysSo() throws Exception {
        Request request = new Request(
                "sh",
                "-c",
                "head -c 200000000 /dev/zero | tail -n1 >/dev/null; exec sh -c 'x=$(head -c 200000000 /dev/zero | busybox tr \"\\0\" a)'");
        request.limits = CgroupLimits.ofMemory(32L << 20, 32L << 20).withPids(50L);
        ContainerLaunch launch = request.launch();
        ContainerProcess process = runtime.start(launch);
        process.deliverTo((stream, content) -> {});
        process.drained().get(60, TimeUnit.SECONDS);
        assertThat(runtime.outOfMemoryKills(launch.id())).isPositive();
        clean(launch);
    }

    @Test
    void talksThroughATerminal() throws Exception {
        Request request =
                new Request("sh", "-c", "tty; stty size; cat > /dev/console < /dev/null; read x; echo got $x");
        request.stdio = new StdioMode(true, true, false);
        request.window = new WindowSize(33, 77);
        ContainerLaunch launch = request.launch();
        ContainerProcess process = runtime.start(launch);
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        process.deliverTo((stream, content) -> output.writeBytes(content));
        byte[] line = "hello\n".getBytes(StandardCharsets.UTF_8);
        process.write(line, 0, line.length);
        process.drained().get(20, TimeUnit.SECONDS);
        assertThat(output.toString(StandardCharsets.UTF_8)).contains("/dev/pts/0\r\n", "33 77\r\n", "got hello");
        clean(launch);
        assertThat(launch.directory().resolve("terminal-keeper")).doesNotExist();
    }

    @Test
    void readsInputToItsEnd() throws Exception {
        Request request = new Request("cat");
        request.stdio = new StdioMode(false, true, true);
        ContainerLaunch launch = request.launch();
        ContainerProcess process = runtime.start(launch);
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        process.deliverTo((stream, content) -> output.writeBytes(content));
        byte[] megabyte = new byte[1 << 20];
        process.write(megabyte, 0, megabyte.length);
        process.closeInput();
        process.drained().get(20, TimeUnit.SECONDS);
        assertThat(output.size()).isEqualTo(megabyte.length);
        clean(launch);
    }

    @Test
    void execsIntoARunningContainer() throws Exception {
        ContainerLaunch launch = new Request("sleep", "100").launch();
        ContainerProcess process = runtime.start(launch);
        process.deliverTo((stream, content) -> {});
        try {
            ContainerId execId = ContainerId.random();
            Request request =
                    new Request("sh", "-c", "hostname; cat /proc/1/cmdline; ls /proc/self/fd | wc -l; exit 7");
            ContainerProcess exec = runtime.exec(
                    process.identity(),
                    new ExecLaunch(
                            execId,
                            launch.id(),
                            launch.directory(),
                            request.process(),
                            launch.process().capabilities()));
            ByteArrayOutputStream output = new ByteArrayOutputStream();
            exec.deliverTo((stream, content) -> output.writeBytes(content));
            exec.drained().get(20, TimeUnit.SECONDS);
            assertThat(exec.exit().get().code()).isEqualTo(7);
            assertThat(output.toString(StandardCharsets.UTF_8)).isEqualTo("testhost\nsleep\000100\0004\n");
            assertThat(runtime.processes(launch.id())).hasSize(1);
        } finally {
            process.signal(9);
            process.drained().get(20, TimeUnit.SECONDS);
            clean(launch);
        }
        assertThat(process.exit().get().code()).isEqualTo(137);
        assertThatThrownBy(() -> runtime.exec(
                        process.identity(),
                        new ExecLaunch(
                                ContainerId.random(),
                                launch.id(),
                                launch.directory(),
                                new Request("true").process(),
                                launch.process().capabilities())))
                .isInstanceOfSatisfying(
                        LaunchFailure.class,
                        failure -> assertThat(failure.kind()).isEqualTo(LaunchFailure.Kind.CONTAINER_STOPPED));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nosuch", "/nosuch", "/etc/passwd", "/etc", "nosuch/x"})
    void saysWhyAProgramCannotRun(String program) {
        ContainerLaunch launch = new Request(program).launch();
        assertThatThrownBy(() -> runtime.start(launch))
                .isInstanceOf(LaunchFailure.class)
                .satisfies(failure -> {
                    switch (program) {
                        case "nosuch" ->
                            assertThat(failure).hasMessage("exec: \"nosuch\": executable file not found in $PATH");
                        case "/nosuch", "nosuch/x" ->
                            assertThat(failure)
                                    .hasMessage("exec: \"" + program + "\": stat " + program
                                            + ": no such file or directory");
                        case "/etc" -> assertThat(failure).hasMessage("exec: \"/etc\": is a directory");
                        default -> assertThat(failure).hasMessage("exec: \"" + program + "\": permission denied");
                    }
                });
        runtime.deleteDirectory(launch.directory());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/proc/self/fd/3", "/proc/self/fd/7", "/proc/self/fd/20", "/proc/self/fd/63", "/proc/self/cwd/.."
            })
    void cannotStartInADirectoryOfTheHost(String workingDirectory) throws Exception {
        Request request = new Request("sh", "-c", "ls; readlink /proc/self/cwd");
        request.workingDirectory = workingDirectory;
        ContainerLaunch launch = request.launch();
        assertThatThrownBy(() -> runtime.start(launch))
                .isInstanceOf(LaunchFailure.class)
                .hasMessageContaining("chdir to cwd");
        runtime.deleteDirectory(launch.directory());
    }

    @ParameterizedTest
    @ValueSource(strings = {"proc", "sys", "dev"})
    void refusesAnImageThatRedirectsTheKernelsFileSystems(String name) throws Exception {
        Path hostile = Files.createDirectories(data.resolve("hostile-" + name));
        Path canary = Files.createDirectories(data.resolve("canary-" + name));
        Files.createSymbolicLink(hostile.resolve(name), canary);
        Request request = new Request("sh", "-c", "true");
        request.layers = List.of(layer, hostile);
        ContainerLaunch launch = request.launch();
        assertThatThrownBy(() -> runtime.start(launch)).isInstanceOf(LaunchFailure.class);
        assertThat(canary).isEmptyDirectory();
        runtime.deleteDirectory(launch.directory());
    }

    @Test
    void makesTheWorkingDirectoryInsideOnly() throws Exception {
        Path hostile = Files.createDirectories(data.resolve("hostile-wd"));
        Path canary = Files.createDirectories(data.resolve("canary-wd"));
        Files.createSymbolicLink(hostile.resolve("out"), canary);
        Files.createDirectories(hostile.resolve("var/run"));
        Files.createSymbolicLink(hostile.resolve("run"), Path.of("/var/run"));
        Request inside = new Request("/bin/readlink", "/proc/self/cwd");
        inside.layers = List.of(layer, hostile);
        inside.workingDirectory = "/run/made";
        assertThat(run(inside).output).isEqualTo("/var/run/made\n");

        Request outside = new Request("/bin/readlink", "/proc/self/cwd");
        outside.layers = List.of(layer, hostile);
        outside.workingDirectory = "/out/made";
        ContainerLaunch launch = outside.launch();
        assertThatThrownBy(() -> runtime.start(launch)).isInstanceOf(LaunchFailure.class);
        assertThat(canary).isEmptyDirectory();
        runtime.deleteDirectory(launch.directory());
    }

    @Test
    void freezesUpdatesAndCounts() throws Exception {
        ContainerLaunch launch = new Request("sh", "-c", "while :; do :; done").launch();
        ContainerProcess process = runtime.start(launch);
        process.deliverTo((stream, content) -> {});
        try {
            runtime.freeze(launch.id());
            long used = runtime.stats(launch.id()).cpuNanos();
            Thread.sleep(50);
            assertThat(runtime.stats(launch.id()).cpuNanos()).as("while frozen").isEqualTo(used);
            runtime.thaw(launch.id());
            runtime.update(
                    launch.id(), CgroupLimits.ofMemory(96L << 20, 96L << 20).withPids(7L));
            CgroupStats stats = runtime.stats(launch.id());
            assertThat(stats.memoryLimitBytes()).isEqualTo(96L << 20);
            assertThat(stats.pidsLimit()).isEqualTo(7);
            assertThat(stats.pids()).isEqualTo(1);
            runtime.freeze(launch.id());
        } finally {
            runtime.killAll(launch.id());
            process.drained().get(20, TimeUnit.SECONDS);
            clean(launch);
        }
        assertThat(process.exit().get().code()).isEqualTo(137);
        runtime.thaw(launch.id());
        assertThat(runtime.stats(launch.id()).cpuNanos()).isZero();
    }

    @Test
    void survivesTheRuntimeThatStartedIt() throws Exception {
        ContainerLaunch launch = new Request("sh", "-c", "echo before; sleep 1; echo after; exit 5").launch();
        assertThat(outlive(launch, NO_INPUT, 0)).isEqualTo(new Run(5, "before\nafter\n", ""));
    }

    @Test
    void losesNeitherOutputNorStatusOfWhatEndedWhileNoRuntimeWasThere() throws Exception {
        for (boolean tty : List.of(false, true)) {
            Request request = new Request("sh", "-c", "echo last words; exit 7");
            request.stdio = new StdioMode(tty, false, false);
            assertThat(outlive(request.launch(), request.stdio, 20))
                    .isEqualTo(new Run(7, tty ? "last words\r\n" : "last words\n", ""));
        }
    }

    /**
     * Starts a container with one runtime and follows it with the next.
     *
     * @param secondsToEnd how long to wait for its end before the next runtime begins; zero not to
     */
    private static Run outlive(ContainerLaunch launch, StdioMode stdio, int secondsToEnd) throws Exception {
        KernelContainerRuntime second;
        Run run;
        try (KernelContainerRuntime first = KernelContainerRuntime.open(data.resolve("outlived"))) {
            ContainerProcess process = first.start(launch);
            if (secondsToEnd > 0) {
                process.exit().get(secondsToEnd, TimeUnit.SECONDS);
            }
            second = KernelContainerRuntime.open(data.resolve("outlived"));
            ContainerProcess found =
                    second.reattach(launch.id(), process.identity(), stdio).orElseThrow();
            ByteArrayOutputStream output = new ByteArrayOutputStream();
            found.deliverTo((stream, content) -> output.writeBytes(content));
            found.drained().get(20, TimeUnit.SECONDS);
            run = new Run(found.exit().get(20, TimeUnit.SECONDS).code(), output.toString(StandardCharsets.UTF_8), "");
            process.deliverTo((stream, content) -> {});
            process.drained().get(20, TimeUnit.SECONDS);
            second.release(launch.id());
            assertThat(second.reattach(launch.id(), process.identity(), stdio))
                    .as("after its release")
                    .isEmpty();
        }
        second.close();
        runtime.deleteDirectory(launch.directory());
        return run;
    }

    @Test
    void launchesManyAtOnce() throws Exception {
        List<ContainerLaunch> launches = java.util.stream.IntStream.range(0, 40)
                .mapToObj(i -> new Request("echo", "hi").launch())
                .toList();
        List<Run> runs = launches.parallelStream()
                .map(launch -> {
                    try {
                        return runLaunch(launch);
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                })
                .toList();
        assertThat(runs).allSatisfy(run -> assertThat(run.output).isEqualTo("hi\n"));
    }

    private record Run(int exitCode, String output, String error) {}

    private static Run run(Request request) throws Exception {
        return runLaunch(request.launch());
    }

    private static Run runLaunch(ContainerLaunch launch) throws Exception {
        ContainerProcess process = runtime.start(launch);
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        ByteArrayOutputStream error = new ByteArrayOutputStream();
        process.deliverTo(
                (stream, content) -> (stream == ContainerProcess.Stream.STDOUT ? output : error).writeBytes(content));
        process.drained().get(30, TimeUnit.SECONDS);
        int code = process.exit().get().code();
        clean(launch);
        return new Run(code, output.toString(StandardCharsets.UTF_8), error.toString(StandardCharsets.UTF_8));
    }

    private static void clean(ContainerLaunch launch) {
        runtime.release(launch.id());
        runtime.deleteDirectory(launch.directory());
    }

    private static final class Request {
        private final List<String> argv;
        private String user = "";
        private String workingDirectory = "";
        private StdioMode stdio = NO_INPUT;
        private WindowSize window = new WindowSize(24, 80);
        private CgroupLimits limits = CgroupLimits.NONE;
        private List<Path> layers = List.of(layer);

        Request(String... argv) {
            this.argv = List.of(argv);
        }

        ProcessLaunch process() {
            return new ProcessLaunch(
                    argv,
                    List.of("PATH=/usr/bin:/bin"),
                    workingDirectory,
                    user,
                    List.of(),
                    CapabilitySet.DOCKER_DEFAULT,
                    false,
                    new SeccompChoice.Default(),
                    "",
                    Map.of("nofile", new Rlimit(16, 4096)),
                    0,
                    stdio,
                    window);
        }

        ContainerLaunch launch() {
            ContainerId id = ContainerId.random();
            return new ContainerLaunch(
                    id,
                    data.resolve("engine/containers").resolve(id.value()),
                    layers,
                    process(),
                    "testhost",
                    "",
                    limits,
                    false,
                    false,
                    List.of("/proc/kcore", "/proc/keys", "/sys/firmware", "/proc/scsi"),
                    List.of("/proc/sys", "/proc/sysrq-trigger", "/proc/bus", "/proc/fs", "/proc/irq"),
                    64 << 20,
                    List.of(),
                    Isolation.FULL,
                    DeviceLaunch.NONE,
                    false,
                    "",
                    Map.of());
        }
    }
}
