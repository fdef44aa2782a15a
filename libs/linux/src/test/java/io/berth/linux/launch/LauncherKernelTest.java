package io.berth.linux.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.kernel.KernelTest;
import io.berth.linux.Errno;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.Fd;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.process.ExitStatus;
import io.berth.linux.terminal.Pipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a launched process is and has, seen from outside. */
@KernelTest
@Timeout(120)
class LauncherKernelTest {
    private static final int SIGKILL = 9;
    private static final int SIGUSR2 = 12;
    private static final int SIGSYS = 31;

    private Launcher launcher;
    private Payload payload;

    @BeforeEach
    void open() {
        launcher = Launcher.open();
        payload = new Payload(launcher);
    }

    @AfterEach
    void close() {
        launcher.close();
    }

    @Test
    void tellsHowAProgramEnded() {
        assertThat(payload.run("true")).isEqualTo(new ExitStatus.Exited(0));
        assertThat(payload.run("sh", "-c", "exit 3")).isEqualTo(new ExitStatus.Exited(3));
        assertThat(payload.run("sh", "-c", "kill -9 $$")).isEqualTo(new ExitStatus.Signaled(SIGKILL, false));
        // In a namespace of its own the process is init there, which its own signals cannot kill.
        assertThat(payload.run(LaunchOptions.inNewNamespaces(Payload.CONTAINER), "sh", "-c", "kill -9 $$; exit 4"))
                .isEqualTo(new ExitStatus.Exited(4));
    }

    @Test
    void passesArgumentsAndEnvironmentAsTheyAre() throws Exception {
        try (Pipe pipe = Pipe.open("output")) {
            LaunchProgramBuilder builder = LaunchProgram.builder();
            builder.files().dup3(FdArgument.of(pipe.writer()), 1, 0);
            builder.files().closeOnExecFrom(3);
            builder.process()
                    .execve(
                            "/bin/busybox",
                            List.of("sh", "-c", "printf '%s|' \"$0\" \"$@\"; env", "", "a b", "ü"),
                            List.of("ONE=1", "TWO= two"));
            assertThat(payload.output(pipe, builder.build(), LaunchOptions.inSameNamespaces()))
                    .startsWith("|a b|ü|")
                    .contains("ONE=1\n", "TWO= two\n")
                    .doesNotContain("JAVA", "HOME");
        }
    }

    @Test
    void namesTheStepThatFails() {
        LaunchProgramBuilder builder = LaunchProgram.builder();
        builder.mounts().mount("proc", "/nowhere", "proc", 0, null);
        builder.process().exit(0);
        assertThatThrownBy(() -> launcher.launch(builder.build(), LaunchOptions.inNewNamespaces(Payload.CONTAINER)))
                .isInstanceOfSatisfying(LaunchException.class, e -> {
                    assertThat(e).hasMessage("mount proc on /nowhere: ENOENT (No such file or directory)");
                    assertThat(e.errno()).isEqualTo(Errno.ENOENT);
                    assertThat(e.call()).isEqualTo("mount");
                    assertThat(e.stepName()).isEqualTo("mount proc on /nowhere");
                });
    }

    @Test
    void tellsWhyNoChildWasMade() {
        try (Fd notACgroup = Directory.open(Path.of("/")).fd()) {
            assertThatThrownBy(() -> launcher.launch(
                            Payload.busybox("true"),
                            LaunchOptions.inSameNamespaces().inCgroup(notACgroup)))
                    .isInstanceOf(LaunchException.class)
                    .hasMessage("create process: EBADF (Bad file descriptor)");
        }
    }

