package io.berth.engine.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.engine.LiveHeap;
import io.berth.engine.runtime.ContainerId;
import io.berth.engine.runtime.ContainerLaunch.SeccompChoice;
import io.berth.engine.runtime.ContainerProcess;
import io.berth.engine.runtime.ExecLaunch;
import io.berth.engine.runtime.Isolation.IdRange;
import io.berth.engine.runtime.LaunchFailure;
import io.berth.engine.runtime.kernel.BusyboxContainers.Request;
import io.berth.engine.runtime.kernel.BusyboxContainers.Run;
import io.berth.engine.stream.ClientFeed;
import io.berth.engine.stream.OutputHub;
import io.berth.kernel.KernelTest;
import io.berth.linux.capability.CapabilitySet;
import io.berth.linux.fd.Directory;
import io.berth.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images and running containers that try what has led to the host in other engines. See docs/THREAT_MODEL.md. */
@KernelTest
class ContainerAttackTest {
    private static final String SECRET = "mallory:x:0:0::/:/bin/sh\n";

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

    /** Puts something that is no user database in its place. */
    private static void replaceDatabase(Path directory, String name, String kind, Path canary) throws Exception {
        Path file = directory.resolve(name);
        Files.deleteIfExists(file);
        switch (kind) {
            case "fifo" -> {
                try (Directory parent = Directory.open(directory)) {
                    parent.mknod(name, io.berth.linux.fd.FileType.FIFO, 0_666, 0, 0);
                }
            }
            case "zero" -> Files.createSymbolicLink(file, Path.of("/dev/zero"));
            case "host" -> Files.createSymbolicLink(file, Path.of("../../../../../../../../.." + canary));
            case "magic" -> Files.createSymbolicLink(file, Path.of("/proc/1/root" + canary));
            case "kernel" -> Files.createSymbolicLink(file, Path.of("/proc/1/cmdline"));
            case "directory" -> Files.createDirectory(file);
            case "huge" -> {
                try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
                    sparse.setLength(1L << 30);
                }
            }
            case "line" -> Files.writeString(file, "alice:" + "x".repeat(2 << 20));
            default -> throw new IllegalArgumentException(kind);
        }
    }

    /** CVE-2024-9676, CVE-2026-47262: neither a host file nor endless ones are taken for the users of an image. */
    @ParameterizedTest
    @CsvSource({
        "passwd, fifo",
        "passwd, zero",
        "passwd, host",
        "passwd, magic",
        "passwd, directory",
        "passwd, huge",
        "passwd, line",
        "group, fifo",
        "group, zero",
        "group, huge",
        "group, line"
    })
    void anImagesUsersComeFromARegularFileOfIts(String name, String kind) throws Exception {
        Path canary = Files.writeString(containers.directory("canary").resolve("passwd"), SECRET);
        Path image = containers.directory("image");
        replaceDatabase(Files.createDirectories(image.resolve("etc")), name, kind, canary);
        Request request = containers.sh("id");
        request.layers = List.of(containers.layer, image);
        request.user = name.equals("passwd") ? "mallory" : "0:mallory";
        assertThatThrownBy(request::start).isInstanceOf(LaunchFailure.class);
        request.clean();
    }

    /** The same by a container that runs, for an exec: it has the kernel's files to offer too. */
    @ParameterizedTest
    @CsvSource({
        "passwd, fifo",
        "passwd, zero",
        "passwd, host",
        "passwd, magic",
        "passwd, kernel",
        "passwd, huge",
        "group, fifo",
        "group, kernel",
        "group, line"
    })
    void aRunningContainersUsersComeFromARegularFileOfIts(String name, String kind) throws Exception {
        Path canary = Files.writeString(containers.directory("canary").resolve("passwd"), SECRET);
        // Its own command line has the entry.
        Request request = containers.sh("sleep 1000; exit\n" + SECRET);
        ContainerProcess container = request.start();
        try {
            replaceDatabase(insideOf(container).resolve("etc"), name, kind, canary);
            Request exec = containers.sh("id");
            exec.user = name.equals("passwd") ? "mallory" : "0:mallory";
            assertThatThrownBy(() -> request.exec(container, exec)).isInstanceOf(LaunchFailure.class);
        } finally {
            end(container, request);
        }
    }

    /** CVE-2025-52881: what the engine writes to the kernel's files goes to those, whatever a container has mounted there. */
    @Test
    void nothingIsWrittenThroughAContainersProc() throws Exception {
        Request request = containers.sh("mkdir /p /q; mount -t proc proc /p; mount -t tmpfs t /q; mkdir /q/self;"
                + " : > /q/self/oom_score_adj; mount --bind /p/sys/kernel/domainname /q/self/oom_score_adj;"
                + " mount --rbind /q /proc; touch /ready; exec sleep 1000");
        request.capabilities = CapabilitySet.all();
        request.seccomp = new SeccompChoice.Unconfined();
        request.readonly.clear();
        ContainerProcess container = start(request);
        try {
            Request exec = containers.sh("cat /p/sys/kernel/domainname; exec sleep 1000");
            exec.oomScoreAdj = 345;
            ContainerProcess second = containers.runtime.exec(
                    container.identity(),
                    new ExecLaunch(
                            ContainerId.random(),
                            request.id,
                            request.launch().directory(),
                            exec.process(),
                            request.capabilities));
            second.deliverTo((stream, content) -> {});
            assertThat(Path.of("/proc/" + second.identity().pid() + "/oom_score_adj"))
                    .hasContent("345");
            assertThat(request.exec(container, containers.sh("cat /p/sys/kernel/domainname"))
                            .output())
                    .doesNotContain("345");
            second.signal(9);
            second.drained().get(20, TimeUnit.SECONDS);
        } finally {
            end(container, request);
        }
    }

    /** CVE-2024-21626 by way of the standard input: descriptors that only the launching process has stay its own. */
    @Test
    void aLinkInPlaceOfTheNullDeviceGivesNoDescriptor() throws Exception {
        Request request = containers.sh("exec sleep 1000");
        ContainerProcess container = request.start();
        try (Directory devices = Directory.open(insideOf(container).resolve("dev"))) {
            for (int fd = 3; fd < 64; fd++) {
                devices.unlink("null");
                devices.symlink("/proc/self/fd/" + fd, "null");
                assertThatThrownBy(() -> request.exec(container, containers.command("readlink", "/proc/self/fd/0")))
                        .isInstanceOf(LaunchFailure.class);
            }
        } finally {
            end(container, request);
        }
    }

    /** CVE-2024-21626: no descriptor of the engine is a working directory, neither at the start nor in an exec. */
    @Test
    void noWorkingDirectoryLeadsToTheHost() throws Exception {
        Request request = containers.sh("exec sleep 1000");
        ContainerProcess container = request.start();
        try {
            List<String> paths = new ArrayList<>(List.of("/proc/self/cwd/..", "/proc/1/cwd/..", "/proc/self/root/.."));
            for (int fd = 3; fd < 64; fd++) {
                paths.add("/proc/self/fd/" + fd);
                paths.add("/proc/self/fd/" + fd + "/..");
            }
            for (String path : paths) {
                Request start = containers.command("readlink", "/proc/self/cwd");
                start.workingDirectory = path;
                assertThatThrownBy(start::start).as(path).isInstanceOf(LaunchFailure.class);
                start.clean();
                Request exec = containers.command("readlink", "/proc/self/cwd");
                exec.workingDirectory = path;
                assertThatThrownBy(() -> request.exec(container, exec)).as(path).isInstanceOf(LaunchFailure.class);
            }
        } finally {
            end(container, request);
        }
    }

    /** CVE-2019-5736: a container that waits for execs cannot get at the host's program by /proc/.../exe. */
    @Test
    void anExecShowsAContainerNoProgramOfTheHost() throws Exception {
        Path java = Path.of("/proc/self/exe").toRealPath();
        Digest before = digest(java);
        Request request = containers.sh("touch /ready; while :; do for p in /proc/[0-9]*; do readlink $p/exe >> /seen;"
                + " ( : >> $p/exe ) 2>/dev/null && echo written >> /seen; done; done");
        request.capabilities = CapabilitySet.all();
        ContainerProcess container = start(request);
        try {
            for (int i = 0; i < 100; i++) {
                Run run = request.exec(container, containers.command("true"));
                assertThat(run.exitCode()).isZero();
            }
            String seen = Files.readString(insideOf(container).resolve("seen"));
            assertThat(seen).contains("/bin/busybox").doesNotContain(java.toString(), "written");
        } finally {
            end(container, request);
        }
        assertThat(digest(java)).isEqualTo(before);
    }

    /** CVE-2019-5736 the other way: the program of the image is whatever launches it. */
    @ParameterizedTest
    @ValueSource(strings = {"/proc/self/exe", "/script", "/link"})
    void anImageCannotExecuteItsLauncher(String program) throws Exception {
        Path java = Path.of("/proc/self/exe").toRealPath();
        Digest before = digest(java);
        Path image = containers.directory("image");
        Files.writeString(image.resolve("script"), "#!/proc/self/exe\n");
        Files.setPosixFilePermissions(image.resolve("script"), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createSymbolicLink(image.resolve("link"), Path.of("/proc/self/exe"));
        Request request = containers.command(program, "-version");
        request.layers = List.of(containers.layer, image);
        try {
            Run run = request.run();
            assertThat(run.output() + run.error()).doesNotContainIgnoringCase("openjdk");
        } catch (LaunchFailure e) {
            request.clean();
        }
        assertThat(digest(java)).isEqualTo(before);
    }

    /** CVE-2025-31133, CVE-2025-52565, CVE-2026-41579: what an image has in /dev, or for /dev, is not what is mounted or masked. */
    @Test
    void theDevicesOfAnImageAreNotUsed() throws Exception {
        Path canary = Files.writeString(containers.directory("canary").resolve("file"), "safe");
        Path image = containers.directory("image");
        Path devices = Files.createDirectories(image.resolve("dev"));
        for (String name : List.of("null", "console", "tty", "ptmx", "pts", "shm", "mqueue", "fd", "zero")) {
            Files.createSymbolicLink(devices.resolve(name), canary);
        }
        Request request = containers.sh("stat -c %t:%T /dev/null; head -c 1 /proc/keys | wc -c;"
                + " echo x > /dev/null; echo y > /dev/console; stat -c %F /dev/pts /dev/shm");
        request.layers = List.of(containers.layer, image);
        request.tty = true;
        assertThat(request.run().output()).contains("1:3\r\n0\r\n", "directory\r\ndirectory\r\n");
        assertThat(canary).hasContent("safe");
    }

    @ParameterizedTest
    @CsvSource({"proc, absolute", "sys, absolute", "dev, absolute", "proc, relative", "sys, relative", "dev, relative"})
    void theKernelsFileSystemsAreNotMountedOnLinks(String name, String kind) throws Exception {
        Path canary = containers.directory("canary");
        Path image = containers.directory("image");
        Files.createSymbolicLink(
                image.resolve(name), kind.equals("absolute") ? canary : Path.of("../../../../../.." + canary));
        Request request = containers.sh("true");
        request.layers = List.of(containers.layer, image);
        assertThatThrownBy(request::start).isInstanceOf(LaunchFailure.class);
        request.clean();
        assertThat(canary).isEmptyDirectory();
    }

    /** CVE-2023-25809, CVE-2025-47291: cgroups are read-only, and a process stays in its own. */
    @Test
    void aProcessStaysInItsCgroup() throws Exception {
        Run run = containers
                .sh("for f in /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/cgroup.procs /sys/fs/cgroup/*/tasks; do"
                        + " ( echo $$ > $f ) 2>/dev/null && echo moved; done;"
                        + " for d in /sys/fs/cgroup /sys/fs/cgroup/*; do ( mkdir $d/x ) 2>/dev/null && echo made; done;"
                        + " grep -v :/$ /proc/self/cgroup; echo end")
                .run();
        assertThat(run.output()).isEqualTo("end\n");
    }

    /** CVE-2022-0492: with every capability of a user namespace of its own, still no cgroup v1 and no release agent. */
    @Test
    void rootOfItsOwnUserNamespaceReleasesNoAgent() throws Exception {
        // A namespace of cgroups may be mounted by its owner; nothing in it is the owner's to write.
        Request request = containers.sh("mkdir /m; w() { ( echo $1 > $2 ) 2>/dev/null && echo written $2; };"
                + " for c in memory devices rdma cpuset cpu pids; do"
                + " mount -t cgroup -o $c,release_agent=/x none /m 2>/dev/null && echo agent $c;"
                + " unshare -C mount -t cgroup -o $c,release_agent=/x none /m 2>/dev/null && echo agent $c;"
                + " mount -t cgroup -o $c none /m 2>/dev/null || unshare -C mount -t cgroup -o $c none /m 2>/dev/null;"
                + " grep -q ' /m ' /proc/mounts || continue;"
                + " for f in /m/release_agent /m/notify_on_release /m/memory.limit_in_bytes /m/devices.allow /m/pids.max"
                + " /m/cpu.shares; do w 1 $f; done; mkdir /m/x 2>/dev/null && echo made; umount /m 2>/dev/null; done;"
                + " mount -o remount,rw /sys/fs/cgroup 2>/dev/null;"
                + " for f in /sys/fs/cgroup/release_agent /sys/fs/cgroup/*/release_agent /sys/fs/cgroup/*/notify_on_release; do"
                + " w /x $f; done; echo end");
        request.users = new IdRange(1_900_000_000L, 65_536);
        request.capabilities = CapabilitySet.all();
        request.seccomp = new SeccompChoice.Unconfined();
        assertThat(request.run().output()).isEqualTo("end\n");
    }

    /** CVE-2022-24769 and the like: nothing is inheritable or ambient, at the start and in an exec, for whatever user. */
    @ParameterizedTest
    @ValueSource(strings = {"", "alice"})
    void noCapabilityIsInherited(String user) throws Exception {
        Request request = containers.sh("grep -E 'CapInh|CapAmb' /proc/self/status; exec sleep 1000");
        request.user = user;
        Request status = containers.sh("grep -E 'CapInh|CapAmb' /proc/self/status");
        status.user = user;
        String none = "CapInh:\t0000000000000000\nCapAmb:\t0000000000000000\n";
        assertThat(status.run().output()).isEqualTo(none);
        ContainerProcess container = request.start();
        try {
            assertThat(request.exec(container, status).output()).isEqualTo(none);
        } finally {
            end(container, request);
        }
    }

    /** CVE-2021-43784: numbers of whatever size end in a refusal, and change nothing else of the container. */
    @Test
    void sizesThatNothingCanHoldAreRefused() throws Exception {
        Request groups = containers.sh("id");
        groups.groupAdd = new ArrayList<>(Collections.nCopies(1, "1"));
        for (int i = 0; i < 70_000; i++) {
            groups.groupAdd.add(Integer.toString(100_000 + i));
        }
        assertThatThrownBy(groups::start).isInstanceOf(LaunchFailure.class);
        groups.clean();
        Request word = containers.command("echo", "x".repeat(200_000));
        assertThatThrownBy(word::start).isInstanceOf(LaunchFailure.class);
        word.clean();
        String[] many = new String[60_000];
        java.util.Arrays.fill(many, "y".repeat(200));
        many[0] = "true";
        Request words = containers.command(many);
        assertThatThrownBy(words::start).isInstanceOf(LaunchFailure.class);
        words.clean();
        assertThat(containers.sh("id -u").run().output()).isEqualTo("0\n");
    }

    /** CVE-2021-21284, CVE-2021-41091: what the engine keeps of a container is root's alone, also with user ids of its own. */
    @Test
    void theEnginesFilesOfAContainerAreRootsAlone() throws Exception {
        Request request = containers.sh("touch /made; chmod 6777 /bin/busybox; exec sleep 1000");
        request.users = new IdRange(1_900_000_000L, 65_536);
        ContainerProcess container = request.start();
        try {
            Path directory = request.launch().directory();
            assertThat(Files.getAttribute(directory, "unix:uid")).isEqualTo(0);
            assertThat(Files.getAttribute(directory.resolveSibling("."), "unix:uid"))
                    .isEqualTo(0);
        } finally {
            end(container, request);
        }
    }

    /** CVE-2022-31030: a gigabyte that nobody reads stays in its pipe, and the other containers do not notice. */
    @Test
    void aFloodThatNobodyReadsWaits() throws Exception {
        long before = LiveHeap.bytes();
        Request request = containers.command("head", "-c", "1073741824", "/dev/zero");
        ContainerProcess flood = request.start();
        OutputHub hub = new OutputHub();
        AtomicLong delivered = new AtomicLong();
        try (ClientFeed _ = hub.attach(true, true)) {
            flood.deliverTo((stream, content) -> {
                delivered.addAndGet(content.length);
                hub.output(stream, content);
            });
            for (int i = 0; i < 10; i++) {
                assertThat(containers.sh("echo here").run().output()).isEqualTo("here\n");
            }
            assertThat(flood.exit()).isNotDone();
            assertThat(LiveHeap.bytes() - before).isLessThan(64 << 20);
        }
        // Its client has gone: the rest is read and dropped.
        flood.drained().get(120, TimeUnit.SECONDS);
        assertThat(delivered).hasValue(1L << 30);
        assertThat(flood.exit().get().code()).isZero();
        assertThat(LiveHeap.bytes() - before).isLessThan(64 << 20);
        request.clean();
    }

    private static Path insideOf(ContainerProcess container) {
        return Path.of("/proc/" + container.identity().pid() + "/root");
    }

    /** Starts a container and waits until its script has made the file {@code /ready}. */
    private static ContainerProcess start(Request request) throws Exception {
        ContainerProcess container = request.start();
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        container.deliverTo((stream, content) -> said.writeBytes(content));
        Path ready = insideOf(container).resolve("ready");
        for (int i = 0; i < 1000 && !Files.exists(ready); i++) {
            assertThat(container.exit()).as(said::toString).isNotDone();
            Thread.sleep(10);
        }
        assertThat(ready).as(said::toString).exists();
        return container;
    }

    private static void end(ContainerProcess container, Request request) throws Exception {
        container.signal(9);
        container.deliverTo((stream, content) -> {});
        container.drained().get(20, TimeUnit.SECONDS);
        request.clean();
    }

    private static Digest digest(Path file) throws IOException {
        return Digest.sha256(Files.readAllBytes(file));
    }
}
