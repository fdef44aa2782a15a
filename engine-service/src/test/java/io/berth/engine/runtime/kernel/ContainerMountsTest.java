package io.berth.engine.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.engine.runtime.LaunchFailure;
import io.berth.engine.runtime.MountLaunch;
import io.berth.engine.runtime.MountLaunch.Bind;
import io.berth.engine.runtime.MountLaunch.Propagation;
import io.berth.engine.runtime.MountLaunch.ReadOnly;
import io.berth.engine.runtime.kernel.BusyboxContainers.Request;
import io.berth.engine.runtime.kernel.BusyboxContainers.Run;
import io.berth.kernel.KernelTest;
import io.berth.linux.mount.DetachedMount;
import io.berth.linux.mount.FileSystemContext;
import io.berth.linux.mount.UnmountFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What users mount in containers. */
@KernelTest
class ContainerMountsTest {
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
    void bindsDirectoriesAndFiles() throws Exception {
        Path source = containers.directory("source");
        Files.writeString(source.resolve("file"), "from the host\n");
        Run run = containers
                .sh("cat /made/here/file; cat /etc/passwd; echo in > /made/here/new; ls -d /made /etc/app")
                .bind(source, "/made/here")
                .bind(source.resolve("file"), "/etc/passwd")
                .bind(source.resolve("file"), "/etc/app/config")
                .run();
        assertThat(run.output()).isEqualTo("from the host\nfrom the host\n/etc/app\n/made\n");
        assertThat(source.resolve("new")).hasContent("in\n");
    }

    @Test
    void followsLinksOfTheSourceButNotOutOfASubpath() throws Exception {
        Path real = containers.directory("real");
        Files.createDirectories(real.resolve("sub/dir"));
        Files.writeString(real.resolve("sub/dir/file"), "x\n");
        Files.createSymbolicLink(real.resolve("inner"), Path.of("sub/dir"));
        Files.createSymbolicLink(real.resolve("outer"), Path.of("/etc"));
        Files.createSymbolicLink(real.resolve("climber"), Path.of("../../../../../etc"));
        Path link = data.resolve("link-" + System.nanoTime());
        Files.createSymbolicLink(link, real);
        assertThat(containers
                        .sh("cat /v/file")
                        .mount(subpath(link, "inner"))
                        .run()
                        .output())
                .isEqualTo("x\n");
        assertThat(containers
                        .sh("cat /v")
                        .mount(subpath(link, "sub/dir/file"))
                        .run()
                        .output())
                .isEqualTo("x\n");
        for (String hostile : List.of("outer", "climber", "../x", "/etc", "outer/passwd")) {
            Request request = containers.sh("cat /v/passwd").mount(subpath(link, hostile));
            assertThatThrownBy(request::start)
                    .as(hostile)
                    .isInstanceOf(LaunchFailure.class)
                    .hasMessageContaining("escapes");
            request.clean();
        }
        Request missing = containers.sh("true").mount(subpath(link, "nothing"));
        assertThatThrownBy(missing::start).hasMessageContaining("no such file or directory");
        missing.clean();
    }

    private static MountLaunch subpath(Path source, String subpath) {
        return new Bind(source, subpath, "/v", true, ReadOnly.NO, Propagation.RPRIVATE);
    }

    @Test
    void saysThatASourceIsMissingOrOfTheWrongKind() throws Exception {
        Request missing = containers.sh("true").bind(data.resolve("nosuch"), "/x");
        assertThatThrownBy(missing::start)
                .isInstanceOf(LaunchFailure.class)
                .hasMessage("invalid mount config for type \"bind\": bind source path does not exist: "
                        + data.resolve("nosuch"));
        missing.clean();
        Request kind = containers.sh("true").bind(containers.directory("d"), "/etc/passwd");
        assertThatThrownBy(kind::start).hasMessageContaining("Are you trying to mount a directory onto a file");
        kind.clean();
    }

    @Test
    void mountsInsideEarlierMounts() throws Exception {
        Path outer = containers.directory("outer");
        Path inner = containers.directory("inner");
        Files.writeString(inner.resolve("f"), "inner\n");
        Files.createSymbolicLink(containers.layer.resolve("alias"), Path.of("/data"));
        Run run = containers
                .sh("cat /data/a/b/f; cat /data/file; cat /data/aliased/f")
                .bind(outer, "/data")
                .bind(inner, "/data/a/b")
                .bind(inner.resolve("f"), "/data/file")
                .bind(inner, "/alias/aliased")
                .run();
        Files.delete(containers.layer.resolve("alias"));
        assertThat(run.output()).isEqualTo("inner\ninner\ninner\n");
        assertThat(outer.resolve("a/b")).isEmptyDirectory();
        assertThat(outer.resolve("aliased")).isEmptyDirectory();
        assertThat(outer.resolve("file")).isEmptyFile();
    }