    @Test
    void findsTheProgramAsASearchOfPathDoes() throws IOException {
        Path directory = Files.createTempDirectory("launch");
        Path refused = Files.writeString(directory.resolve("refused"), "#!/bin/busybox sh\n");
        Path broken = Files.writeString(directory.resolve("broken"), "no program\n");
        assertThat(broken.toFile().setExecutable(true)).isTrue();
        try {
            assertThat(execFirst("/nowhere/true", "/bin/busybox/true", "/bin/busybox"))
                    .isEqualTo(new ExitStatus.Exited(0));
            assertThatThrownBy(() -> execFirst("/nowhere/x", "/nor/here/x"))
                    .isInstanceOfSatisfying(LaunchException.class, e -> {
                        assertThat(e.errno()).isEqualTo(Errno.ENOENT);
                        assertThat(e.failures()).hasSize(2);
                    });
            assertThatThrownBy(() -> execFirst(refused.toString(), "/nowhere/x"))
                    .isInstanceOfSatisfying(
                            LaunchException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EACCES));
            assertThatThrownBy(() -> execFirst(broken.toString(), "/bin/busybox"))
                    .isInstanceOfSatisfying(
                            LaunchException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOEXEC));
        } finally {
            Files.delete(refused);
            Files.delete(broken);
            Files.delete(directory);
        }
    }

    private ExitStatus execFirst(String... paths) {
        LaunchProgramBuilder builder = LaunchProgram.builder();
        builder.process().execveFirst(List.of(paths), List.of("true"), List.of());
        return payload.run(builder.build(), LaunchOptions.inSameNamespaces());
    }

    @Test
    void tellsThatTheChildWasKilled() {
        LaunchProgramBuilder builder = LaunchProgram.builder();
        builder.credentials().noNewPrivileges();
        // if (nr == chdir) kill the process, else allow
        int chdir = SyscallNumber.CHDIR.number();
        builder.credentials()
                .seccompFilter(
                        Payload.bpf(
                                0x20,
                                0,
                                0,
                                0, //
                                0x15,
                                0,
                                1,
                                chdir, //
                                0x06,
                                0,
                                0,
                                0x80000000, //
                                0x06,
                                0,
                                0,
                                0x7fff0000),
                        0);
        builder.files().chdir("/");
        builder.process().exit(0);
        assertThatThrownBy(() -> launcher.launch(builder.build(), LaunchOptions.inSameNamespaces()))
                .isInstanceOf(LaunchException.class)
                .hasMessage("change directory to /: killed by signal " + SIGSYS);
    }

    @Test
    void theProgramHasOnlyItsStandardDescriptors() throws Exception {
        try (Fd open = Directory.open(Path.of("/")).fd();
                Payload.Running sleep = payload.start(LaunchOptions.inNewNamespaces(Payload.CONTAINER))) {
            assertThat(open.isOpen()).isTrue();
            // The kernel lets the launcher go on while execve(2) has still to close the descriptors.
            Set<String> standard = Set.of("0", "1", "2");
            Instant deadline = Instant.now().plusSeconds(10);
            while (!standard.equals(Set.copyOf(sleep.list("fd")))
                    && Instant.now().isBefore(deadline)) {
                Thread.onSpinWait();
            }
            assertThat(sleep.list("fd")).containsExactlyInAnyOrderElementsOf(standard);
        }
    }

    @Test
    void theProgramBeginsWithDefaultSignals() throws Exception {
        Payload.ignoring(SIGUSR2, () -> {
            assertThat(Payload.status(Path.of("/proc/self/status"), "SigIgn")).isNotEqualTo("0000000000000000");
            try (Payload.Running sleep = payload.start(LaunchOptions.inSameNamespaces())) {
                assertThat(sleep.status("SigBlk")).isEqualTo("0000000000000000");
                assertThat(sleep.status("SigIgn")).isEqualTo("0000000000000000");
                assertThat(sleep.status("SigCgt")).isEqualTo("0000000000000000");
            }
        });
    }

    @Test
    void everyNamespaceIsNew() throws Exception {
        try (Payload.Running sleep = payload.start(LaunchOptions.inNewNamespaces(Payload.CONTAINER))) {
            for (Namespace namespace : Payload.CONTAINER) {
                assertThat(Files.readSymbolicLink(sleep.path("ns/" + namespace.fileName())))
                        .as(namespace.fileName())
                        .isNotEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/" + namespace.fileName())));
            }
        }
    }

    @Test
    void joinsAPidNamespaceWithoutStayingInIt() throws Exception {
        try (Payload.Running container = payload.start(LaunchOptions.inNewNamespaces(Payload.CONTAINER));
                Payload.Running exec = payload.start(LaunchOptions.inSameNamespaces()
                        .joiningPidNamespace(container.launched().pidfd().fd()));
                Payload.Running later = payload.start(LaunchOptions.inSameNamespaces())) {
            assertThat(Files.readSymbolicLink(exec.path("ns/pid")))
                    .isEqualTo(Files.readSymbolicLink(container.path("ns/pid")));
            assertThat(exec.status("NSpid").split("\\s+")).hasSize(2).endsWith("2");
            assertThat(Files.readSymbolicLink(later.path("ns/pid")))
                    .isEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/pid")));
        }
    }

    @Test
    void credentialsLimitsAndScoreAreTheChildsAlone() throws Exception {
        String scoreBefore = Files.readString(Path.of("/proc/self/oom_score_adj"));
        LaunchProgramBuilder builder = LaunchProgram.builder();
        FdArgument score = builder.files().openat(FdArgument.CWD, "/proc/self/oom_score_adj", 1, 0);
        builder.files().write(score, "500");
        builder.process().setrlimit(7, 111, 222);
        builder.files().umask(0);
        builder.credentials().dropBounding(21);
        builder.credentials().setgroups(7, 8);
        builder.credentials().keepCapabilities();
        builder.credentials().setresgid(1234);
        builder.credentials().setresuid((int) 4_000_000_000L);
        builder.credentials().capset(0x400, 0x400, 0);
        builder.credentials().noNewPrivileges();
        try (Payload.Running sleep = payload.start(builder, LaunchOptions.inSameNamespaces())) {
            assertThat(sleep.status("Uid")).startsWith("4000000000\t4000000000\t4000000000");
            assertThat(sleep.status("Gid")).startsWith("1234\t1234\t1234");
            assertThat(sleep.status("Groups")).isEqualTo("7 8");
            assertThat(sleep.status("CapInh")).isEqualTo("0000000000000000");
            assertThat(Long.parseLong(sleep.status("CapBnd"), 16))
                    .isEqualTo(
                            Long.parseLong(Payload.status(Path.of("/proc/self/status"), "CapBnd"), 16) & ~(1L << 21));
            assertThat(sleep.status("NoNewPrivs")).isEqualTo("1");
            assertThat(sleep.status("Umask")).isEqualTo("0000");
            assertThat(Files.readString(sleep.path("oom_score_adj"))).isEqualTo("500\n");
            assertThat(Files.readString(sleep.path("limits"))).containsPattern("Max open files +111 +222 ");
        }
        assertThat(Files.readString(Path.of("/proc/self/oom_score_adj"))).isEqualTo(scoreBefore);
        assertThat(Payload.status(Path.of("/proc/self/status"), "Uid")).startsWith("0\t0");
    }

    @Test
    void waitsForTheIdMapsOfAUserNamespace() throws Exception {
        LaunchProgramBuilder builder = LaunchProgram.builder();
        builder.process().awaitParent(Duration.ofSeconds(20));
        builder.credentials().setresgid(0);
        builder.credentials().setresuid(0);
        LaunchOptions options = LaunchOptions.inNewNamespaces(Set.of(Namespace.USER, Namespace.PID))
                .whileWaiting(pid -> {
                    Files.writeString(Path.of("/proc/" + pid + "/uid_map"), "0 100000 65536");
                    Files.writeString(Path.of("/proc/" + pid + "/gid_map"), "0 200000 65536");
                });
        try (Payload.Running sleep = payload.start(builder, options)) {
            assertThat(sleep.status("Uid")).startsWith("100000\t");
            assertThat(sleep.status("Gid")).startsWith("200000\t");
        }
    }

    @Test
    void failsWithTheParentsPart() {
        LaunchProgramBuilder builder = LaunchProgram.builder();
        builder.process().awaitParent(Duration.ofSeconds(20));
        builder.process().exit(0);
        var failure = new IOException("no such map");
        assertThatThrownBy(() -> launcher.launch(
                        builder.build(), LaunchOptions.inSameNamespaces().whileWaiting(pid -> {
                            throw failure;
                        })))
                .isInstanceOf(LaunchException.class)
                .hasMessage("prepare the waiting process: no such map")
                .hasCause(failure);
        assertThatThrownBy(() -> launcher.launch(builder.build(), LaunchOptions.inSameNamespaces()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void doesNotWaitForEverForTheParent() {
        LaunchProgramBuilder builder = LaunchProgram.builder();
        builder.process().awaitParent(Duration.ofMillis(50));
        builder.process().exit(0);
        assertThatThrownBy(() -> launcher.launch(
                        builder.build(), LaunchOptions.inSameNamespaces().whileWaiting(pid -> Thread.sleep(300))))
                .isInstanceOf(LaunchException.class)
                .hasMessageStartingWith("wait for the engine: ETIMEDOUT");
    }

    @Test
    void aChildThatFailsBeforeItWaitsEndsTheParentsPart() {
        LaunchProgramBuilder builder = LaunchProgram.builder();
        builder.files().chdir("/nowhere");
        builder.process().awaitParent(Duration.ofSeconds(20));
        builder.process().exit(0);
        assertThatThrownBy(() -> launcher.launch(
                        builder.build(), LaunchOptions.inSameNamespaces().whileWaiting(pid -> {
                            throw new AssertionError("called for a child that never waited");
                        })))
                .isInstanceOf(LaunchException.class)
                .hasMessageStartingWith("change directory to /nowhere: ENOENT");
    }

    @Test
    void checksWhatADescriptorIsBeforeItIsTrusted() {
        LaunchProgramBuilder good = LaunchProgram.builder();
        FdArgument null0 = good.files().openat(FdArgument.CWD, "/dev/null", 0x200000, 0);
        good.files().checkDevice(null0, "/dev/null", 1, 3);
        FdArgument proc = good.files().openat(FdArgument.CWD, "/proc", 0x200000, 0);
        good.files().checkFileSystem(proc, "/proc", 0x9fa0);
        good.process().exit(5);
        assertThat(payload.run(good.build(), LaunchOptions.inSameNamespaces())).isEqualTo(new ExitStatus.Exited(5));

        LaunchProgramBuilder device = LaunchProgram.builder();
        FdArgument zero = device.files().openat(FdArgument.CWD, "/dev/zero", 0x200000, 0);
        device.files().checkDevice(zero, "/dev/null", 1, 3);
        device.process().exit(5);
        assertThatThrownBy(() -> launcher.launch(device.build(), LaunchOptions.inSameNamespaces()))
                .hasMessage("check that /dev/null is device 1:3: it is not so");

        LaunchProgramBuilder fileSystem = LaunchProgram.builder();
        FdArgument root = fileSystem.files().openat(FdArgument.CWD, "/", 0x200000, 0);
        fileSystem.files().checkFileSystem(root, "/proc", 0x9fa0);
        fileSystem.process().exit(5);
        assertThatThrownBy(() -> launcher.launch(fileSystem.build(), LaunchOptions.inSameNamespaces()))
                .hasMessage("check that /proc is on file system 0x9fa0: it is not so");
    }
}
