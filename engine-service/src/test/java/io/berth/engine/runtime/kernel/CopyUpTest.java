package io.berth.engine.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.engine.runtime.Isolation.IdRange;
import io.berth.engine.runtime.LaunchFailure;
import io.berth.engine.runtime.kernel.BusyboxContainers.Request;
import io.berth.kernel.KernelTest;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileStat;
import io.berth.linux.fd.FileType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** New volumes get what the image has. */
@KernelTest
class CopyUpTest {
    private static final Instant TIME = Instant.ofEpochSecond(1_000_000_000, 123_456_789);

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

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void copiesEverythingAsItIs() throws Exception {
        Path lower = containers.directory("lower");
        Path upper = containers.directory("upper");
        Files.createDirectories(lower.resolve("srv/data/sub"));
        Files.createDirectories(upper.resolve("srv/data"));
        try (Directory below = Directory.open(lower.resolve("srv/data"));
                Directory above = Directory.open(upper.resolve("srv/data"))) {
            below.createFile("file", 0600).close();
            below.chown("file", 7, 8);
            below.chmod("file", 04751);
            below.setXattr("file", "user.note", bytes("kept"));
            below.setTimes("file", TIME, TIME);
            below.link("file", "sub/hard");
            below.symlink("/etc/passwd", "link");
            below.chown("link", 9, 9);
            below.mknod("fifo", FileType.FIFO, 0640, 0, 0);
            below.mknod("device", FileType.CHARACTER_DEVICE, 0644, 1, 3);
            below.createFile("hidden", 0644).close();
            below.chmod("sub", 01777);
            below.setTimes("sub", TIME, TIME);
            above.mknod("hidden", FileType.CHARACTER_DEVICE, 0, 0, 0); // a whiteout
            Files.writeString(upper.resolve("srv/data/new"), "from above");
            above.chown(".", 33, 34);
            above.chmod(".", 02770);
        }
        Path volume = containers.directory("volume");
        containers.runtime.copyUp(List.of(lower, upper), "/srv/data", volume);
        try (Directory copy = Directory.open(volume)) {
            FileStat root = copy.stat(".");
            assertThat(List.of(root.uid(), root.gid(), (long) root.permissions()))
                    .containsExactly(33L, 34L, 02770L);
            FileStat file = copy.stat("file");
            assertThat(List.of(file.uid(), file.gid(), (long) file.permissions()))
                    .containsExactly(7L, 8L, 04751L);
            assertThat(file.modified()).isEqualTo(TIME);
            assertThat(copy.xattr("file", "user.note")).isEqualTo(bytes("kept"));
            assertThat(copy.stat("sub/hard").isSameFileAs(file)).isTrue();
            assertThat(copy.stat("sub").permissions()).isEqualTo(01777);
            assertThat(copy.stat("sub").modified()).isEqualTo(TIME);
            assertThat(copy.readLink("link")).isEqualTo("/etc/passwd");
            assertThat(copy.stat("link").uid()).isEqualTo(9);
            assertThat(copy.stat("fifo").type()).isEqualTo(FileType.FIFO);
            assertThat(copy.stat("device").rdevMinor()).isEqualTo(3);
            assertThat(copy.statIfPresent("hidden")).isNull();
            assertThat(volume.resolve("new")).hasContent("from above");
        }
    }

    @Test
    void leavesAVolumeAloneThatHasSomething() throws Exception {
        Path image = containers.directory("image");
        Files.createDirectories(image.resolve("d"));
        Files.writeString(image.resolve("d/f"), "x");
        Path volume = containers.directory("volume");
        Files.writeString(volume.resolve("mine"), "y");
        containers.runtime.copyUp(List.of(image), "/d", volume);
        assertThat(volume.toFile().list()).containsExactly("mine");
        Path other = containers.directory("volume");
        containers.runtime.copyUp(List.of(image), "/missing", other);
        containers.runtime.copyUp(List.of(), "/d", other);
        assertThat(other).isEmptyDirectory();
        assertThatThrownBy(() -> containers.runtime.copyUp(List.of(image), "/d/f", other))
                .isInstanceOf(LaunchFailure.class)
                .hasMessage("cannot mount volume over existing file, file exists /d/f");
    }

    /** CVE-2021-43816: a VOLUME whose path is a link of the image. */
    @Test
    void readsOnlyInsideTheImage() throws Exception {
        Path secrets = containers.directory("secrets");
        Files.writeString(secrets.resolve("secret"), "host");
        Path image = containers.directory("image");
        Files.createDirectories(image.resolve("inside"));
        Files.writeString(image.resolve("inside/f"), "image");
        Files.createSymbolicLink(image.resolve("absolute"), secrets);
        Files.createSymbolicLink(image.resolve("climbing"), Path.of("../../../../../.." + secrets));
        Files.createSymbolicLink(image.resolve("magic"), Path.of("/proc/self/root" + secrets));
        Files.createSymbolicLink(image.resolve("good"), Path.of("/inside"));
        for (String path : List.of("/absolute", "/climbing", "/magic", "/../../.." + secrets)) {
            Path volume = containers.directory("volume");
            containers.runtime.copyUp(List.of(image), path, volume);
            assertThat(volume).as(path).isEmptyDirectory();
        }
        Path volume = containers.directory("volume");
        containers.runtime.copyUp(List.of(image), "/good", volume);
        assertThat(volume.resolve("f")).hasContent("image");
    }

    @Test
    void suitsAContainerWithItsOwnIds() throws Exception {
        Path image = containers.directory("image");
        Files.createDirectories(image.resolve("d"));
        Files.setAttribute(Files.writeString(image.resolve("d/f"), "x"), "unix:uid", 1000);
        Path volume = containers.directory("volume");
        containers.runtime.copyUp(List.of(image), "/d", volume);
        Request request = containers.sh("stat -c %u /d /d/f").bind(volume, "/d");
        request.users = new IdRange(1_900_000_000L, 65_536);
        assertThat(request.run().output()).isEqualTo("0\n1000\n");
    }
}
