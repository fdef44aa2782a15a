package io.berth.engine.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.engine.runtime.ContainerLaunch.Rlimit;
import io.berth.engine.runtime.ContainerLaunch.SeccompChoice;
import io.berth.engine.runtime.ContainerProcess;
import io.berth.engine.runtime.Isolation.IdRange;
import io.berth.engine.runtime.Isolation.NamespaceChoice;
import io.berth.engine.runtime.LaunchFailure;
import io.berth.engine.runtime.kernel.BusyboxContainers.Request;
import io.berth.engine.runtime.kernel.BusyboxContainers.Run;
import io.berth.kernel.KernelTest;
import io.berth.linux.capability.Capability;
import io.berth.linux.capability.CapabilitySet;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A container with CAP_SYS_PTRACE hunts for processes that are being launched into its pid namespace: {@code hunter.c} tries
 * every way the kernel has from one process to another. {@code stepper.c} traces this JVM from outside and holds each launch at
 * every system call until the hunter has looked.
 */
@KernelTest
@Timeout(120)
class LaunchHunterTest {
    /** An init has its own sealed executable open, and the pipe by which it says that the program was executed. */
    private static final String OF_AN_INIT =
            "descriptor (pipe:: pipe:\\[\\d+]|/memfd:docker-init.*: /memfd:docker-init.*)";

    private static final int LAUNCHES_AT_FULL_SPEED = 100;
    private static final CapabilitySet TRACING = CapabilitySet.DOCKER_DEFAULT.with(Capability.CAP_SYS_PTRACE);
    private static final String NO_CLONE = """
            {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
             {"names": ["clone", "clone3", "fork", "vfork", "setsid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}
            """;

    @TempDir
    static Path data;

    private static BusyboxContainers containers;
    private static Path stepper;
    private static Path marker;

