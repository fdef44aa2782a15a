package io.berth.linux.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.kernel.KernelTest;
import io.berth.linux.Errno;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.process.ExitStatus;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@KernelTest
class LauncherKernelTest {
    private static final Set<Namespace> CONTAINER =
            Set.of(Namespace.MOUNT, Namespace.UTS, Namespace.IPC, Namespace.PID, Namespace.NETWORK, Namespace.CGROUP);

    private Launcher launcher;

    @BeforeEach
    void open() {
        launcher = Launcher.open();
    }

    @AfterEach
    void close() {
        launcher.close();
    }

    static LaunchProgram busybox(String... command) {
        var builder = LaunchProgram.builder();
        builder.process().resetSignals();
        builder.files().closeOnExecFrom(3);
        builder.process().execve("/bin/busybox", List.of(command), List.of("PATH=/bin"));
        return builder.build();
    }

    ExitStatus run(LaunchProgram program, LaunchOptions options) {
        Launched launched = launcher.launch(program, options);
        try (var pidfd = launched.pidfd()) {
            return pidfd.awaitExit();
        }
    }

    @Test
    void tellsTheExitCode() {
        assertThat(run(busybox("true"), LaunchOptions.inSameNamespaces())).isEqualTo(new ExitStatus.Exited(0));
        assertThat(run(busybox("sh", "-c", "exit 3"), LaunchOptions.inNewNamespaces(CONTAINER)))
                .isEqualTo(new ExitStatus.Exited(3));
    }

    @Test
    void namesTheStepThatFails() {
        var builder = LaunchProgram.builder();
        builder.mounts().mount("proc", "/nowhere", "proc", 0, null);
        builder.process().exit(0);
        assertThatThrownBy(() -> launcher.launch(builder.build(), LaunchOptions.inNewNamespaces(CONTAINER)))
                .isInstanceOfSatisfying(LaunchException.class, e -> {
                    assertThat(e).hasMessage("mount proc on /nowhere: ENOENT (No such file or directory)");
                    assertThat(e.errno()).isEqualTo(Errno.ENOENT);
                    assertThat(e.call()).isEqualTo("mount");
                });
    }
}
