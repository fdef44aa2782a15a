package io.berth.linux.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.kernel.KernelTest;
import io.berth.linux.fd.Fd;
import io.berth.linux.launch.FdArgument;
import io.berth.linux.launch.LaunchOptions;
import io.berth.linux.launch.LaunchProgram;
import io.berth.linux.launch.LaunchProgramBuilder;
import io.berth.linux.launch.Launcher;
import io.berth.linux.launch.Payload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@KernelTest
@Timeout(60)
class NamespacesKernelTest {
    private static Path link(String path) throws IOException {
        return Files.readSymbolicLink(Path.of(path));
    }

    @Test
    void aNamespaceLivesByItsDescriptor() throws Exception {
        Path own = link("/proc/thread-self/ns/net");
        try (Fd created = Namespaces.create(Namespace.NETWORK)) {
            Path inside = Namespaces.callIn(created, Namespace.NETWORK, () -> link("/proc/thread-self/ns/net"));
            assertThat(inside).isNotEqualTo(own).isEqualTo(link("/proc/self/fd/" + created.value()));
            assertThat(Namespaces.callIn(
                            created,
                            Namespace.NETWORK,
                            () -> Files.readAllLines(Path.of("/proc/thread-self/net/dev"))
                                    .size()))
                    .as("two lines of header and lo")
                    .isEqualTo(3);
        }
        assertThat(link("/proc/thread-self/ns/net")).isEqualTo(own);
    }

    @Test
    void aLaunchedProgramJoinsNamespaces() throws Exception {
        try (Launcher launcher = Launcher.open();
                Fd network = Namespaces.create(Namespace.NETWORK)) {
            Payload payload = new Payload(launcher);
            LaunchProgramBuilder pooled = LaunchProgram.builder();
            pooled.process().setns(FdArgument.of(network), Set.of(Namespace.NETWORK));
            try (Payload.Running container =
                    payload.start(pooled, LaunchOptions.inNewNamespaces(Set.of(Namespace.MOUNT, Namespace.PID)))) {
                assertThat(link("/proc/" + container.launched().pid() + "/ns/net"))
                        .isEqualTo(link("/proc/self/fd/" + network.value()));
                LaunchProgramBuilder exec = LaunchProgram.builder();
                exec.process()
                        .setns(
                                FdArgument.of(container.launched().pidfd().fd()),
                                Set.of(Namespace.MOUNT, Namespace.NETWORK));
                try (Payload.Running second = payload.start(
                                exec,
                                LaunchOptions.inSameNamespaces()
                                        .joiningPidNamespace(
                                                container.launched().pidfd().fd()));
                        Fd held = Namespaces.open(container.launched().pidfd(), Namespace.MOUNT)) {
                    assertThat(link("/proc/" + second.launched().pid() + "/ns/mnt"))
                            .isEqualTo(link("/proc/self/fd/" + held.value()));
                }
            }
        }
    }

    @Test
    void refusesWhatAThreadCannotHave() {
        assertThatThrownBy(() -> Namespaces.create(Namespace.USER)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Namespaces.create(Namespace.PID)).hasMessageContaining("launch a process");
    }
}
