package io.berth.linux.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.kernel.KernelTest;
import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.launch.LaunchOptions;
import io.berth.linux.launch.Launched;
import io.berth.linux.launch.Launcher;
import io.berth.linux.launch.Payload;
import io.berth.linux.poll.FdPoller;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@KernelTest
@Timeout(60)
class PidfdKernelTest {
    private static final int SIGTERM = 15;
    private static final int SIGKILL = 9;

    private final Executor receivers = Thread::startVirtualThread;
    private Launcher launcher;
    private FdPoller poller;
    private Payload payload;

    @BeforeEach
    void open() {
        launcher = Launcher.open();
        poller = FdPoller.start("test-poller");
        payload = new Payload(launcher);
    }

    @AfterEach
    void close() {
        poller.close();
        launcher.close();
    }

    @Test
    void watchesManyChildrenWithOneThread() throws Exception {
        var watcher = new ExitWatcher(poller, receivers);
        List<Launched> children = new ArrayList<>();
        List<CompletableFuture<ExitStatus>> exits = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Launched child = launcher.launch(
                    Payload.busybox("sh", "-c", "sleep 0.1; exit " + i), LaunchOptions.inSameNamespaces());
            children.add(child);
            exits.add(watcher.onExit(child.pidfd()));
        }
        for (int i = 0; i < 50; i++) {
            assertThat(exits.get(i).get(20, TimeUnit.SECONDS)).isEqualTo(new ExitStatus.Exited(i));
            assertThat(children.get(i).pidfd().exitStatus()).contains(new ExitStatus.Exited(i));
            children.get(i).pidfd().close();
        }
    }

    @Test
    void signalsReachTheProcessOrNobody() throws Exception {
        var watcher = new ExitWatcher(poller, receivers);
        Launched child = launcher.launch(Payload.busybox("sleep", "100"), LaunchOptions.inSameNamespaces());
        try (Pidfd pidfd = child.pidfd()) {
            assertThat(pidfd.exitStatus()).isEmpty();
            assertThatThrownBy(() -> pidfd.sendSignal(999))
                    .isInstanceOfSatisfying(
                            SyscallException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
            assertThat(pidfd.sendSignal(SIGTERM)).isTrue();
            ExitStatus status = watcher.onExit(pidfd).get(10, TimeUnit.SECONDS);
            assertThat(status).isEqualTo(new ExitStatus.Signaled(SIGTERM, false));
            assertThat(status.shellCode()).isEqualTo(OptionalInt.of(143));
            assertThat(pidfd.sendSignal(SIGTERM)).isFalse();
            assertThat(pidfd.identity()).isEmpty();
        }
    }

    @Test
    void findsAProcessAgainByItsIdentityOnly() {
        try (Payload.Running sleep = payload.start(LaunchOptions.inSameNamespaces())) {
            ProcessIdentity identity = sleep.launched().pidfd().identity().orElseThrow();
            assertThat(identity.pid()).isEqualTo(sleep.launched().pid());
            try (Pidfd again = Pidfd.open(identity).orElseThrow()) {
                assertThat(again.identity()).contains(identity);
            }
            assertThat(Pidfd.open(new ProcessIdentity(identity.pid(), identity.startTimeTicks() + 1)))
                    .isEmpty();
        }
        assertThat(Pidfd.open(new ProcessIdentity(4_194_303, 1))).isEmpty();
    }

    @Test
    void tellsTheStatusOfAProcessThatIsNoChild() throws Exception {
        var watcher = new ExitWatcher(poller, receivers);
        // The shell's background process outlives it and is adopted by init, as containers are when the engine dies.
        Launched shell = launcher.launch(
                Payload.busybox("sh", "-c", "(sleep 0.6; exit 42) & sleep 0.3; exit 0"),
                LaunchOptions.inSameNamespaces());
        int orphan;
        try (Pidfd pidfd = shell.pidfd()) {
            orphan = childOf(shell.pid());
            assertThat(watcher.onExit(pidfd).get(10, TimeUnit.SECONDS)).isEqualTo(new ExitStatus.Exited(0));
        }
        try (Pidfd pidfd = Pidfd.open(orphan)) {
            assertThatThrownBy(pidfd::awaitExit)
                    .isInstanceOfSatisfying(
                            SyscallException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ECHILD));
            ExitStatus status = watcher.onExit(pidfd).get(10, TimeUnit.SECONDS);
            // The kernel tells from 6.15 on; before, not knowing is right and success is not.
            assertThat(status).isIn(new ExitStatus.Exited(42), new ExitStatus.Unknown());
            if (kernelTellsExitOfOthers()) {
                assertThat(status).isEqualTo(new ExitStatus.Exited(42));
            }
        }
    }

    /** The first child of a process, which it may be about to make. */
    private static int childOf(int pid) {
        while (true) {
            OptionalInt child = ProcessHandle.of(pid).stream()
                    .flatMap(ProcessHandle::children)
                    .mapToInt(handle -> Math.toIntExact(handle.pid()))
                    .min();
            if (child.isPresent()) {
                return child.getAsInt();
            }
            Thread.onSpinWait();
        }
    }

    private static boolean kernelTellsExitOfOthers() {
        String[] version = System.getProperty("os.version").split("[.-]");
        int major = Integer.parseInt(version[0]);
        return major > 6 || (major == 6 && Integer.parseInt(version[1]) >= 15);
    }

    @Test
    void copiesADescriptor() {
        try (Payload.Running sleep = payload.start(LaunchOptions.inSameNamespaces());
                var copy = sleep.launched().pidfd().copyDescriptor(0, "standard input")) {
            assertThat(copy.value()).isGreaterThan(2);
            assertThatThrownBy(() -> sleep.launched().pidfd().copyDescriptor(77, "nothing"))
                    .isInstanceOfSatisfying(
                            SyscallException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));
            assertThat(sleep.launched().pidfd().sendSignal(SIGKILL)).isTrue();
        }
    }
}