    @BeforeAll
    static void prepare() throws Exception {
        boolean compiler = Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "gcc")));
        assertThat(compiler || !"required".equals(System.getProperty("kernel.tests")))
                .as("gcc is installed where kernel tests are required")
                .isTrue();
        assumeTrue(compiler, "gcc is not installed");
        containers = new BusyboxContainers(data);
        marker = Files.writeString(data.resolve("marker"), "of the host");
        compile("hunter", containers.layer.resolve("bin/hunter"));
        stepper = data.resolve("stepper");
        compile("stepper", stepper);
    }

    private static void compile(String name, Path program) throws Exception {
        try (InputStream source = Objects.requireNonNull(LaunchHunterTest.class.getResourceAsStream(name + ".c"))) {
            Files.copy(source, data.resolve(name + ".c"));
        }
        Process gcc = new ProcessBuilder("gcc", "-static", "-O1", "-o", program.toString(), name + ".c")
                .directory(data.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(gcc.waitFor()).as(output).isZero();
    }

    @AfterAll
    static void close() {
        containers.close();
    }

    /** How a process comes into the hunter's pid namespace. */
    enum Way {
        EXEC,
        EXEC_AS_USER,
        EXEC_WITHOUT_NEW_PRIVILEGES,
        PRIVILEGED_EXEC,
        EXEC_WITH_USER_IDS_OF_ITS_OWN,
        START_IN_PID_NAMESPACE,
        START_WITH_INIT_IN_PID_NAMESPACE,
        EXEC_IN_OTHER_OF_PID_NAMESPACE
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void aHunterFindsNothingOfTheHostAtAnyStep(Way way) throws Exception {
        try (Hunt hunt = new Hunt(way, 0)) {
            int launches = 0;
            do {
                assertThat(launches++)
                        .as("launches that the stepper did not see")
                        .isLessThan(10);
                assertThat(hunt.launch().exitCode()).isZero(); // makes the thread that the stepper holds
            } while (!hunt.launchHeld());
            assertThat(hunt.seen())
                    .as("times that the process was met before its program")
                    .isPositive();
            assertThat(hunt.findings().lines())
                    .filteredOn(finding -> way != Way.START_WITH_INIT_IN_PID_NAMESPACE || !finding.matches(OF_AN_INIT))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Way.class,
            names = {"EXEC", "EXEC_WITH_USER_IDS_OF_ITS_OWN", "START_IN_PID_NAMESPACE"})
    void aHunterFindsNothingOfTheHostByTracing(Way way) throws Exception {
        try (Hunt hunt = new Hunt(way, 1)) {
            for (int i = 0; i < LAUNCHES_AT_FULL_SPEED; i++) {
                hunt.launch();
            }
            assertThat(hunt.findings()).isEmpty();
        }
    }

    /** What it puts into a process's memory is executed by that process alone, which is in the container. */
    @Test
    void whatAHunterWritesStaysInTheContainer() throws Exception {
        try (Hunt hunt = new Hunt(Way.EXEC, 2)) {
            hunt.launchOrFail();
            Process held = hunt.holdLaunches();
            try {
                hunt.launchOrFail();
            } finally {
                held.destroy();
                held.waitFor();
            }
            assertThat(hunt.seen()).isPositive();
            assertThat(hunt.owned).doesNotExist();
            assertThat(hunt.findings()).isEmpty();
        }
    }

    /** A filter that refuses what the launch itself needs is loaded by the process, with nothing but the right to do so. */
    @ParameterizedTest
    @EnumSource(
            value = Way.class,
            names = {"EXEC", "EXEC_AS_USER", "EXEC_WITHOUT_NEW_PRIVILEGES"})
    void aProfileThatRefusesToMakeProcessesHoldsForAnExec(Way way) throws Exception {
        Request request = containers.command("sleep", "1000");
        request.seccomp = new SeccompChoice.Custom(NO_CLONE);
        ContainerProcess container = request.start();
        container.deliverTo((stream, content) -> {});
        try {
            Request exec = containers.command("cat", "/proc/self/status");
            exec.seccomp = request.seccomp;
            exec.user = way == Way.EXEC_AS_USER ? "alice" : "";
            exec.noNewPrivileges = way == Way.EXEC_WITHOUT_NEW_PRIVILEGES;
            exec.rlimits = Map.of("nproc", new Rlimit(70, 80));
            Run run = request.exec(container, exec);
            assertThat(run.exitCode()).isZero();
            String effective = way == Way.EXEC_AS_USER ? hex(CapabilitySet.NONE) : hex(CapabilitySet.DOCKER_DEFAULT);
            assertThat(run.output())
                    .contains("Seccomp:\t2", "CapEff:\t" + effective, "CapBnd:\t" + hex(CapabilitySet.DOCKER_DEFAULT));
            Request two = containers.sh("(exit 3); exit 0");
            two.seccomp = request.seccomp;
            assertThat(request.exec(container, two).exitCode()).isNotZero();
        } finally {
            end(container, request);
        }
    }

    /** The process that makes the one of an exec does not count against the user's limit. */
    @Test
    void aLimitOfProcessesIsThatOfTheProgram() throws Exception {
        Request request = containers.command("sleep", "1000");
        request.user = "4711";
        request.rlimits = Map.of("nproc", new Rlimit(2, 2));
        ContainerProcess container = request.start();
        container.deliverTo((stream, content) -> {});
        try {
            Request exec = containers.sh("ulimit -u; (true); true");
            exec.user = request.user;
            exec.rlimits = request.rlimits;
            Run run = request.exec(container, exec);
            assertThat(run.output()).isEqualTo("2\n");
            assertThat(run.error()).contains("fork");
        } finally {
            end(container, request);
        }
    }

    private static String hex(CapabilitySet set) {
        return "%016x".formatted(set.bits());
    }

    private static void end(ContainerProcess container, Request request) {
        container.signal(9);
        container.drained().copy().orTimeout(20, TimeUnit.SECONDS).join();
        request.clean();
    }

    /** A container that hunts, and what is launched beside it. */
    private static final class Hunt implements AutoCloseable {
        private final Way way;
        private final Path owned = data.resolve("owned-" + System.nanoTime());
        private final Request request;
        private final ContainerProcess hunter;
        private final Request beside;
        private final @Nullable ContainerProcess other;

        Hunt(Way way, int trace) throws Exception {
            this.way = way;
            List<String> command = new ArrayList<>(List.of(
                    "/bin/hunter",
                    "/",
                    marker.toString(),
                    owned.toString(),
                    hex(way == Way.PRIVILEGED_EXEC ? CapabilitySet.all() : TRACING),
                    "2",
                    Integer.toString(trace)));
            for (String kind : List.of("mnt", "net", "ipc", "uts", "cgroup", "pid")) {
                command.add(
                        Files.readSymbolicLink(Path.of("/proc/self/ns", kind)).toString());
            }
            request = containers.command(command.toArray(String[]::new));
            request.capabilities = TRACING;
            if (way == Way.EXEC_WITH_USER_IDS_OF_ITS_OWN) {
                request.users = new IdRange(1_900_000_000L, 65_536);
            }
            hunter = request.start();
            hunter.deliverTo((stream, content) -> {});
            await(() -> Files.exists(inside("seen")) && counter("rounds") > 0);
            beside = joining("sleep 1000");
            other = way == Way.EXEC_IN_OTHER_OF_PID_NAMESPACE ? beside.start() : null;
            if (other != null) {
                other.deliverTo((stream, content) -> {});
            }
        }

        /** Without privileges that the hunter has not, so that what has more is not the program. */
        private Request joining(String script) {
            Request joining = containers.sh(script);
            joining.capabilities = TRACING;
            joining.pid = new NamespaceChoice.Of(hunter.identity());
            return joining;
        }

        private Path inside(String file) {
            return Path.of("/proc/" + hunter.identity().pid() + "/root", file);
        }

        private long counter(String name) {
            try (InputStream in = Files.newInputStream(inside(name))) {
                return ByteBuffer.wrap(in.readNBytes(Long.BYTES))
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .getLong();
            } catch (IOException | RuntimeException e) {
                return 0;
            }
        }

        Run launch() throws Exception {
            return switch (way) {
                case START_IN_PID_NAMESPACE -> joining("echo done").run();
                case START_WITH_INIT_IN_PID_NAMESPACE -> {
                    Request start = joining("echo done");
                    start.init = true;
                    yield start.run();
                }
                case EXEC_IN_OTHER_OF_PID_NAMESPACE -> beside.exec(Objects.requireNonNull(other), exec());
                default -> request.exec(hunter, exec());
            };
        }

        private Request exec() {
            Request exec = containers.sh("echo done");
            exec.capabilities = way == Way.PRIVILEGED_EXEC ? CapabilitySet.all() : TRACING;
            exec.user = way == Way.EXEC_AS_USER ? "alice" : "";
            exec.noNewPrivileges = way == Way.EXEC_WITHOUT_NEW_PRIVILEGES;
            return exec;
        }

        /** A launch that may fail, by what the hunter has made of its process. */
        void launchOrFail() throws Exception {
            try {
                launch();
            } catch (LaunchFailure e) {
                assertThat(e).hasMessageNotContaining("the launching process");
            }
        }

        /** A launch that is held at every step; false when it was made by a thread that was not there to be held. */
        boolean launchHeld() throws Exception {
            Process held = holdLaunches();
            try {
                assertThat(launch().output()).isEqualTo("done\n");
                if (!held.inputReader().ready()) {
                    return false;
                }
                assertThat(stops(held)).isPositive();
                return true;
            } finally {
                held.destroy();
                held.waitFor();
            }
        }

        Process holdLaunches() throws Exception {
            Process process = new ProcessBuilder(
                            stepper.toString(),
                            Long.toString(ProcessHandle.current().pid()),
                            inside("rounds").toString())
                    .redirectErrorStream(true)
                    .start();
            assertThat(process.inputReader().readLine()).isEqualTo("ready");
            return process;
        }

        /** At how many moments the process of the last launch was held. */
        int stops(Process held) throws Exception {
            BufferedReader lines = held.inputReader();
            return Integer.parseInt(lines.readLine().split(" ")[1]);
        }

        long seen() {
            return counter("seen");
        }

        String findings() throws Exception {
            return Files.readString(inside("findings"), StandardCharsets.UTF_8);
        }

        private static void await(BooleanSupplier condition) throws Exception {
            for (int i = 0; i < 1000 && !condition.getAsBoolean(); i++) {
                Thread.sleep(10);
            }
            assertThat(condition.getAsBoolean()).isTrue();
        }

        @Override
        public void close() {
            if (other != null) {
                end(other, beside);
            }
            end(hunter, request);
        }
    }
}
