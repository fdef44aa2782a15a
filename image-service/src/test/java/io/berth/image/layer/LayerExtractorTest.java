package io.berth.image.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.archive.ArchiveFormatException;
import io.berth.kernel.KernelTest;
import io.berth.kernel.RawTar;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileStat;
import io.berth.linux.fd.FileType;
import io.berth.linux.fd.RenameFlag;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The corpus of hostile layers: whatever an archive says, nothing outside the root changes. */
@KernelTest
class LayerExtractorTest {
    private static final byte[] NOTHING = new byte[0];
    private static final byte[] EVIL = "evil".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path host;

    private Path rootPath;
    private Path canary;

    @BeforeEach
    void prepare() throws IOException {
        rootPath = Files.createDirectory(host.resolve("root"));
        canary = Files.writeString(host.resolve("canary"), "safe");
        Files.createDirectory(host.resolve("outside"));
    }

    @AfterEach
    void nothingOutsideChanged() throws IOException {
        assertThat(canary).hasContent("safe");
        assertThat(host.resolve("outside")).isEmptyDirectory();
        try (var names = Files.list(host)) {
            assertThat(names.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("root", "canary", "outside");
        }
    }

    private long extract(byte[] archive) throws IOException {
        return extract(archive, UnpackLimits.DEFAULT);
    }

    private long extract(byte[] archive, UnpackLimits limits) throws IOException {
        try (Directory root = Directory.open(rootPath)) {
            return new LayerExtractor(root, limits).extract(new ByteArrayInputStream(archive));
        }
    }

    private FileStat stat(String path) {
        try (Directory root = Directory.open(rootPath)) {
            return root.stat(path);
        }
    }

    private byte[] xattr(String path, String name) {
        try (Directory root = Directory.open(rootPath)) {
            byte[] value = root.xattr(path, name);
            return value == null ? NOTHING : value;
        }
    }

    private static RawTar tar() {
        return new RawTar();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "a/../../x", "../outside/x", "/../x", "..", "./../canary"})
    void refusesNamesAboveTheRoot(String name) {
        assertThatThrownBy(() -> extract(tar().entry('0', name, "", EVIL).end()))
                .isInstanceOf(ArchiveFormatException.class)
                .hasMessageContaining("outside");
        assertThatThrownBy(() -> extract(
                        tar().pax("path", name).entry('0', "innocent", "", EVIL).end()))
                .isInstanceOf(ArchiveFormatException.class);
        assertThatThrownBy(() -> extract(tar().entry('L', "l", "", (name + "\0").getBytes(StandardCharsets.UTF_8))
                        .entry('0', "innocent", "", EVIL)
                        .end()))
                .isInstanceOf(ArchiveFormatException.class);
    }

