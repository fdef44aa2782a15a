package io.berth.engine.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.runtime.ContainerId;
import io.berth.engine.runtime.ContainerLaunch;
import io.berth.engine.runtime.ContainerLaunch.ProcessLaunch;
import io.berth.engine.runtime.ContainerLaunch.SeccompChoice;
import io.berth.engine.runtime.ContainerTree;
import io.berth.engine.runtime.DeviceLaunch;
import io.berth.engine.runtime.Isolation;
import io.berth.engine.runtime.LaunchFailure;
import io.berth.engine.runtime.MountLaunch;
import io.berth.engine.runtime.MountLaunch.Bind;
import io.berth.engine.runtime.MountLaunch.Propagation;
import io.berth.engine.runtime.MountLaunch.ReadOnly;
import io.berth.engine.runtime.StdioMode;
import io.berth.kernel.KernelTest;
import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.capability.CapabilitySet;
import io.berth.linux.cgroup.CgroupLimits;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.DirectoryEntry;
import io.berth.linux.fd.FileType;
import io.berth.linux.fd.RenameFlag;
import io.berth.linux.process.ProcessIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opens trees of containers that do not run; those that do are looked at end to end. */
@KernelTest
class KernelContainerFilesTest {
    @TempDir
    Path data;

    private Path layer;
    private Path container;
    private KernelContainerFiles files;

    @BeforeEach
    void prepare() throws IOException {
        layer = Files.createDirectories(data.resolve("layer"));
        container = Files.createDirectories(data.resolve("container"));
        Files.createDirectories(layer.resolve("var"));
        Files.createDirectories(layer.resolve("etc"));
        Files.createDirectories(layer.resolve("run"));
        Files.createSymbolicLink(layer.resolve("var/run"), Path.of("/run"));
        Files.writeString(layer.resolve("etc/passwd"), "root:x:0:0::/root:/bin/sh\nalice:x:7:8::/:/bin/sh\n");
        Files.writeString(layer.resolve("etc/issue"), "image");
        files = new KernelContainerFiles(data.resolve("engine"));
    }

    private ContainerLaunch launch(List<MountLaunch> mounts, Map<String, Path> textFiles) {
        ProcessLaunch process = new ProcessLaunch(
                List.of("true"),
                List.of(),
                "/",
                "",
                List.of(),
                CapabilitySet.NONE,
                false,
                new SeccompChoice.Default(),
                "",
                Map.of(),
                0,
                new StdioMode(false, false, false),
                null);
        return new ContainerLaunch(
                new ContainerId("ab".repeat(32)),
                container,
                List.of(layer),
                process,
                "host",
                "",
                CgroupLimits.NONE,
                false,
                false,
                List.of(),
                List.of(),
                0,
                mounts,
                Isolation.FULL,
                DeviceLaunch.NONE,
                false,
                "",
                textFiles);
    }

    private static Bind bind(Path source, String subpath, String target, ReadOnly readOnly) {
        return new Bind(source, subpath, target, true, readOnly, Propagation.RPRIVATE);
    }

    private static String text(Directory root, String path) {
        return new String(root.readRegular(path, 1000), StandardCharsets.UTF_8);
    }

