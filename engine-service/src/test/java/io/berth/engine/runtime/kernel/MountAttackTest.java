package io.berth.engine.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.runtime.LaunchFailure;
import io.berth.engine.runtime.kernel.BusyboxContainers.Request;
import io.berth.kernel.KernelTest;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.RenameFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images and volumes that try to get mounts, or directories made for mounts, to where they do not belong. */
@KernelTest
class MountAttackTest {
    private static final int RACES = 150;

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

    /** CVE-2021-30465, CVE-2023-27561: a place whose components are links of the image. */
    @ParameterizedTest
    @ValueSource(strings = {"absolute", "relative", "self", "fd", "cwd"})
    void mountsStayInsideThoughTheImageHasLinks(String kind) throws Exception {
        Path canary = containers.directory("canary");
        Path image = containers.directory("image");
        String target =
                switch (kind) {
                    case "absolute" -> canary.toString();
                    case "relative" -> "../../../../../../../.." + canary;
                    case "self" -> "/proc/self/root" + canary;
                    case "fd" -> "/proc/self/fd/9";
                    default -> "/proc/1/cwd";
                };
        Files.createSymbolicLink(image.resolve("link"), Path.of(target));
        Path volume = containers.directory("volume");
        Files.writeString(volume.resolve("f"), "volume");
        Request request = containers.sh("cat /link/deep/f").bind(volume, "/link/deep");
        request.layers = List.of(containers.layer, image);
        try {
            assertThat(request.run().output()).isEqualTo("volume");
        } catch (LaunchFailure e) {
            request.clean();
            assertThat(kind).as(e.getMessage()).isIn("self", "fd", "cwd");
        }
        assertThat(canary).isEmptyDirectory();
        assertThat(volume.toFile().list()).containsExactly("f");
    }

    /** The same races, with a volume that another container changes while this one starts (and CVE-2024-45310). */
    @ParameterizedTest
    @ValueSource(strings = {"canary", "proc", "fd"})
    void mountsStayInsideThoughAVolumeIsChangedMeanwhile(String kind) throws Exception {
        Path canary = containers.directory("canary");
        Path volume = containers.directory("volume");
        Path inner = containers.directory("inner");
        Files.writeString(inner.resolve("f"), "inner\n");
        Files.createDirectories(volume.resolve("a"));
        Files.createSymbolicLink(
                volume.resolve("z"),
                switch (kind) {
                    case "canary" -> canary;
                    case "proc" -> Path.of("/proc/sys");
                    default -> Path.of("/proc/self/fd/7");
                });
        AtomicBoolean stop = new AtomicBoolean();
        Thread swapper = Thread.ofPlatform().start(() -> {
            try (Directory directory = Directory.open(volume)) {
                while (!stop.get()) {
                    directory.rename("a", directory, "z", Set.of(RenameFlag.EXCHANGE));
                }
            }
        });
        int mounted = 0;
        try {
            for (int i = 0; i < RACES; i++) {
                Request request = containers
                        .sh("grep -c ' /proc/sys/b' /proc/mounts; cat /v/a/b/f /v/z/b/f 2>/dev/null")
                        .bind(volume, "/v")
                        .bind(inner, "/v/a/b");
                try {
                    String output = request.run().output();
                    assertThat(output).startsWith("0\n");
                    mounted += output.endsWith("inner\n") ? 1 : 0;
                } catch (LaunchFailure e) {
                    request.clean();
                }
            }
        } finally {
            stop.set(true);
            swapper.join();
        }
        assertThat(mounted).as("starts that got their mount").isPositive();
        assertThat(canary).isEmptyDirectory();
        assertThat(inner.toFile().list()).containsExactly("f");
    }

    /** CVE-2019-16884, CVE-2019-19921: a volume that brings a link to /proc, and a mount meant to land there. */
    @Test
    void nothingLandsOnProcThroughAVolume() throws Exception {
        Path volume = containers.directory("volume");
        Path fake = containers.directory("fake");
        Files.createDirectories(fake.resolve("attr"));
        Files.createSymbolicLink(volume.resolve("p"), Path.of("/proc"));
        for (String target : List.of("/v/p", "/v/p/self", "/v/p/sys")) {
            Request request = containers.sh("true").bind(volume, "/v").bind(fake, target);
            try {
                request.start();
                throw new AssertionError("started with " + target);
            } catch (LaunchFailure e) {
                assertThat(e).hasMessageContaining("proc");
            }
            request.clean();
        }
    }

    /** CVE-2024-45310: what is missing is made in the container's own root only. */
    @Test
    void makesNothingOnTheHost() throws Exception {
        Path canary = containers.directory("canary");
        Path image = containers.directory("image");
        Files.createSymbolicLink(image.resolve("esc"), Path.of("../../../../../.." + canary));
        Path file = Files.writeString(containers.directory("f").resolve("f"), "x");
        Request request = containers.sh("cat /esc/deep/file").bind(file, "/esc/deep/file");
        request.layers = List.of(containers.layer, image);
        assertThat(request.run().output()).isEqualTo("x");
        assertThat(canary).isEmptyDirectory();
    }
}
