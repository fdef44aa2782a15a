package io.berth.linux.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.Errno;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Fd;
import io.berth.linux.namespace.Namespace;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Programs are read back without running them. */
class LaunchProgramTest {
    private final LaunchProgramBuilder builder = LaunchProgram.builder();

    @Test
    void readsBackWhatWasWritten() {
        builder.mounts().mount("proc", "/proc", "proc", 14, null);
        FdArgument root = builder.files().openat2(FdArgument.CWD, "/root", 0x200000, 0, 0x10);
        builder.named("enter the root").files().fchdir(root);
        builder.process().execve("/bin/sh", List.of("sh", "-c", "true"), List.of("A=b"));
        LaunchProgram program = builder.build();
        assertThat(program.toString()).isEqualTo("""
                mount proc on /proc: mount("proc", "/proc", "proc", 14, 0)
                open /root: openat2(-100, "/root", {flags=0x200000, mode=00, resolve=0x10}, 24)
                enter the root: fchdir(result(open /root))
                execute /bin/sh: execve("/bin/sh", [sh, -c, true], [A=b])
                """);
        Step mount = program.steps(SyscallNumber.MOUNT).getFirst();
        assertThat(mount.text(1)).isEqualTo("/proc");
        assertThat(mount.value(3)).isEqualTo(14);
        assertThatThrownBy(() -> mount.value(0)).hasMessageContaining("expected: a number");
    }

    @Test
    void refusesAProgramWithoutAnEnd() {
        assertThatThrownBy(builder::build).hasMessageContaining("no steps");
        builder.files().chdir("/");
        assertThatThrownBy(builder::build).hasMessageContaining("expected: an exec or exit");
        builder.tolerating(Errno.ENOENT).process().execve("/x", List.of("x"), List.of());
        assertThatThrownBy(builder::build).hasMessageContaining("final");
        builder.process().exit(1);
        assertThat(builder.build().steps()).hasSize(3);
    }

    @Test
    void modifiersConcernOneStep() {
        builder.named("first").tolerating(Errno.EEXIST).files().mkdirat(FdArgument.CWD, "/a", 0755);
        builder.files().mkdirat(FdArgument.CWD, "/b", 0755);
        builder.process().exit(0);
        List<Step> steps = builder.build().steps();
        assertThat(steps.get(0).name()).isEqualTo("first");
        assertThat(steps.get(0).tolerates(Errno.EEXIST)).isTrue();
        assertThat(steps.get(1).name()).isEqualTo("make directory /b");
        assertThat(steps.get(1).tolerates(Errno.EEXIST)).isFalse();
    }

    @Test
    void aResultThatMayBeMissingCannotBeUsed() {
        FdArgument maybe = builder.tolerating(Errno.ENOENT).files().openat(FdArgument.CWD, "/x", 0, 0);
        assertThatThrownBy(() -> builder.files().fchdir(maybe)).hasMessageContaining("may fail");
        FdArgument elsewhere = LaunchProgram.builder().files().openat(FdArgument.CWD, "/y", 0, 0);
        assertThatThrownBy(() -> builder.files().fchdir(elsewhere)).hasMessageContaining("another program");
    }

    @Test
    void refusesNulInStrings() {
        assertThatThrownBy(() -> builder.files().chdir("/a\0b")).hasMessageContaining("NUL");
        assertThatThrownBy(() -> builder.process().execve("/x", List.of("a\0"), List.of()))
                .hasMessageContaining("NUL");
    }

    @Test
    void searchesInOrderAndIsFinalAtTheLast() {
        builder.process().execveFirst(List.of("/a/x", "/b/x", "/c/x"), List.of("x"), List.of());
        List<Step> steps = builder.build().steps();
        assertThat(steps).extracting(step -> step.text(0)).containsExactly("/a/x", "/b/x", "/c/x");
        assertThat(steps.get(0).tolerated()).containsExactlyInAnyOrder(Errno.ENOENT, Errno.ENOTDIR, Errno.EACCES);
        assertThat(steps.get(1).tolerates(Errno.ENOEXEC)).isFalse();
        assertThat(steps.get(2).tolerated()).isEmpty();
    }