    @Test
    void mountsWhatAStartWould() throws IOException {
        Path volume = Files.createDirectories(data.resolve("volume/sub"));
        Files.writeString(volume.resolve("inside"), "volume");
        Path hosts = Files.writeString(data.resolve("hosts"), "hosts");
        List<MountLaunch> mounts = List.of(
                bind(data.resolve("volume"), "", "/var/run/volume", ReadOnly.NO),
                bind(data.resolve("volume"), "sub", "/data", ReadOnly.RECURSIVE));
        try (ContainerTree tree = files.ofStopped(launch(mounts, Map.of("/etc/hosts", hosts)))) {
            Directory root = tree.root();
            assertThat(text(root, "etc/issue")).isEqualTo("image");
            assertThat(text(root, "etc/hosts")).isEqualTo("hosts");
            assertThat(text(root, "run/volume/sub/inside")).isEqualTo("volume");
            assertThat(text(root, "data/inside")).isEqualTo("volume");
            root.createFile("var/run/volume/new", 0_644).close();
            root.createFile("etc/new", 0_644).close();
            Assertions.assertThatThrownBy(() -> root.createFile("data/new", 0_644))
                    .isInstanceOfSatisfying(
                            SyscallException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EROFS));
            assertThat(files.ownerOf(tree, "alice").gid()).isEqualTo(8);
        }
        assertThat(data.resolve("volume/new")).isRegularFile();
        assertThat(container.resolve("upper/etc/new")).isRegularFile();
        assertThat(container.resolve("upper/run/volume")).isEmptyDirectory();
        assertThat(layer.resolve("run")).isEmptyDirectory();
    }

    /** CVE-2026-41568, CVE-2026-42306: a volume that another container changes while its mounts are set up for a copy. */
    @Test
    void mountsNothingElsewhereThoughAVolumeIsChangedMeanwhile() throws Exception {
        Path canary = Files.createDirectories(data.resolve("canary"));
        Path inner = Files.createDirectories(data.resolve("inner"));
        Files.writeString(inner.resolve("f"), "inner");
        Path volume = Files.createDirectories(data.resolve("volume"));
        Files.createDirectories(volume.resolve("a"));
        Files.createSymbolicLink(volume.resolve("z"), canary);
        AtomicBoolean stop = new AtomicBoolean();
        Thread swapper = Thread.ofPlatform().start(() -> {
            try (Directory directory = Directory.open(volume)) {
                while (!stop.get()) {
                    directory.rename("a", directory, "z", Set.of(RenameFlag.EXCHANGE));
                }
            }
        });
        List<MountLaunch> mounts = List.of(bind(volume, "", "/v", ReadOnly.NO), bind(inner, "", "/v/a/b", ReadOnly.NO));
        int mounted = 0;
        try {
            for (int i = 0; i < 300; i++) {
                try (ContainerTree tree = files.ofStopped(launch(mounts, Map.of()))) {
                    tree.root().createFile("v/a/copied-" + i, 0_644).close();
                    mounted++;
                } catch (LaunchFailure | SyscallException e) {
                    // Refused while the name was a link: as it should be.
                    assertThat(e).isNotNull();
                }
            }
        } finally {
            stop.set(true);
            swapper.join();
        }
        assertThat(mounted).as("copies that met the directory").isPositive();
        assertThat(canary).isEmptyDirectory();
        assertThat(inner.toFile().list()).containsExactly("f");
    }

    @Test
    void readsTheRootWithoutMounts() throws IOException {
        Path upper = Files.createDirectories(container.resolve("upper/etc"));
        Files.writeString(upper.resolve("new"), "new");
        try (Directory at = Directory.open(upper)) {
            at.mknod("issue", FileType.CHARACTER_DEVICE, 0, 0, 0);
        }
        try (ContainerTree tree = files.root(container, List.of(layer))) {
            assertThat(text(tree.root(), "etc/new")).isEqualTo("new");
            assertThat(tree.root().statIfPresent("etc/issue")).isNull();
            Assertions.assertThatThrownBy(() -> tree.root().mkdir("x", 0_755)).isInstanceOf(SyscallException.class);
        }
        try (ContainerTree tree = files.image(List.of())) {
            assertThat(tree.root().list())
                    .extracting(DirectoryEntry::name)
                    .containsExactlyInAnyOrder(".dockerenv", "dev", "etc", "proc", "sys");
        }
    }

    @Test
    void seesTheRootOfAProcessOnlyWhileItIsTheOneMeant() {
        ProcessIdentity self =
                ProcessIdentity.read((int) ProcessHandle.current().pid()).orElseThrow();
        try (ContainerTree tree = files.ofProcess(self).orElseThrow()) {
            assertThat(tree.root().statIfPresent("proc")).isNotNull();
            try (Directory proc = tree.root().openDirectory("proc");
                    Directory dev = tree.root().openDirectory("dev");
                    Directory etc = tree.root().openDirectory("etc")) {
                assertThat(tree.isKernels().test(proc)).isTrue();
                assertThat(tree.isKernels().test(dev)).isTrue();
                assertThat(tree.isKernels().test(etc)).isFalse();
            }
        }
        assertThat(files.ofProcess(new ProcessIdentity(self.pid(), self.startTimeTicks() + 1)))
                .isEmpty();
    }
}