    @Test
    void isReadOnlyAsFarAsAsked() throws Exception {
        Path source = containers.directory("ro");
        Path below = Files.createDirectories(source.resolve("below"));
        try (FileSystemContext tmpfs = FileSystemContext.open("tmpfs");
                DetachedMount mount = tmpfs.create().mount(Set.of())) {
            mount.attachTo(below);
        }
        try {
            String script = "touch /v/x 2>/dev/null; echo $?; touch /v/below/x 2>/dev/null; echo $?";
            assertThat(containers
                            .sh(script)
                            .mount(readOnly(source, ReadOnly.NO))
                            .run()
                            .output())
                    .isEqualTo("0\n0\n");
            assertThat(containers
                            .sh(script)
                            .mount(readOnly(source, ReadOnly.TOP))
                            .run()
                            .output())
                    .isEqualTo("1\n0\n");
            assertThat(containers
                            .sh(script)
                            .mount(readOnly(source, ReadOnly.RECURSIVE))
                            .run()
                            .output())
                    .isEqualTo("1\n1\n");
            assertThat(containers
                            .sh("ls -A /v/below | wc -l")
                            .mount(new Bind(source, "", "/v", false, ReadOnly.NO, Propagation.RPRIVATE))
                            .run()
                            .output())
                    .as("without the mounts below")
                    .isEqualTo("0\n");
        } finally {
            DetachedMount.unmount(below, Set.of(UnmountFlag.DETACH));
        }
    }

    private static MountLaunch readOnly(Path source, ReadOnly readOnly) {
        return new Bind(source, "", "/v", true, readOnly, Propagation.RPRIVATE);
    }

    @Test
    void propagatesAsAsked() throws Exception {
        Path source = containers.directory("propagation");
        Files.createDirectories(source.resolve("point"));
        try (DetachedMount own = DetachedMount.cloneOf(source, false)) {
            own.setPropagation(io.berth.linux.mount.Propagation.PRIVATE, false);
            own.attachTo(source);
        }
        try {
            Request notShared = containers.sh("true").mount(propagated(source, Propagation.RSHARED));
            assertThatThrownBy(notShared::start)
                    .hasMessage("path " + source + " is mounted on " + source + " but it is not a shared mount");
            notShared.clean();
            try (DetachedMount again = DetachedMount.cloneOf(source, false)) {
                again.setPropagation(io.berth.linux.mount.Propagation.SHARED, false);
                again.attachTo(source);
            }
            String script = "grep ' /v ' /proc/self/mountinfo";
            assertThat(containers
                            .sh(script)
                            .mount(propagated(source, Propagation.RSHARED))
                            .run()
                            .output())
                    .contains("shared:");
            assertThat(containers
                            .sh(script)
                            .mount(propagated(source, Propagation.RSLAVE))
                            .run()
                            .output())
                    .contains("master:");
            assertThat(containers
                            .sh(script)
                            .mount(propagated(source, Propagation.RPRIVATE))
                            .run()
                            .output())
                    .doesNotContain("master:", "shared:");
        } finally {
            while (DetachedMount.unmount(source, Set.of(UnmountFlag.DETACH))) {
                // two
            }
        }
    }

    private static MountLaunch propagated(Path source, Propagation propagation) {
        return new Bind(source, "", "/v", true, ReadOnly.NO, propagation);
    }

    @Test
    void mountsFileSystemsInMemory() throws Exception {
        Run run = containers
                .sh("grep ' /t ' /proc/mounts; stat -c %a,%u,%g /t; stat -c %a,%u /etc; ls -A /etc; "
                        + "grep ' /dev/shm ' /proc/mounts")
                .mount(new MountLaunch.Tmpfs(
                        "/t", 1 << 20, 01750, Set.of("noexec", "nosuid", "nodev"), List.of("uid=7", "gid=8")))
                .mount(new MountLaunch.Tmpfs("/etc", 0, 0755, Set.of(), List.of()))
                .mount(new MountLaunch.Tmpfs("/dev/shm", 2 << 20, 01777, Set.of(), List.of()))
                .run();
        assertThat(run.output().lines())
                .satisfiesExactly(
                        line -> assertThat(line).contains("nosuid,nodev,noexec", "size=1024k", "mode=1750"),
                        line -> assertThat(line).isEqualTo("1750,7,8"),
                        line -> assertThat(line).isEqualTo("755,0"),
                        line -> assertThat(line).contains("size=2048k"));
    }

