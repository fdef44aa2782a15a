package io.berth.linux.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.kernel.KernelTest;
import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@KernelTest
class MountKernelTest {
    @TempDir
    Path temp;

    private Path base;

    /** Overlay refuses an overlay's upper directory in places, and xattrs differ: a tmpfs is the same everywhere. */
    @BeforeEach
    void mountScratch() throws IOException {
        base = Files.createDirectory(temp.resolve("base"));
        try (FileSystemContext tmpfs = FileSystemContext.open("tmpfs");
                DetachedMount mount =
                        tmpfs.set("size", "64m").set("mode", "0700").create().mount(Set.of(MountAttribute.NO_SUID))) {
            mount.attachTo(base);
        }
    }

    @AfterEach
    void unmountScratch() {
        assertThat(DetachedMount.unmount(base, Set.of(UnmountFlag.DETACH))).isTrue();
        assertThat(DetachedMount.unmount(base, Set.of(UnmountFlag.DETACH))).isFalse();
    }

    private OverlayMount overlay(int layers, int nameLength) throws IOException {
        List<Path> lower = new ArrayList<>();
        for (int i = layers - 1; i >= 0; i--) {
            Path layer = Files.createDirectories(base.resolve("l".repeat(nameLength) + i));
            Files.writeString(layer.resolve("file"), "layer " + i);
            Files.writeString(layer.resolve("only-" + i), "");
            lower.add(layer);
        }
        return new OverlayMount(
                lower,
                Files.createDirectory(base.resolve("upper")),
                Files.createDirectory(base.resolve("work")),
                Set.of());
    }

    private static String read(Directory root, String path) {
        return new String(root.readRegular(path, 100), StandardCharsets.UTF_8);
    }

    private void checkOverlay(DetachedMount mount, int layers) throws IOException {
        try (mount;
                Directory root = mount.openRoot()) {
            assertThat(root.statFileSystem().magic()).isEqualTo(FileSystemMagic.OVERLAY);
            assertThat(read(root, "file")).isEqualTo("layer " + (layers - 1));
            assertThat(root.list()).hasSize(layers + 1);
            root.createFile("new", 0_600).close();
            root.unlink("only-0");
            String upper = "upperdir=" + base.resolve("upper"); // the host may have overlays of others
            assertThat(MountInfo.ofSelf()).noneMatch(info -> info.superOptions().contains(upper));
        }
        try (Directory upper = Directory.open(base.resolve("upper"))) {
            assertThat(upper.stat("new").isRegular()).isTrue();
            assertThat(upper.stat("only-0").type()).isEqualTo(FileType.CHARACTER_DEVICE);
        }
    }

    @Test
    void overlayOf300LayersWithLongPaths() throws IOException {
        checkOverlay(overlay(300, 90).mountDetached(Set.of()), 300);
    }

    @Test
    void overlayOfShortPaths() throws IOException {
        checkOverlay(overlay(128, 1).mountDetached(Set.of(MountAttribute.NO_DEVICES)), 128);
    }

    @Test
    void overlayByOptionStringForOlderKernels() throws IOException {
        checkOverlay(new LegacyOverlay(overlay(125, 90)).mountDetached(Set.of(MountAttribute.NO_SUID)), 125);
    }

    @Test
    void legacyRefusesTooManyLayersAndTellsOtherErrors() throws IOException {
        OverlayMount tooMany = overlay(300, 1);
        assertThatThrownBy(() -> new LegacyOverlay(tooMany).mountDetached(Set.of()))
                .isInstanceOfSatisfying(
                        SyscallException.class, e -> assertThat(e.errno()).isEqualTo(Errno.E2BIG));
    }

    @Test
    void failuresCarryTheKernelsExplanation() throws IOException {
        OverlayMount missing =
                new OverlayMount(List.of(Files.createDirectory(base.resolve("l"))), base, base, Set.of());
        assertThatThrownBy(() -> missing.mountDetached(Set.of()))
                .isInstanceOf(SyscallException.class)
                .hasMessageContaining("overlay")
                .hasMessageContaining("EINVAL");
        try (FileSystemContext context = FileSystemContext.open("overlay")) {
            assertThatThrownBy(() -> context.set("nonsense", "1")).hasMessageContaining("Unknown parameter");
        }
        assertThatThrownBy(() -> FileSystemContext.open("nonsense")).hasMessageContaining("ENODEV");
    }

    @Test
    void bindMountsWithAttributesAndPropagation() throws IOException {
        Path source = Files.createDirectory(base.resolve("source"));
        Path target = Files.createDirectory(base.resolve("target"));
        try (DetachedMount bind = DetachedMount.cloneOf(source, true)) {
            bind.setAttributes(
                    Set.of(
                            MountAttribute.READ_ONLY,
                            MountAttribute.NO_EXEC,
                            MountAttribute.NO_DEVICES,
                            MountAttribute.NO_ACCESS_TIME),
                    Set.of(),
                    true);
            bind.setPropagation(Propagation.SLAVE, true);
            try (Directory place = Directory.open(target)) {
                bind.attachTo(place.fd());
            }
        }
        MountInfo info = Objects.requireNonNull(MountInfo.containing(MountInfo.ofSelf(), target));
        assertThat(info.mountPoint()).isEqualTo(target.toString());
        assertThat(info.options()).contains("ro", "noexec", "nodev", "noatime", "nosuid");
        try (Directory mounted = Directory.open(base)) {
            assertThatThrownBy(() -> mounted.createFile("target/x", 0_600)).hasMessageContaining("EROFS");
            // Never across a mount, not even to empty it.
            assertThatThrownBy(() -> mounted.deleteRecursively("target")).hasMessageContaining("EBUSY");
        }
        assertThat(DetachedMount.unmount(target, Set.of(UnmountFlag.DETACH))).isTrue();
    }
}