    @Test
    void absoluteNamesStartAtTheRoot() throws IOException {
        extract(tar().entry('0', "/etc/x", "", EVIL)
                .entry('0', "a/./b/../c", "", EVIL)
                .end());
        assertThat(rootPath.resolve("etc/x")).hasContent("evil");
        assertThat(rootPath.resolve("a/c")).hasContent("evil");
        assertThat(stat("etc").permissions()).isEqualTo(0_755);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/outside", "../outside", "../../../../../../../../outside"})
    void linksOnTheWayResolveInsideTheRoot(String target) throws IOException {
        // Inside the root there is no such directory, so that the entry below the link is refused.
        assertThatThrownBy(() -> extract(tar().entry('2', "link", target, NOTHING)
                        .entry('0', "link/x", "", EVIL)
                        .end()))
                .isInstanceOf(ArchiveFormatException.class)
                .hasMessageContaining("not a directory");
        // And where there is one, the file goes there.
        extract(tar().entry('5', "outside/", "", NOTHING)
                .entry('2', "link2", target, NOTHING)
                .entry('0', "link2/x", "", EVIL)
                .end());
        assertThat(rootPath.resolve("outside/x")).hasContent("evil");
    }

    @Test
    void aLinkAtTheEndIsReplacedNotFollowed() throws IOException {
        extract(tar().entry('2', "x", canary.toString(), NOTHING)
                .entry('0', "x", "", EVIL)
                .entry('2', "d", host.resolve("outside").toString(), NOTHING)
                .entry('5', "d", "", NOTHING, 100, "0000777\0")
                .entry('0', "d/f", "", EVIL)
                .end());
        assertThat(Files.isSymbolicLink(rootPath.resolve("x"))).isFalse();
        assertThat(stat("d").isDirectory()).isTrue();
        assertThat(rootPath.resolve("d/f")).hasContent("evil");
    }

    @Test
    void hardLinksReachNothingOutside() throws IOException {
        assertThatThrownBy(() ->
                        extract(tar().entry('1', "h", "../canary", NOTHING).end()))
                .isInstanceOf(ArchiveFormatException.class);
        assertThatThrownBy(() -> extract(
                        tar().entry('1', "h", canary.toString(), NOTHING).end()))
                .isInstanceOf(io.berth.linux.SyscallException.class);
        assertThatThrownBy(() -> extract(tar().entry('2', "out", host.toString(), NOTHING)
                        .entry('1', "h", "out/canary", NOTHING)
                        .end()))
                .isInstanceOf(RuntimeException.class);
        // A hard link to a symbolic link is the link itself; mode and content of its target stay as they are.
        extract(tar().entry('2', "s", canary.toString(), NOTHING)
                .entry('1', "h", "s", NOTHING, 100, "0006777\0")
                .entry('0', "s", "", EVIL, 100, "0006777\0")
                .end());
        assertThat(stat("h").isSymbolicLink()).isTrue();
        assertThat(Files.getPosixFilePermissions(canary)).hasSizeLessThan(9);
    }

    @Test
    void hardLinksShareTheFile() throws IOException {
        extract(tar().entry('0', "a", "", EVIL)
                .entry('1', "d/b", "a", NOTHING)
                .entry('1', "a", "./a", NOTHING)
                .end());
        assertThat(stat("a").links()).isEqualTo(2);
        assertThat(stat("d/b").isSameFileAs(stat("a"))).isTrue();
        assertThatThrownBy(() -> extract(tar().entry('1', "c", ".", NOTHING).end()))
                .isInstanceOf(ArchiveFormatException.class);
    }

    @Test
    void whiteoutsBecomeOverlayOnes() throws IOException {
        extract(tar().entry('0', "d/.wh.gone", "", NOTHING)
                .entry('0', "o/.wh..wh..opq", "", NOTHING)
                .entry('0', ".wh..wh..opq", "", NOTHING)
                .entry('0', ".wh..wh.plnk/1.2", "", EVIL)
                .entry('0', ".wh..wh.aufs", "", EVIL)
                .end());
        FileStat gone = stat("d/gone");
        assertThat(gone.type()).isEqualTo(FileType.CHARACTER_DEVICE);
        assertThat(gone.rdevMajor() + gone.rdevMinor()).isZero();
        assertThat(xattr("o", "trusted.overlay.opaque")).containsExactly('y');
        assertThat(xattr(".", "trusted.overlay.opaque")).containsExactly('y');
        try (var names = Files.list(rootPath)) {
            assertThat(names.map(path -> path.getFileName().toString())).containsExactlyInAnyOrder("d", "o");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {".wh.", ".wh..", ".wh...", "d/.wh.", "d/.wh..", "d/.wh..."})
    void refusesWhiteoutsOfNothing(String name) {
        assertThatThrownBy(() -> extract(tar().entry('0', name, "", NOTHING).end()))
                .isInstanceOf(ArchiveFormatException.class)
                .hasMessageContaining("invalid whiteout");
    }

    @Test
    void aWhiteoutHidesLowerLayersOnly() throws IOException {
        extract(tar().entry('0', "a/mine", "", EVIL)
                .entry('0', ".wh.a", "", NOTHING)
                .entry('0', ".wh.b", "", NOTHING)
                .entry('0', "b/mine", "", EVIL)
                .entry('0', ".wh.c", "", NOTHING)
                .entry('5', "c", "", NOTHING)
                .end());
        assertThat(rootPath.resolve("a/mine")).exists();
        assertThat(xattr("a", "trusted.overlay.opaque")).containsExactly('y');
        assertThat(rootPath.resolve("b/mine")).exists();
        assertThat(xattr("b", "trusted.overlay.opaque")).containsExactly('y');
        assertThat(xattr("c", "trusted.overlay.opaque")).containsExactly('y');
    }

    @Test
    void archivesCannotSteerOverlay() throws IOException {
        extract(tar().pax(
                        "SCHILY.xattr.trusted.overlay.redirect", "/../../etc",
                        "SCHILY.xattr.trusted.overlay.opaque", "y",
                        "SCHILY.xattr.user.fine", "yes")
                .entry('5', "d", "", NOTHING)
                .end());
        assertThat(xattr("d", "trusted.overlay.redirect")).isEmpty();
        assertThat(xattr("d", "trusted.overlay.opaque")).isEmpty();
        assertThat(xattr("d", "user.fine")).isEqualTo("yes".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void theRootIsADirectory() throws IOException {
        for (String name : new String[] {".", "./", "/", "a/.."}) {
            assertThatThrownBy(() ->
                            extract(tar().entry('2', name, "/etc", NOTHING).end()))
                    .isInstanceOf(ArchiveFormatException.class);
        }
        extract(tar().entry('5', "./", "", NOTHING, 100, "0001777\0", 108, "0000005\0")
                .end());
        assertThat(stat(".").permissions()).isEqualTo(0_1777);
        assertThat(stat(".").uid()).isEqualTo(5);
        assertThat(stat(".").modified()).isEqualTo(Instant.ofEpochSecond(1));
    }

    @Test
    void devicesDuplicatesAndVariantsOfCase() throws IOException {
        extract(tar().entry('3', "null", "", NOTHING, 329, "0000001\0", 337, "0000003\0")
                .entry('4', "disk", "", NOTHING, 329, "0000010\0", 337, "0000000\0")
                .entry('6', "fifo", "", NOTHING)
                .entry('0', "twice", "", "first".getBytes(StandardCharsets.UTF_8))
                .entry('0', "twice", "", EVIL)
                .entry('5', "full", "", NOTHING)
                .entry('0', "full/x", "", EVIL)
                .entry('0', "full", "", EVIL)
                .entry('0', "Case", "", NOTHING)
                .entry('0', "case", "", EVIL)
                .entry('0', "caf\u00c3\u00a9", "", EVIL)
                .entry('0', "bad\u00ffname", "", EVIL)
                .end());
        assertThat(stat("null").rdevMinor()).isEqualTo(3);
        assertThat(stat("disk").type()).isEqualTo(FileType.BLOCK_DEVICE);
        assertThat(stat("fifo").type()).isEqualTo(FileType.FIFO);
        assertThat(rootPath.resolve("twice")).hasContent("evil");
        assertThat(rootPath.resolve("full")).hasContent("evil");
        assertThat(rootPath.resolve("Case")).isEmptyFile();
        assertThat(stat("caf\u00e9").size()).isEqualTo(4);
        assertThat(stat("bad\uDCFFname").size()).isEqualTo(4);
    }

    @Test
    void metadataIsExact() throws IOException {
        extract(tar().pax("uid", "3000000000", "gid", "7", "mtime", "1234.000000005")
                .entry('5', "d", "", NOTHING, 100, "0002750\0")
                .pax("uid", "1000", "mtime", "-5.25")
                .entry('0', "d/set", "", EVIL, 100, "0006711\0")
                .pax("uid", "9", "mtime", "77.5")
                .entry('2', "d/link", "nowhere", NOTHING)
                .end());
        assertThat(stat("d").uid()).isEqualTo(3_000_000_000L);
        assertThat(stat("d").gid()).isEqualTo(7);
        assertThat(stat("d").permissions()).isEqualTo(0_2750);
        assertThat(stat("d").modified()).isEqualTo(Instant.ofEpochSecond(1234, 5));
        assertThat(stat("d/set").permissions()).isEqualTo(0_6711);
        assertThat(stat("d/set").modified()).isEqualTo(Instant.ofEpochSecond(-6, 750_000_000));
        assertThat(stat("d/link").uid()).isEqualTo(9);
        assertThat(stat("d/link").modified()).isEqualTo(Instant.ofEpochSecond(77, 500_000_000));
    }

    @Test
    void boundsBytesAndEntries() {
        UnpackLimits small = new UnpackLimits(1000, 3, 10);
        assertThatThrownBy(() -> extract(tar().header('0', "big", "", 1001).withoutEnd(), small))
                .isInstanceOf(ArchiveFormatException.class)
                .hasMessageContaining("more than 1000 bytes");
        RawTar many = tar();
        for (int i = 0; i < 4; i++) {
            many.entry('0', "f" + i, "", NOTHING);
        }
        assertThatThrownBy(() -> extract(many.end(), small)).hasMessageContaining("entries");
    }

    /** One entry whose name makes two thousand directories, and names that no program could use. */
    @Test
    void boundsDepth() throws IOException {
        String deep = "a/".repeat(1000);
        UnpackLimits small = new UnpackLimits(1 << 20, 500, 10);
        assertThatThrownBy(() -> extract(
                        tar().pax("path", deep + "f").entry('0', "f", "", EVIL).end(), small))
                .hasMessageContaining("entries");
        extract(tar().pax("path", deep + "f").entry('0', "f", "", EVIL).end());
        for (String name : new String[] {"b/".repeat(100_000) + "f", "c".repeat(300)}) {
            assertThatThrownBy(() -> extract(
                            tar().pax("path", name).entry('0', "f", "", EVIL).end()))
                    .isInstanceOf(io.berth.linux.SyscallException.class)
                    .hasMessageContaining("ENAMETOOLONG");
        }
        assertThat(rootPath.resolve("b")).doesNotExist();
    }

    @Test
    void zerosTakeNoSpace() throws IOException {
        byte[] mostlyZero = new byte[1 << 20];
        mostlyZero[(1 << 20) - 1] = 1;
        assertThat(extract(tar().entry('0', "end", "", mostlyZero)
                        .entry('0', "zeros", "", new byte[1 << 20])
                        .end()))
                .isEqualTo(2 << 20);
        assertThat(Files.readAllBytes(rootPath.resolve("end"))).isEqualTo(mostlyZero);
        assertThat(rootPath.resolve("zeros")).hasSize(1 << 20);
        assertThat(stat("zeros").blocks()).isLessThan(16);
    }

    @Test
    void aDirectorySwappedForALinkMeanwhileLeadsNowhereElse() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        Files.createDirectory(rootPath.resolve("d"));
        Files.createSymbolicLink(rootPath.resolve("attack"), host.resolve("outside"));
        Thread attacker = Thread.ofPlatform().start(() -> {
            try (Directory root = Directory.open(rootPath)) {
                while (!stop.get()) {
                    root.rename("d", root, "attack", Set.of(RenameFlag.EXCHANGE));
                }
            }
        });
        RawTar archive = tar();
        for (int i = 0; i < 20; i++) {
            archive.entry('0', "d/" + i, "", EVIL)
                    .entry('0', "other", "", EVIL)
                    .entry('1', "d/h" + i, "other", NOTHING);
        }
        byte[] bytes = archive.end();
        try {
            for (int round = 0; round < 200; round++) {
                try {
                    extract(bytes);
                } catch (ArchiveFormatException | io.berth.linux.SyscallException e) {
                    // Refused while the name was a link: as it should be.
                    assertThat(e).hasMessageMatching("(?s).*");
                }
            }
        } finally {
            stop.set(true);
            attacker.join();
        }
    }
}