    @Test
    void mountsImages() throws Exception {
        Path lower = containers.directory("image");
        Path upper = containers.directory("image");
        Files.createDirectories(lower.resolve("app"));
        Files.writeString(lower.resolve("app/a"), "lower\n");
        Files.createDirectories(upper.resolve("app"));
        Files.writeString(upper.resolve("app/b"), "upper\n");
        Run run = containers
                .sh("cat /img/app/a /img/app/b /sub/b; touch /img/x 2>/dev/null; echo $?")
                .mount(new MountLaunch.Image("/img", List.of(lower, upper), ""))
                .mount(new MountLaunch.Image("/sub", List.of(lower, upper), "app"))
                .run();
        assertThat(run.output()).isEqualTo("lower\nupper\nupper\n1\n");
    }

    @Test
    void replacesTheEnginesOwnFiles() throws Exception {
        Path own = Files.writeString(containers.directory("f").resolve("hosts"), "engine\n");
        Path users = Files.writeString(containers.directory("f").resolve("hosts"), "user\n");
        Request request = containers.sh("cat /etc/hosts /etc/resolv.conf; grep -c ' /etc/hosts ' /proc/mounts");
        request.files.put("/etc/hosts", own);
        request.files.put("/etc/resolv.conf", own);
        request.bind(users, "/etc/hosts");
        assertThat(request.run().output()).isEqualTo("user\nengine\n1\n");
    }

    @Test
    void leavesMountsWritableInAReadOnlyRoot() throws Exception {
        Path volume = containers.directory("volume");
        Request request = containers
                .sh("touch /x 2>/dev/null; echo $?; touch /v/x; echo $?; touch /t/x; echo $?")
                .bind(volume, "/v")
                .mount(new MountLaunch.Tmpfs("/t", 0, 01777, Set.of(), List.of()));
        request.readonlyRoot = true;
        assertThat(request.run().output()).isEqualTo("1\n0\n0\n");
    }

    @Test
    void protectsPathsInsideMounts() throws Exception {
        Path volume = containers.directory("volume");
        Files.createDirectories(volume.resolve("dir"));
        Files.writeString(volume.resolve("secret"), "secret");
        Files.writeString(volume.resolve("dir/secret"), "secret");
        Request request =
                containers.sh("cat /v/secret /v/dir/* 2>/dev/null | wc -c; touch /v/ro/x 2>/dev/null; echo $?");
        Files.createDirectories(volume.resolve("ro"));
        request.bind(volume, "/v");
        request.masked.addAll(List.of("/v/secret", "/v/dir", "/v/missing"));
        request.readonly.addAll(List.of("/v/ro", "/v/none"));
        assertThat(request.run().output()).isEqualTo("0\n1\n");
    }

    @Test
    void masksWithTheRealNullDeviceThoughDevIsMounted() throws Exception {
        Path dev = containers.directory("dev");
        Files.writeString(dev.resolve("null"), "not null");
        Files.writeString(dev.resolve("zero"), "");
        Request request = containers.sh("cat /proc/kcore | head -c 10 | wc -c").bind(dev, "/dev");
        Run run = request.run();
        assertThat(run.output()).isEqualTo("0\n");
    }

    @Test
    void worksInADirectoryThatAMountBrings() throws Exception {
        Path volume = containers.directory("volume");
        Request request = containers.sh("readlink /proc/self/cwd").bind(volume, "/v");
        request.workingDirectory = "/v/made/here";
        assertThat(request.run().output()).isEqualTo("/v/made/here\n");
        assertThat(volume.resolve("made/here")).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/", "/.", "/a/..", "/proc", "/proc/", "/proc/sys", "/proc/self/attr", "/p", "/p/sys", "/r"})
    void refusesTheRootAndProc(String target) throws Exception {
        Path image = containers.directory("image");
        Files.createSymbolicLink(image.resolve("p"), Path.of("/proc"));
        Files.createSymbolicLink(image.resolve("r"), Path.of("/"));
        Path volume = containers.directory("volume");
        Request request = containers.sh("true").bind(volume, target);
        request.layers = List.of(containers.layer, image);
        assertThatThrownBy(request::start).isInstanceOf(LaunchFailure.class).hasMessageContaining("mount");
        request.clean();
        assertThat(volume).isEmptyDirectory();
    }

    @Test
    void mountsOverReportsOfProc() throws Exception {
        Path file = Files.writeString(containers.directory("f").resolve("meminfo"), "MemTotal: 1 kB\n");
        assertThat(containers
                        .sh("cat /proc/meminfo")
                        .bindReadOnly(file, "/proc/meminfo")
                        .run()
                        .output())
                .isEqualTo("MemTotal: 1 kB\n");
    }
}
