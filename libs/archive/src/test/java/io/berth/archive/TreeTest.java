package io.berth.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.kernel.KernelTest;
import io.berth.kernel.RawTar;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileType;
import io.berth.linux.fd.RenameFlag;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trees to archives and back, also while somebody swaps links in them: nothing outside of the root is read or changed. */
@KernelTest
class TreeTest {
    private static final byte[] NOTHING = new byte[0];
    private static final byte[] EVIL = "evil".getBytes(StandardCharsets.UTF_8);
    private static final int ROUNDS = 3_000;

    @TempDir
    Path host;

    private Path rootPath;
    private Path outside;

    @BeforeEach
    void prepare() throws IOException {
        rootPath = Files.createDirectory(host.resolve("root"));
        outside = Files.createDirectory(host.resolve("outside"));
        Files.writeString(outside.resolve("canary"), "secret");
        Files.setPosixFilePermissions(outside.resolve("canary"), PosixFilePermissions.fromString("r--------"));
    }

    @AfterEach
    void nothingOutsideChanged() throws IOException {
        assertThat(outside.resolve("canary")).hasContent("secret");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(outside.resolve("canary"))))
                .isEqualTo("r--------");
        try (var names = Files.list(outside)) {
            assertThat(names).hasSize(1);
        }
    }

    private void extract(String target, boolean keepKinds, byte[] archive) throws IOException {
        try (Directory root = Directory.open(rootPath)) {
            new TreeExtractor(root, target, keepKinds, null).extract(new ByteArrayInputStream(archive));
        }
    }

    private static byte[] archive(Directory root, String path, boolean layer) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        TarWriter tar = new TarWriter(bytes);
        TreeArchiver archiver = layer ? TreeArchiver.ofLayer(tar) : TreeArchiver.of(tar, directory -> false);
        try (Directory directory = root.openDirectory(path)) {
            archiver.addContents(directory, "");
        }
        tar.close();
        return bytes.toByteArray();
    }

    private static Map<String, TarEntry> read(byte[] archive) throws IOException {
        TarReader reader = new TarReader(new ByteArrayInputStream(archive));
        List<TarEntry> entries = new ArrayList<>();
        for (var entry = reader.next(); entry.isPresent(); entry = reader.next()) {
            entries.add(entry.get());
        }
        return entries.stream().collect(Collectors.toMap(TarEntry::name, Function.identity()));
    }

    @Test
    void goesThereAndBack() throws IOException {
        byte[] archive;
        try (Directory root = Directory.open(rootPath)) {
            root.mkdir("from", 0_755);
            root.mkdir("from/empty", 0_700);
            Files.write(rootPath.resolve("from/file"), "content".getBytes(StandardCharsets.UTF_8));
            root.chmod("from/file", 0_4755);
            root.chown("from/file", 12, 34);
            root.chmod("from/file", 0_4755);
            root.setXattr("from/file", "user.note", EVIL);
            root.link("from/file", "from/second");
            root.symlink("../../nowhere", "from/link");
            root.mknod("from/pipe", FileType.FIFO, 0_644, 0, 0);
            root.mknod("from/socket", FileType.SOCKET, 0_644, 0, 0);
            root.mknod("from/null", FileType.CHARACTER_DEVICE, 0_666, 1, 3);
            try (var sparse = root.createFile("from/sparse", 0_600)) {
                sparse.truncate(10_000_000);
            }
            archive = archive(root, "from", false);
            assertThat(read(archive))
                    .containsOnlyKeys("empty/", "file", "second", "link", "pipe", "null", "sparse")
                    .hasEntrySatisfying("second", entry -> {
                        assertThat(entry.type()).isEqualTo(TarType.HARD_LINK);
                        assertThat(entry.linkName()).isEqualTo("file");
                    });
            root.mkdir("to", 0_755);
            extract("to", true, archive);
            assertThat(root.stat("to/file").mode()).isEqualTo(0_104755);
            assertThat(root.stat("to/file").uid()).isEqualTo(12);
            assertThat(root.stat("to/file").modified())
                    .isEqualTo(root.stat("from/file").modified());
            assertThat(root.xattr("to/file", "user.note")).isEqualTo(EVIL);
            assertThat(root.stat("to/second").isSameFileAs(root.stat("to/file")))
                    .isTrue();
            assertThat(root.readLink("to/link")).isEqualTo("../../nowhere");
            assertThat(root.stat("to/sparse").blocks()).isLessThan(100);
            assertThat(root.stat("to/null").rdevMinor()).isEqualTo(3);
        }
    }

    @Test
    void turnsAnUpperDirectoryIntoALayer() throws IOException {
        try (Directory root = Directory.open(rootPath)) {
            root.mkdir("upper", 0_755);
            root.mknod("upper/gone", FileType.CHARACTER_DEVICE, 0, 0, 0);
            root.mkdir("upper/fresh", 0_755);
            OverlayMarks.setOpaque(root, "upper/fresh");
            root.setXattr("upper/fresh", "user.overlay.origin", EVIL);
            assertThat(read(archive(root, "upper", true)))
                    .containsOnlyKeys(".wh.gone", "fresh/", "fresh/.wh..wh..opq")
                    .hasEntrySatisfying(
                            "fresh/", entry -> assertThat(entry.xattrs()).isEmpty());
        }
    }

    @Test
    void followsLinksOfTheTreeInsideOfIt() throws IOException {
        Files.createDirectories(rootPath.resolve("run"));
        Files.createDirectories(rootPath.resolve("var"));
        Files.createSymbolicLink(rootPath.resolve("var/run"), Path.of("/run"));
        Files.createSymbolicLink(rootPath.resolve("var/out"), outside);
        extract("var", true, new RawTar().entry('0', "run/pid", "", EVIL).end());
        assertThat(rootPath.resolve("run/pid")).hasContent("evil");
        assertThatThrownBy(() -> extract(
                        "var",
                        true,
                        new RawTar().entry('0', "out/canary", "", EVIL).end()))
                .isInstanceOf(ArchiveFormatException.class);
    }

    @Test
    void refusesToLeaveTheTarget() throws IOException {
        Files.createDirectories(rootPath.resolve("a/b"));
        assertThatThrownBy(() -> extract(
                        "a/b",
                        false,
                        new RawTar().entry('0', "../../../x", "", EVIL).end()))
                .isInstanceOf(ArchiveFormatException.class);
        // CVE-2021-41089: the mode of a file must not reach what a link of the same name points to.
        extract(
                "a/b",
                false,
                new RawTar()
                        .entry('2', "c", outside.resolve("canary").toString(), NOTHING)
                        .entry('0', "c", "", EVIL, 100, "0000777\0")
                        .end());
        assertThat(rootPath.resolve("a/b/c")).isRegularFile().hasContent("evil");
        // CVE-2019-10152: through a link that the archive itself brings.
        assertThatThrownBy(() -> extract(
                        "a/b",
                        false,
                        new RawTar()
                                .entry('2', "d", outside.toString(), NOTHING)
                                .entry('0', "d/canary", "", EVIL)
                                .end()))
                .isInstanceOf(ArchiveFormatException.class);
        assertThatThrownBy(() -> extract(
                        "a/b",
                        false,
                        new RawTar()
                                .entry('1', "e", outside.resolve("canary").toString(), NOTHING)
                                .end()))
                .isInstanceOf(SyscallException.class);
    }

    @Test
    void keepsKindsWhereAsked() throws IOException {
        Files.createDirectories(rootPath.resolve("t/dir"));
        Files.writeString(rootPath.resolve("t/file"), "x");
        assertThatThrownBy(() -> extract(
                        "t", true, new RawTar().entry('0', "dir", "", EVIL).end()))
                .isInstanceOf(TreeExtractor.KindDiffers.class)
                .hasMessage("cannot overwrite directory \"/t/dir\" with non-directory \"/t\"");
        assertThatThrownBy(() -> extract(
                        "t", true, new RawTar().entry('5', "file/", "", NOTHING).end()))
                .hasMessage("cannot overwrite non-directory \"/t/file\" with directory \"/t\"");
        extract("t", false, new RawTar().entry('0', "dir", "", EVIL).end());
        assertThat(rootPath.resolve("t/dir")).isRegularFile();
    }

    @Test
    void measuresAsDuDoes() throws Exception {
        Path tree = rootPath.resolve("measured/sub");
        Files.createDirectories(tree.resolve("deep"));
        Files.write(tree.resolve("file"), new byte[100_000]);
        Files.createLink(tree.resolve("deep/again"), tree.resolve("file"));
        Files.createSymbolicLink(tree.resolve("link"), outside);
        try (Directory root = Directory.open(rootPath);
                var sparse = root.createFile("measured/sparse", 0_600)) {
            sparse.truncate(1L << 30);
        }
        Process du = new ProcessBuilder(
                        "du", "-s", "-B1", rootPath.resolve("measured").toString())
                .start();
        String said = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(du.waitFor()).isZero();
        assertThat(TreeUsage.of(rootPath.resolve("measured"))).isEqualTo(Long.parseLong(said.split("\\s")[0]));
        assertThat(TreeUsage.of(rootPath.resolve("nothing"))).isZero();
    }

    /** CVE-2018-15664: a directory that becomes a link to the host's, and back, thousands of times during copies. */
    @Test
    void staysInsideWhileLinksAreSwapped() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        try (Directory root = Directory.open(rootPath)) {
            root.mkdir("victim", 0_755);
            root.symlink(outside.toString(), "link");
            Thread swapper = Thread.ofPlatform().start(() -> {
                while (!stop.get()) {
                    root.rename("victim", root, "link", Set.of(RenameFlag.EXCHANGE));
                }
            });
            int reached = 0;
            try {
                byte[] in = new RawTar()
                        .entry('0', "canary", "", EVIL)
                        .entry('5', "sub/", "", NOTHING)
                        .entry('0', "sub/canary", "", EVIL)
                        .end();
                for (int i = 0; i < ROUNDS; i++) {
                    try {
                        extract("victim", false, in);
                        byte[] out = archive(root, "victim", false);
                        assertThat(new String(out, StandardCharsets.ISO_8859_1)).doesNotContain("secret");
                        reached++;
                    } catch (ArchiveFormatException | SyscallException e) {
                        // The link leads nowhere inside the root.
                    }
                }
            } finally {
                stop.set(true);
                swapper.join();
            }
            assertThat(reached).as("copies that met the directory").isPositive();
        }
    }
}
