package io.berth.linux.fd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.Errno;
import io.berth.linux.FileNameCodec;
import io.berth.linux.SyscallException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryTest {
    @TempDir
    Path temp;

    private Path outside;
    private Path inside;
    private Directory root;

    @BeforeEach
    void open() throws IOException {
        outside = Files.createDirectory(temp.resolve("outside"));
        Files.writeString(outside.resolve("canary"), "untouched");
        inside = Files.createDirectory(temp.resolve("inside"));
        root = Directory.open(inside);
    }

    @AfterEach
    void close() throws IOException {
        root.close();
        assertThat(outside.resolve("canary")).hasContent("untouched");
        try (var names = Files.list(outside)) {
            assertThat(names).hasSize(1);
        }
    }

    private static void assertErrno(int errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SyscallException.class,
                        e -> assertThat(Errno.name(e.errno())).isEqualTo(Errno.name(errno)));
    }

    @Test
    void writesAndReadsFiles() throws IOException {
        byte[] data = new byte[300_000];
        new Random(1).nextBytes(data);
        try (OutputStream out = root.createFile("file", 0_644).outputStream()) {
            out.write(data);
        }
        assertThat(Files.readAllBytes(inside.resolve("file"))).isEqualTo(data);
        try (InputStream in = root.openRegular("file").inputStream()) {
            assertThat(in.readAllBytes()).isEqualTo(data);
        }
        assertThat(root.readRegular("file", data.length)).isEqualTo(data);
        assertErrno(Errno.EINVAL, () -> root.readRegular("file", data.length - 1));
        try (FileHandle from = root.openRegular("file");
                FileHandle to = root.createFile("copy", 0_600)) {
            assertThat(to.copyFrom(from, Long.MAX_VALUE)).isEqualTo(data.length);
            to.sync();
        }
        assertThat(Files.mismatch(inside.resolve("file"), inside.resolve("copy")))
                .isEqualTo(-1);
        byte[] part = new byte[10];
        try (FileHandle file = root.openRegular("copy")) {
            assertThat(file.readAt(299_995, part, 0, 10)).isEqualTo(5);
            assertThat(file.readAt(300_000, part, 0, 10)).isEqualTo(-1);
            assertThat(file.read(part, 0, 10)).isEqualTo(10);
        }
    }

    @Test
    void copiesFromProcWhereSizesAreZero() throws IOException {
        try (Directory proc = Directory.open(Path.of("/proc"));
                FileHandle from = proc.openRegular("version");
                FileHandle to = root.createFile("version", 0_600)) {
            assertThat(to.copyFrom(from, Long.MAX_VALUE)).isPositive();
        }
        assertThat(Files.readString(inside.resolve("version"))).startsWith("Linux version");
    }

    @Test
    void createFileNeverFollows() throws IOException {
        Files.createSymbolicLink(inside.resolve("link"), outside.resolve("new"));
        assertErrno(Errno.EEXIST, () -> root.createFile("link", 0_600));
    }

    @Test
    void resolvesAbsoluteLinksInsideTheRoot() throws IOException {
        Files.createDirectories(inside.resolve("run"));
        Files.createDirectories(inside.resolve("var"));
        Files.createSymbolicLink(inside.resolve("var/run"), Path.of("/run"));
        Files.createSymbolicLink(inside.resolve("up"), Path.of("../../../.."));
        root.createFile("var/run/pid", 0_600).close();
        root.createFile("/up/top", 0_600).close();
        assertThat(inside.resolve("run/pid")).exists();
        assertThat(inside.resolve("top")).exists();
    }

    @Test
    void nothingLeadsOutside() throws IOException {
        Files.createSymbolicLink(inside.resolve("abs"), outside);
        Files.createSymbolicLink(inside.resolve("rel"), Path.of("../outside"));
        for (String path : List.of("abs/x", "rel/x", "../outside/x", "/../outside/x", "rel/../../outside/x")) {
            assertThatThrownBy(() -> root.createFile(path, 0_600)).isInstanceOf(SyscallException.class);
            assertThatThrownBy(() -> root.mkdir(path, 0_700)).isInstanceOf(SyscallException.class);
            assertThatThrownBy(() -> root.symlink("t", path)).isInstanceOf(SyscallException.class);
            assertThatThrownBy(() -> root.mknod(path, FileType.FIFO, 0_600, 0, 0))
                    .isInstanceOf(SyscallException.class);
        }
        for (String path : List.of("abs/canary", "rel/canary", "../outside/canary")) {
            assertThatThrownBy(() -> root.openRegular(path)).isInstanceOf(SyscallException.class);
            assertThatThrownBy(() -> root.unlink(path)).isInstanceOf(SyscallException.class);
            assertThatThrownBy(() -> root.chmod(path, 0_777)).isInstanceOf(SyscallException.class);
            assertThatThrownBy(() -> root.link(path, "mine")).isInstanceOf(SyscallException.class);
        }
        try (Directory beneath = Directory.open(inside, Resolution.BENEATH)) {
            assertErrno(Errno.EXDEV, () -> beneath.open("rel/canary", Set.of(), 0));
            assertErrno(Errno.EXDEV, () -> beneath.open("/etc/passwd", Set.of(), 0));
        }
        assertErrno(Errno.ELOOP, () -> root.open("rel/canary", Set.of(), 0, Resolution.BENEATH_NO_SYMLINKS));
        try (Directory proc = Directory.open(Path.of("/proc"))) {
            assertErrno(Errno.ELOOP, () -> proc.open("self/root/etc/passwd", Set.of(), 0));
        }
    }

    @Test
    void mkdirsFollowsOnlyInsideAndMakesTheRest() throws IOException {
        Files.createDirectories(inside.resolve("usr/lib"));
        Files.createSymbolicLink(inside.resolve("lib"), Path.of("usr/lib"));
        Files.createSymbolicLink(inside.resolve("dangling"), outside.resolve("made"));
        Files.createFile(inside.resolve("file"));
        root.mkdirs("lib/a/b/c", 0_755).close();
        root.mkdirs("/x//y/./z/", 0_755).close();
        root.mkdirs("x/y/z", 0_755).close();
        root.mkdirs("open/open", 0_777).close();
        assertThat(root.stat("open").mode() & 0_777).isEqualTo(0_777);
        assertThat(root.stat("open/open").mode() & 0_777).isEqualTo(0_777);
        root.mkdirs("", 0_755).close();
        root.mkdirs("/", 0_755).close();
        assertThat(inside.resolve("usr/lib/a/b/c")).isDirectory();
        assertThat(inside.resolve("x/y/z")).isDirectory();
        assertErrno(Errno.ENOTDIR, () -> root.mkdirs("dangling/a", 0_755));
        assertErrno(Errno.ENOTDIR, () -> root.mkdirs("file/a", 0_755));
        assertErrno(Errno.EINVAL, () -> root.mkdirs("new/../../a", 0_755));
    }

    @Test
    void linksAndRenames() throws IOException {
        root.createFile("a", 0_640).close();
        root.symlink("a", "s");
        root.link("s", "s2");
        assertThat(root.readLink("s2")).isEqualTo("a");
        root.link("a", "b");
        assertThat(root.stat("b").links()).isEqualTo(2);
        assertThat(root.stat("a").isSameFileAs(root.stat("b"))).isTrue();
        root.mkdir("d", 0_755);
        try (Directory d = root.openDirectory("d")) {
            root.rename("b", d, "b", EnumSet.of(RenameFlag.NO_REPLACE));
            assertThat(d.list()).extracting(DirectoryEntry::name).containsExactly("b");
            root.createFile("b", 0_600).close();
            assertErrno(Errno.EEXIST, () -> root.rename("b", d, "b", EnumSet.of(RenameFlag.NO_REPLACE)));
            root.rename("s", root, "b", EnumSet.of(RenameFlag.EXCHANGE));
        }
        assertThat(root.stat("b").isSymbolicLink()).isTrue();
        assertThat(root.stat("s").isRegular()).isTrue();
    }

    @Test
    void metadataIsThatOfTheNameItself() throws IOException {
        Files.createSymbolicLink(inside.resolve("link"), outside.resolve("canary"));
        Instant time = Instant.ofEpochSecond(1_234_567_890L, 123_456_789);
        root.setTimes("link", null, time);
        root.createFile("file", 0_600).close();
        root.chmod("file", 0_4755);
        root.setTimes("file", Instant.ofEpochSecond(-5, 7), time);
        assertThat(root.stat("link").modified()).isEqualTo(time);
        FileStat file = root.stat("file");
        assertThat(file.permissions()).isEqualTo(0_4755);
        assertThat(file.mode()).isEqualTo(0_104755);
        assertThat(file.modified()).isEqualTo(time);
        assertThat(file.accessed()).isEqualTo(Instant.ofEpochSecond(-5, 7));
        assertErrno(Errno.EOPNOTSUPP, () -> root.chmod("link", 0_777));
        try (Place place = new Place(root.fd().value(), "file", null)) {
            assertThat(place.chmodByDescriptor(0_711)).isZero();
        }
        try (Place place = new Place(root.fd().value(), "link", null)) {
            assertThat(place.chmodByDescriptor(0_711)).isEqualTo(-Errno.EOPNOTSUPP);
        }
        assertThat(root.stat("file").permissions()).isEqualTo(0_711);
        root.chmod(".", 0_711);
        assertThat(root.stat("/").permissions()).isEqualTo(0_711);
        assertThat(root.statIfPresent("none")).isNull();
        assertThat(root.statIfPresent("file/none")).isNull();
        assertThat(root.statIfPresent("none/none")).isNull();
        assertThat(root.stat("file").inode())
                .isEqualTo(Files.getAttribute(inside.resolve("file"), "unix:ino", LinkOption.NOFOLLOW_LINKS));
        assertThat(root.statFileSystem().availableBytes()).isPositive();
    }

    @Test
    void extendedAttributes() {
        byte[] large = new byte[2000];
        new Random(2).nextBytes(large);
        try (FileHandle file = root.createFile("file", 0_600)) {
            file.setXattr("user.one", new byte[] {1, 0, 2});
            assertThat(file.xattr("user.one")).containsExactly(1, 0, 2);
            assertThat(file.xattr("user.none")).isNull();
        }
        root.setXattr("file", "user.large", large);
        assertThat(root.xattr("file", "user.large")).isEqualTo(large);
        assertThat(root.xattrNames("file")).contains("user.one", "user.large");
        root.removeXattr("file", "user.one");
        assertErrno(Errno.ENODATA, () -> root.removeXattr("file", "user.one"));
        assertThat(root.xattrNames(".")).doesNotContain("user.one");
    }

    @Test
    void listsNamesWithoutLoss() {
        String strange = FileNameCodec.decode(new byte[] {'x', (byte) 0xFF, '\n', (byte) 0xC3});
        root.createFile(strange, 0_600).close();
        root.mkdir("dir", 0_700);
        root.symlink("nowhere", "ünïcode");
        for (int i = 0; i < 5000; i++) {
            root.createFile("many-files-with-a-rather-long-name-" + i, 0_600).close();
        }
        List<DirectoryEntry> entries = root.list();
        assertThat(entries).hasSize(5003);
        assertThat(entries).extracting(DirectoryEntry::name).contains(strange, "dir", "ünïcode");
        assertThat(root.list()).hasSize(5003);
        assertThat(entries.stream().filter(e -> e.name().equals("dir")))
                .allMatch(e -> e.type() == FileType.DIRECTORY || e.type() == FileType.UNKNOWN);
    }

    @Test
    void refusesWhatIsNoName() {
        assertThatThrownBy(() -> root.mkdir("a\0b", 0_700)).isInstanceOf(InvalidPathException.class);
        assertErrno(Errno.ENAMETOOLONG, () -> root.mkdir("x".repeat(5000), 0_700));
        assertErrno(Errno.ENAMETOOLONG, () -> root.mkdir("x".repeat(300), 0_700));
        for (String path : List.of("", ".", "..", "/", "a/..", "..//")) {
            assertErrno(Errno.EINVAL, () -> root.mkdir(path, 0_700));
            assertErrno(Errno.EINVAL, () -> root.deleteRecursively(path));
        }
        assertErrno(Errno.EINVAL, () -> root.stat(".."));
    }

    @Test
    void openRegularDoesNotBlockOnFifos() {
        root.mknod("fifo", FileType.FIFO, 0_600, 0, 0);
        root.mkdir("dir", 0_700);
        assertErrno(Errno.EINVAL, () -> root.openRegular("fifo"));
        assertErrno(Errno.EISDIR, () -> root.openRegular("dir"));
        assertErrno(Errno.ENOENT, () -> root.openRegular("none"));
    }

    @Test
    void deletesTreesWithoutFollowing() throws IOException {
        Files.createDirectories(inside.resolve("t/a/b/c"));
        Files.createDirectories(inside.resolve("t/empty"));
        for (int i = 0; i < 3000; i++) {
            Files.createFile(inside.resolve("t/a/file-" + i));
        }
        Files.createSymbolicLink(inside.resolve("t/a/b/out"), outside);
        Files.createSymbolicLink(inside.resolve("t/dangling"), Path.of("/nowhere"));
        root.deleteRecursively("t");
        root.deleteRecursively("none");
        Files.createSymbolicLink(inside.resolve("l"), outside);
        root.deleteRecursively("l");
        assertThat(root.list()).isEmpty();
    }

    @Test
    void deletesTreesDeeperThanTheDescriptorLimit() {
        Directory current = root.mkdirs("deep", 0_755);
        for (int i = 0; i < 3000; i++) {
            current.mkdir("d", 0_755);
            Directory next = current.openDirectory("d");
            current.close();
            current = next;
            if (i % 100 == 0) {
                current.createFile("f", 0_600).close();
            }
        }
        current.close();
        root.deleteRecursively("deep");
        assertThat(root.list()).isEmpty();
    }

    @Test
    void deletesWhileOthersSwapDirectoriesAndLinks() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        Thread attacker = Thread.ofPlatform().start(() -> {
            try (Directory mine = Directory.open(inside)) {
                mine.symlink("../outside", "swap");
                while (!done.get()) {
                    try {
                        mine.rename("swap", mine, "t/victim", EnumSet.of(RenameFlag.EXCHANGE));
                    } catch (SyscallException e) {
                        assertThat(e.errno()).isEqualTo(Errno.ENOENT); // already deleted
                    }
                }
            }
        });
        for (int i = 0; i < 200; i++) {
            Files.createDirectories(inside.resolve("built/victim/x"));
            for (int k = 0; k < 5; k++) {
                Files.writeString(inside.resolve("built/canary" + k), "");
            }
            root.rename("built", root, "t", Set.of());
            root.deleteRecursively("t");
        }
        done.set(true);
        attacker.join();
        assertThat(inside.resolve("t")).doesNotExist();
        assertThat(new String(Files.readAllBytes(outside.resolve("canary")), StandardCharsets.UTF_8))
                .isEqualTo("untouched");
    }
}
