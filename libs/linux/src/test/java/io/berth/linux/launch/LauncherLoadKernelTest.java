package io.berth.linux.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.kernel.KernelTest;
import io.berth.linux.process.ExitStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many launches: at once, while the collector runs, and what they leave (see also {@code LeakCheck}). */
@KernelTest
@Timeout(180)
class LauncherLoadKernelTest {
    private static final LaunchOptions CONTAINER = LaunchOptions.inNewNamespaces(Payload.CONTAINER);

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
    void twoHundredLaunchesLeaveNoMapping() throws IOException {
        for (int i = 0; i < 50; i++) {
            assertThat(payload.run(CONTAINER, "true")).isEqualTo(new ExitStatus.Exited(0));
        }
        long before = mappings();
        for (int i = 0; i < 200; i++) {
            assertThat(payload.run(CONTAINER, "true")).isEqualTo(new ExitStatus.Exited(0));
        }
        // The JVM itself maps some memory meanwhile; a leak would be one mapping per launch.
        assertThat(mappings() - before).isLessThan(40);
    }

    @Test
    void failedLaunchesLeaveNothing() {
        LaunchProgramBuilder builder = LaunchProgram.builder();
        builder.process().execve("/nowhere", List.of("x"), List.of());
        LaunchProgram program = builder.build();
        for (int i = 0; i < 100; i++) {
            try {
                launcher.launch(program, CONTAINER).pidfd().close();
                throw new AssertionError("launched " + program);
            } catch (LaunchException e) {
                assertThat(e.stepName()).isEqualTo("execute /nowhere");
            }
        }
    }

    @Test
    void eightThreadsLaunchAtOnce() throws Exception {
        launchFrom(Executors.newFixedThreadPool(8));
    }

    @Test
    void virtualThreadsLaunchAtOnce() throws Exception {
        launchFrom(Executors.newVirtualThreadPerTaskExecutor());
    }

    private void launchFrom(ExecutorService threads) throws Exception {
        try (threads) {
            List<Future<ExitStatus>> exits = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                int code = i % 100;
                exits.add(threads.submit(() -> payload.run(CONTAINER, "sh", "-c", "exit " + code)));
            }
            for (int i = 0; i < exits.size(); i++) {
                assertThat(exits.get(i).get()).isEqualTo(new ExitStatus.Exited(i % 100));
            }
        }
    }

    @Test
    void launchesWhileTheCollectorRunsHard() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        Thread garbage = Thread.ofPlatform().start(() -> {
            byte[][] some = new byte[1000][];
            while (!stop.get()) {
                Arrays.setAll(some, i -> new byte[10_000]);
                System.gc();
            }
        });
        try {
            for (int i = 0; i < 100; i++) {
                assertThat(payload.run(CONTAINER, "sh", "-c", "exit " + i)).isEqualTo(new ExitStatus.Exited(i));
            }
        } finally {
            stop.set(true);
            garbage.join();
        }
    }

    private static long mappings() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.count();
        }
    }
}