    @Test
    void ofSeveralProgramsTheRefusedOneIsTold() {
        builder.process().execveFirst(List.of("/a/x", "/b/x"), List.of("x"), List.of());
        List<Step> steps = builder.build().steps();
        LaunchException refused = LaunchException.stepFailed(List.of(
                new LaunchException.Failure(steps.get(0), Errno.EACCES),
                new LaunchException.Failure(steps.get(1), Errno.ENOENT)));
        assertThat(refused).hasMessage("execute /a/x: EACCES (Permission denied)");
        LaunchException missing = LaunchException.stepFailed(List.of(
                new LaunchException.Failure(steps.get(0), Errno.ENOENT),
                new LaunchException.Failure(steps.get(1), Errno.ENOENT)));
        assertThat(missing.errno()).isEqualTo(Errno.ENOENT);
        assertThat(missing.failures()).hasSize(2);
    }

    @Test
    void resetsEverySignalThatCanBe() {
        builder.process().resetSignals();
        builder.process().exit(0);
        LaunchProgram program = builder.build();
        assertThat(program.steps(SyscallNumber.RT_SIGACTION)).hasSize(62);
        assertThat(program.steps(SyscallNumber.RT_SIGPROCMASK)).hasSize(1);
    }

    @Test
    void waitsOnceAtMost() {
        builder.process().awaitParent(Duration.ofSeconds(5));
        assertThatThrownBy(() -> builder.process().awaitParent(Duration.ofSeconds(5)))
                .isInstanceOf(IllegalStateException.class);
        builder.process().exit(0);
        assertThat(builder.build().awaitsParent()).isTrue();
    }

    @Test
    void idsAreUnsigned() {
        builder.credentials().setresuid((int) 4_000_000_000L);
        builder.process().exit(0);
        assertThat(builder.build().steps().getFirst().value(0)).isEqualTo(4_000_000_000L);
    }

    @Test
    void optionsRefuseWhatTheKernelWould() {
        assertThatThrownBy(() -> LaunchOptions.inNewNamespaces(Set.of(Namespace.TIME)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(Namespace.cloneFlags(EnumSet.of(Namespace.PID, Namespace.USER)))
                .isEqualTo(0x30000000);
        assertThatThrownBy(() -> builder.process().setns(FdArgument.number(3), Set.of(Namespace.PID)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPidNamespaceIsEnteredWithNothingOpen() {
        LaunchProgramBuilder open = LaunchProgram.builder();
        open.files().closeOnExecFrom(3);
        assertThatThrownBy(() -> open.process().enterPidNamespace())
                .hasMessage("program enters a pid namespace with descriptors open");

        LaunchProgramBuilder closed = LaunchProgram.builder();
        FdArgument file = closed.files().openat(FdArgument.CWD, "/", 0, 0);
        closed.files().closeFrom(3, List.of());
        closed.process().enterPidNamespace();
        assertThatThrownBy(() -> closed.files().fchdir(file))
                .hasMessageStartingWith("result of a step that another process has done");
        closed.process().exit(0);
        LaunchProgram program = closed.build();
        assertThat(program.stepsBeforeEntry()).hasSize(2);
        assertThat(program.stepsAfterEntry()).hasSize(1);
        assertThat(program.entersPidNamespace()).isTrue();
    }

    /** The child of this JVM's memory, or of a user namespace's, never is where a container's processes can see it. */
    @Test
    void noChildIsBornIntoAPidNamespaceWithMemoryThatOthersMayTake() {
        Fd fd = TrampolineTest.notOpen();
        LaunchOptions joining = LaunchOptions.inSameNamespaces().joiningPidNamespace(fd);
        assertThatThrownBy(() -> joining.whileWaiting(pid -> {})).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> joining.joiningUserNamespace(fd)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        LaunchOptions.inNewNamespaces(Set.of(Namespace.USER)).joiningPidNamespace(fd))
                .isInstanceOf(IllegalArgumentException.class);
        LaunchProgramBuilder plain = LaunchProgram.builder();
        plain.process().exit(0);
        LaunchProgram program = plain.build();
        try (Launcher launcher = Launcher.open()) {
            assertThatThrownBy(() -> launcher.launch(program, joining))
                    .hasMessage("a pid namespace is given to join, but the program does not enter it");
        }
    }

    @Test
    void descriptorsAreClosedAroundThoseThatAreKept() {
        Fd five = Fd.own(5, "five");
        LaunchProgramBuilder builder = LaunchProgram.builder();
        builder.files().closeFrom(3, List.of(five));
        builder.process().exit(0);
        assertThat(five.release()).isEqualTo(5);
        assertThat(builder.build().steps(io.berth.linux.abi.SyscallNumber.CLOSE_RANGE).stream()
                        .map(Step::callText))
                .containsExactly("close_range(3, 4, 0)", "close_range(6, 0xffffffff, 0)");
    }
}
