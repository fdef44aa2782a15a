package io.berth.engine.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.engine.runtime.ContainerProcess;
import io.berth.engine.runtime.Isolation.IdRange;
import io.berth.engine.runtime.KernelHoldings;
import io.berth.engine.runtime.LaunchFailure;
import io.berth.engine.runtime.MountLaunch;
import io.berth.engine.runtime.kernel.BusyboxContainers.Request;
import io.berth.kernel.KernelTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is held for real containers, and that starts which fail at any step leave nothing. */
@KernelTest
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class HoldingsTest {
    @TempDir
    static Path data;

    private static BusyboxContainers containers;

    @BeforeAll
    static void prepare() throws Exception {
        containers = new BusyboxContainers(data);
    }

    @AfterAll
    static void close() {
        containers.close();
    }

    @Test
    void tellsWhatAContainerHoldsUntilItIsReleased() throws Exception {
        Request request = containers.sh("sleep 100 & sleep 100");
        request.users = new IdRange(1_900_000_000L, 65_536);
        ContainerProcess process = request.start();
        KernelHoldings running = containers.runtime.holdings();
        // The keeper is told, and not waited for: directory, two outputs, first process.
        while (of(request, running).keptFiles() < 4) {
            Thread.onSpinWait();
            running = containers.runtime.holdings();
        }
        KernelHoldings.OfContainer held = of(request, running);
        assertThat(held.cgroups())
                .isNotEmpty()
                .allSatisfy(path -> assertThat(Path.of(path)).isDirectory());
        assertThat(held.processes()).contains((long) process.identity().pid());
        assertThat(held.namespaces().stream().map(name -> name.substring(0, name.indexOf(':'))))
                .as("one of each kind")
                .containsExactlyInAnyOrder("cgroup", "ipc", "mnt", "net", "pid", "user", "uts");
        assertThat(held.mounts()).isGreaterThan(5);
        assertThat(held.keptFiles()).isEqualTo(4);
        assertThat(running.descriptors()).containsKey("pidfd");
        assertThat(running.mounts()).as("in the host's table").isEmpty();

        process.signal(9);
        BusyboxContainers.finish(process);
        request.clean();
        assertThat(containers.runtime.holdings().containers()).isEmpty();
        assertThat(containers.runtime.holdings().strays()).isEmpty();
    }

    /** Settings that let a start fail, each at another step. */
    static List<Named<Consumer<Request>>> failing() {
        return List.of(
                Named.of("user", request -> request.user = "nobody-knows"),
                Named.of("bind source", request -> request.bind(Path.of("/nowhere"), "/x")),
                Named.of("bind target", request -> request.bind(Path.of("/etc/passwd"), "/bin")),
                Named.of("working directory", request -> request.workingDirectory = "/etc/passwd/below"),
                Named.of(
                        "tmpfs option",
                        request -> request.mount(
                                new MountLaunch.Tmpfs("/x", 0, 01777, Set.of(), List.of("no-such-option=1")))),
                Named.of("layer", request -> request.layers = List.of(Path.of("/nowhere/layer"))),
                Named.of("text file", request -> request.files.put("/etc/hosts", Path.of("/nowhere/hosts"))),
                Named.of("user range", request -> request.users = new IdRange(4_294_967_290L, 65_536)));
    }

    @ParameterizedTest
    @MethodSource("failing")
    void aStartThatFailsLeavesNothing(Consumer<Request> spoil) throws Exception {
        Request request = containers.sh("true");
        spoil.accept(request);
        assertThatThrownBy(request::start).isInstanceOf(LaunchFailure.class);

        assertNothingHeld();
        containers.runtime.deleteDirectory(request.launch().directory());
        assertThat(request.launch().directory()).doesNotExist();
    }

    @Test
    void aProgramThatIsNotThereLeavesNothing() throws Exception {
        Request request = containers.command("/no/such/program");
        assertThatThrownBy(request::start).isInstanceOf(LaunchFailure.class);
        assertNothingHeld();
        request.clean();
    }

    @Test
    void aFailedExecLeavesTheContainerAsItWas() throws Exception {
        Request request = containers.sh("sleep 100");
        ContainerProcess process = request.start();
        try {
            List<Long> before = containers.runtime.processes(request.id);
            assertThatThrownBy(() -> request.exec(process, containers.command("/no/such/program")))
                    .isInstanceOf(LaunchFailure.class);
            assertThat(containers.runtime.processes(request.id)).isEqualTo(before);
        } finally {
            process.signal(9);
            BusyboxContainers.finish(process);
            request.clean();
        }
    }

    @Test
    void reconciliationClearsWhatNobodyKnows() throws Exception {
        Request known = containers.sh("sleep 100");
        Request stranger = containers.sh("sleep 100");
        ContainerProcess process = known.start();
        ContainerProcess strange = stranger.start();

        assertThat(containers.runtime.reconcile(Set.of(known.id))).containsExactly(stranger.id);
        BusyboxContainers.finish(strange);
        assertThat(containers.runtime.holdings().containers()).containsOnlyKeys(known.id);
        stranger.clean();
        process.signal(9);
        BusyboxContainers.finish(process);
        known.clean();
        try (var left = Files.list(data.resolve("engine/containers"))) {
            assertThat(left).isEmpty();
        }
    }

    private static KernelHoldings.OfContainer of(Request request, KernelHoldings holdings) {
        return holdings.containers().getOrDefault(request.id, KernelHoldings.OfContainer.NOTHING);
    }

    private static void assertNothingHeld() {
        KernelHoldings holdings = containers.runtime.holdings();
        assertThat(holdings.containers()).isEmpty();
        assertThat(holdings.strays()).isEmpty();
        assertThat(holdings.mounts()).isEmpty();
    }
}
