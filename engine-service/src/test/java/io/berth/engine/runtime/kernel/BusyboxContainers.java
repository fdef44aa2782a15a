package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.ContainerId;
import io.berth.engine.runtime.ContainerLaunch;
import io.berth.engine.runtime.ContainerLaunch.ProcessLaunch;
import io.berth.engine.runtime.ContainerLaunch.Rlimit;
import io.berth.engine.runtime.ContainerLaunch.SeccompChoice;
import io.berth.engine.runtime.ContainerLaunch.WindowSize;
import io.berth.engine.runtime.ContainerProcess;
import io.berth.engine.runtime.DeviceLaunch;
import io.berth.engine.runtime.ExecLaunch;
import io.berth.engine.runtime.Isolation;
import io.berth.engine.runtime.Isolation.IdRange;
import io.berth.engine.runtime.Isolation.NamespaceChoice;
import io.berth.engine.runtime.MountLaunch;
import io.berth.engine.runtime.StdioMode;
import io.berth.linux.capability.CapabilitySet;
import io.berth.linux.cgroup.CgroupLimits;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Real containers of a busybox image, for kernel tests. Needs the package busybox-static. */
final class BusyboxContainers implements AutoCloseable {
    private static final List<String> APPLETS = List.of(
            "sh",
            "cat",
            "echo",
            "id",
            "sleep",
            "ls",
            "mount",
            "umount",
            "true",
            "stty",
            "mknod",
            "head",
            "readlink",
            "grep",
            "unshare",
            "tty",
            "ip",
            "touch",
            "wc",
            "stat",
            "mkdir",
            "rm",
            "ln",
            "chown",
            "chmod",
            "df",
            "mv",
            "ping",
            "nsenter",
            "dd",
            "kill",
            "test",
            "sha256sum");

    final Path data;
    final Path layer;
    final KernelContainerRuntime runtime;

    BusyboxContainers(Path data) throws Exception {
        this.data = data;
        layer = Files.createDirectories(data.resolve("layer"));
        Files.createDirectories(layer.resolve("bin"));
        Files.createDirectories(layer.resolve("etc"));
        Files.createDirectories(layer.resolve("root"));
        Files.copy(Path.of("/bin/busybox"), layer.resolve("bin/busybox"));
        for (String applet : APPLETS) {
            Files.createSymbolicLink(layer.resolve("bin").resolve(applet), Path.of("busybox"));
        }
        Files.writeString(
                layer.resolve("etc/passwd"), "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n");
        Files.writeString(layer.resolve("etc/group"), "root:x:0:\nalice:x:1000:\n");
        runtime = KernelContainerRuntime.open(data.resolve("engine"));
        Run _ = command("true").run(); // the first one starts the keeper, which none of the tests is to leave behind
    }

    /** A new directory for a test's own use. */
    Path directory(String name) throws Exception {
        return Files.createDirectories(data.resolve(name + "-" + System.nanoTime()));
    }

    /** How a container ended and what it wrote. */
    record Run(int exitCode, String output, String error) {}

    Request sh(String script) {
        return new Request("sh", "-c", script);
    }

    Request command(String... argv) {
        return new Request(argv);
    }

    @Override
    public void close() {
        runtime.close();
    }

    /** A container to be started. */
    final class Request {
        private final List<String> argv;
        final List<MountLaunch> mounts = new ArrayList<>();
        final List<String> masked = new ArrayList<>(List.of("/proc/kcore", "/proc/keys", "/sys/firmware"));
        final List<String> readonly =
                new ArrayList<>(List.of("/proc/sys", "/proc/sysrq-trigger", "/proc/bus", "/proc/fs", "/proc/irq"));
        final Map<String, Path> files = new HashMap<>();
        List<Path> layers = List.of(layer);
        String user = "";
        String workingDirectory = "";
        boolean readonlyRoot;
        boolean tty;
        int oomScoreAdj;
        List<String> groupAdd = List.of();

        @Nullable
        IdRange users;

        NamespaceChoice pid = new NamespaceChoice.Private();
        NamespaceChoice network = new NamespaceChoice.Private();
        boolean noNewPrivileges;
        Map<String, Rlimit> rlimits = Map.of();
        Map<String, String> sysctls = Map.of();

        CapabilitySet capabilities = CapabilitySet.DOCKER_DEFAULT;
        SeccompChoice seccomp = new SeccompChoice.Default();
        String appArmor = "";
        boolean init;
        DeviceLaunch devices = DeviceLaunch.NONE;
        final ContainerId id = ContainerId.random();

        Request(String... argv) {
            this.argv = List.of(argv);
        }

        Request mount(MountLaunch mount) {
            mounts.add(mount);
            return this;
        }

        Request bind(Path source, String target) {
            return mount(new MountLaunch.Bind(
                    source, "", target, true, MountLaunch.ReadOnly.NO, MountLaunch.Propagation.RPRIVATE));
        }

        Request bindReadOnly(Path source, String target) {
            return mount(new MountLaunch.Bind(
                    source,
                    "",
                    target,
                    true,
                    MountLaunch.ReadOnly.RECURSIVE_IF_POSSIBLE,
                    MountLaunch.Propagation.RPRIVATE));
        }

        ProcessLaunch process() {
            return new ProcessLaunch(
                    argv,
                    List.of("PATH=/usr/bin:/bin"),
                    workingDirectory,
                    user,
                    groupAdd,
                    capabilities,
                    noNewPrivileges,
                    seccomp,
                    appArmor,
                    rlimits,
                    oomScoreAdj,
                    new StdioMode(tty, false, false),
                    new WindowSize(24, 80));
        }

        ContainerLaunch launch() {
            Isolation full = Isolation.FULL;
            return new ContainerLaunch(
                    id,
                    data.resolve("engine/containers").resolve(id.value()),
                    layers,
                    process(),
                    "testhost",
                    "",
                    CgroupLimits.NONE,
                    readonlyRoot,
                    false,
                    masked,
                    readonly,
                    64 << 20,
                    mounts,
                    new Isolation(pid, full.ipc(), full.uts(), network, full.cgroup(), users, sysctls),
                    devices,
                    init,
                    "",
                    files);
        }

        ContainerProcess start() {
            return runtime.start(launch());
        }

        Run run() throws Exception {
            try {
                return finish(start());
            } finally {
                clean();
            }
        }

        Run exec(ContainerProcess container, Request other) throws Exception {
            ContainerLaunch launch = launch();
            return finish(runtime.exec(
                    container.identity(),
                    new ExecLaunch(
                            ContainerId.random(), launch.id(), launch.directory(), other.process(), capabilities)));
        }

        void clean() {
            runtime.release(id);
            runtime.deleteDirectory(launch().directory());
        }
    }

    static Run finish(ContainerProcess process) throws Exception {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        ByteArrayOutputStream error = new ByteArrayOutputStream();
        process.deliverTo(
                (stream, content) -> (stream == ContainerProcess.Stream.STDOUT ? output : error).writeBytes(content));
        process.drained().get(30, TimeUnit.SECONDS);
        return new Run(
                process.exit().get().code(),
                output.toString(StandardCharsets.UTF_8),
                error.toString(StandardCharsets.UTF_8));
    }
}
