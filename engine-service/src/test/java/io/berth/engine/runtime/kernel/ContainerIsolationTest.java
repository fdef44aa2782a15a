package io.berth.engine.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.engine.runtime.ContainerId;
import io.berth.engine.runtime.ContainerLaunch;
import io.berth.engine.runtime.ContainerLaunch.ProcessLaunch;
import io.berth.engine.runtime.ContainerLaunch.SeccompChoice;
import io.berth.engine.runtime.ContainerProcess;
import io.berth.engine.runtime.DeviceLaunch;
import io.berth.engine.runtime.ExecLaunch;
import io.berth.engine.runtime.Isolation;
import io.berth.engine.runtime.Isolation.NamespaceChoice;
import io.berth.engine.runtime.LaunchFailure;
import io.berth.engine.runtime.StdioMode;
import io.berth.kernel.KernelTest;
import io.berth.kernel.OpenDescriptors;
import io.berth.linux.capability.CapabilitySet;
import io.berth.linux.cgroup.CgroupHost;
import io.berth.linux.cgroup.CgroupLimits;
import io.berth.linux.cgroup.CgroupStats;
import io.berth.linux.mount.MountInfo;
import io.berth.linux.process.ProcessIdentity;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What containers share, with the host and with each other, and what they are limited to. Needs busybox-static. */
@KernelTest
class ContainerIsolationTest {
    @TempDir
    static Path data;

    private static final Path CPUSET = Path.of("/sys/fs/cgroup/cpuset");

    private static KernelContainerRuntime runtime;
    private static Path layer;

    private final List<ContainerLaunch> launched = new ArrayList<>();
    private final List<ContainerProcess> processes = new ArrayList<>();

    private NamespaceChoice pid = new NamespaceChoice.Private();
    private NamespaceChoice ipc = new NamespaceChoice.Private();
    private NamespaceChoice uts = new NamespaceChoice.Private();
    private NamespaceChoice network = new NamespaceChoice.Private();
    private NamespaceChoice cgroup = new NamespaceChoice.Private();
    private Map<String, String> sysctls = Map.of();
    private CgroupLimits limits = CgroupLimits.NONE;
    private DeviceLaunch devices = DeviceLaunch.NONE;
    private boolean privileged;
    private boolean init;
    private long shmBytes = 1 << 20;
    private String cgroupParent = "";
    private List<String> program = List.of();
    private StdioMode stdio = new StdioMode(false, false, false);

    @BeforeAll
    static void prepare() throws Exception {
        layer = Files.createDirectories(data.resolve("layer"));
        Files.createDirectories(layer.resolve("bin"));
        Files.copy(Path.of("/bin/busybox"), layer.resolve("bin/busybox"));
        for (String applet : List.of(
                "sh",
                "cat",
                "echo",
                "ls",
                "sleep",
                "readlink",
                "hostname",
                "grep",
                "stat",
                "mknod",
                "dd",
                "kill",
                "ps",
                "head",
                "wc",
                "ip",
                "touch",
                "test",
                "true",
                "mkdir",
                "mount",
                "unshare",
                "tty")) {
            Files.createSymbolicLink(layer.resolve("bin").resolve(applet), Path.of("busybox"));
        }
        runtime = KernelContainerRuntime.open(data.resolve("engine"));
        if (Files.isDirectory(CPUSET)) {
            // Made for the first container that needs it, and removed with the other parents at the end.
            Files.createDirectories(CPUSET.resolve(parent()));
        }
        ContainerIsolationTest first =
                new ContainerIsolationTest(); // starts the keeper, which no test is to leave behind
        String _ = first.run("true");
        first.endAll();
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    @AfterEach
    void endAll() throws Exception {
        for (ContainerProcess process : processes.reversed()) {
            process.signal(9);
            process.drained().get(20, TimeUnit.SECONDS);
        }
        for (ContainerLaunch launch : launched) {
            runtime.release(launch.id());
            runtime.deleteDirectory(launch.directory());
        }
    }

    @Test
    void sharesNamespacesOfTheHost() throws Exception {
        pid = new NamespaceChoice.Host();
        ipc = new NamespaceChoice.Host();
        uts = new NamespaceChoice.Host();
        network = new NamespaceChoice.Host();
        cgroup = new NamespaceChoice.Host();
        String output =
                run("for n in pid ipc uts net cgroup mnt; do readlink /proc/self/ns/$n; done; hostname; ls /dev/shm"
                        + " >/dev/null && echo shm; ls /sys/class/net | wc -l");
        List<String> lines = output.lines().toList();
        int line = 0;
        for (String kind : List.of("pid", "ipc", "uts", "net", "cgroup")) {
            assertThat(lines.get(line++))
                    .isEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns", kind))
                            .toString());
        }
        assertThat(lines.get(line))
                .isNotEqualTo(
                        Files.readSymbolicLink(Path.of("/proc/self/ns/mnt")).toString());
        assertThat(output).contains("\nshm\n").doesNotContain("testhost");
    }

    @Test
    void withTheHostsCgroupNamespaceOnlyItsOwnGroupIsMounted() throws Exception {
        cgroup = new NamespaceChoice.Host();
        assertThat(run("cat /proc/self/cgroup"))
                .contains(parent() + "/" + launched.getFirst().id());
        if (Files.isDirectory(Path.of("/sys/fs/cgroup/memory"))) {
            assertThat(run("ls /sys/fs/cgroup/memory; echo 0 > /sys/fs/cgroup/memory/notify_on_release; echo write=$?"))
                    .contains("memory.limit_in_bytes", "write=1")
                    .doesNotContain("berth-");
        }
    }

    private static String parent() {
        return KernelContainerRuntime.cgroupParent(
                data.resolve("engine").toAbsolutePath().normalize());
    }

    @Test
    void endsWhatIsLeftInASharedPidNamespace() throws Exception {
        pid = new NamespaceChoice.Host();
        run("sleep 1000 </dev/null >/dev/null 2>&1 & echo started");
        ContainerId id = launched.getFirst().id();
        for (int i = 0; i < 100 && !runtime.processes(id).isEmpty(); i++) {
            Thread.sleep(20);
        }
        assertThat(runtime.processes(id)).isEmpty();
    }

    @Test
    void joinsTheNamespacesOfAnotherContainer() throws Exception {
        ProcessIdentity other = start("touch /dev/shm/from-other; sleep 1000").identity();
        NamespaceChoice.Of shared = new NamespaceChoice.Of(other);
        pid = shared;
        ipc = shared;
        network = shared;
        String output = run(
                "for n in pid ipc net; do readlink /proc/self/ns/$n; done; for i in 1 2 3 4 5 6 7 8 9; do "
                        + "test -e /dev/shm/from-other || sleep 0.2; done; ls /dev/shm; cat /proc/1/cmdline; grep shm /proc/mounts");
        for (String kind : List.of("pid", "ipc", "net")) {
            assertThat(output)
                    .contains(Files.readSymbolicLink(Path.of("/proc/" + other.pid() + "/ns", kind))
                            .toString());
        }
        assertThat(output).contains("from-other\n", "sleep", "shm /dev/shm tmpfs rw,nosuid,nodev,noexec");

        pid = new NamespaceChoice.Private();
        ipc = new NamespaceChoice.Private();
        ContainerProcess joined = start("sleep 1000");
        String inExec = exec(joined, launched.getLast(), "readlink /proc/self/ns/net; readlink /proc/self/ns/pid");
        assertThat(inExec)
                .contains(Files.readSymbolicLink(Path.of("/proc/" + other.pid() + "/ns/net"))
                        .toString())
                .doesNotContain(Files.readSymbolicLink(Path.of("/proc/" + other.pid() + "/ns/pid"))
                        .toString());
    }

    @Test
    void doesNotTakeWhatIsNoTmpfsForAnothersSharedMemory() throws Exception {
        privileged = true;
        ContainerProcess other =
                start("busybox umount /dev/shm; busybox mount -t proc proc /dev/shm; touch /ready; sleep 1000");
        Path ready = Path.of("/proc/" + other.identity().pid() + "/root/ready");
        for (int i = 0; i < 100 && !Files.exists(ready); i++) {
            Thread.sleep(20);
        }
        privileged = false;
        ipc = new NamespaceChoice.Of(other.identity());
        assertThatThrownBy(() -> start("true"))
                .isInstanceOf(LaunchFailure.class)
                .hasMessageContaining("/dev/shm");
        assertThat(runtime.processes(launched.getLast().id())).isEmpty();
    }

    @Test
    void refusesToJoinAContainerThatHasStopped() throws Exception {
        ProcessIdentity gone = start("true").identity();
        processes.getLast().drained().get(20, TimeUnit.SECONDS);
        network = new NamespaceChoice.Of(gone);
        assertThatThrownBy(() -> start("true"))
                .isInstanceOfSatisfying(
                        LaunchFailure.class,
                        failure -> assertThat(failure.kind()).isEqualTo(LaunchFailure.Kind.CONTAINER_STOPPED));
    }

    @Test
    void canDoWithoutSharedMemory() throws Exception {
        shmBytes = 0;
        assertThat(run("ls /dev; grep -c /dev/shm /proc/mounts"))
                .doesNotContain("shm")
                .endsWith("0\n");
    }

    @Test
    void setsKernelParametersOfItsNamespaces() throws Exception {
        sysctls = Map.of(
                "net/ipv4/ip_forward", "1",
                "net/ipv4/ip_unprivileged_port_start", "1024",
                "kernel/msgmax", "4242",
                "fs/mqueue/msg_max", "17");
        assertThat(run("cd /proc/sys; cat net/ipv4/ip_forward net/ipv4/ip_unprivileged_port_start kernel/msgmax"
                        + " fs/mqueue/msg_max"))
                .isEqualTo("1\n1024\n4242\n17\n");
        assertThat(Files.readString(Path.of("/proc/sys/kernel/msgmax"))).doesNotStartWith("4242");
    }

    @Test
    void givesTheDevicesAskedForAndNoOthers() throws Exception {
        devices = new DeviceLaunch(
                List.of(
                        new DeviceLaunch.Node("/dev/kmsg", "/dev/given", "r"),
                        new DeviceLaunch.Node("/dev/net", "/opt/net", "rwm")),
                List.of("c 1:6 m"));
        assumeTrue(Files.exists(Path.of("/dev/net/tun")), "no /dev/net/tun");
        String output = run("stat -c '%t:%T %a' /dev/given; : < /opt/net/tun; echo read=$?; "
                + "echo x 2>/dev/null > /dev/given; echo write=$?; ls /opt/net; "
                + "mknod /dev/sda b 254 0 && head -c1 /dev/sda 2>/dev/null; echo disk=$?; "
                + "mknod /dev/k c 1 2 && head -c1 /dev/k 2>/dev/null; echo kmem=$?");
        assertThat(output).contains("1:b ", "read=0", "write=1", "tun", "disk=1", "kmem=1");
    }

    @Test
    void saysWhichDeviceIsNone() {
        devices = new DeviceLaunch(List.of(new DeviceLaunch.Node("/dev/nosuch", "/dev/x", "r")), List.of());
        assertThatThrownBy(() -> start("true"))
                .hasMessage(
                        "error gathering device information while adding custom device \"/dev/nosuch\": no such file or"
                                + " directory");
        devices = new DeviceLaunch(List.of(new DeviceLaunch.Node("/etc/passwd", "/dev/x", "r")), List.of());
        assertThatThrownBy(() -> start("true")).hasMessageEndingWith("not a device node");
    }

    @Test
    void privilegedContainersHaveTheHostsDevicesAndMayWriteToTheKernel() throws Exception {
        privileged = true;
        String output = run(
                "ls /dev; test -w /proc/sys/kernel/hostname; echo sys=$?; grep -E ' /sys | /sys/fs/cgroup/memory '"
                        + " /proc/mounts; dd if=/dev/kmsg bs=8192 count=1 2>/dev/null | head -c1 | wc -c; grep CapEff /proc/self/status; mount -t tmpfs x /bin; echo m=$?");
        assertThat(output).contains("kmsg", "sys=0", "sysfs /sys sysfs rw", "\n1\n", "m=0");
    }

    @Test
    void limitsProcesses() throws Exception {
        limits = CgroupLimits.NONE.withPids(6L);
        assertThat(run("for i in 1 2 3 4 5 6 7 8 9; do sleep 5 & done; wait")).isEmpty();
        assertThat(errors).contains("can't fork: Resource temporarily unavailable");
    }

    /** How much of a CPU is to spare does not matter: time is compared with the periods that the kernel has counted. */
    @Test
    void limitsProcessorTime() throws Exception {
        long quotaNanos = 10_000_000;
        limits = CgroupLimits.NONE.with(new CgroupLimits.Cpu(null, 10_000L, 100_000L, null, null, null, null));
        ContainerProcess process = start("while :; do :; done");
        ContainerId id = launched.getLast().id();
        CgroupStats first = awaitStats(id, stats -> stats.throttledPeriods() >= 40);
        CgroupStats second = runtime.stats(id);
        assertThat(process.exit()).isNotDone();
        // Each of the two is read a moment before what it is compared with, which goes on meanwhile.
        assertThat((double) first.cpuNanos())
                .as("at most the quota in each period: " + second)
                .isLessThan(1.05 * quotaNanos * (second.periods() + 1));
        assertThat((double) second.cpuNanos())
                .as("all of the quota in each period in which it was stopped: " + first)
                .isGreaterThan(0.95 * quotaNanos * first.throttledPeriods());
    }

    private static CgroupStats awaitStats(ContainerId id, Predicate<CgroupStats> reached) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        CgroupStats stats = runtime.stats(id);
        while (!reached.test(stats)) {
            assertThat(System.nanoTime()).as("deadline, with " + stats).isLessThan(deadline);
            Thread.sleep(50);
            stats = runtime.stats(id);
        }
        return stats;
    }

    @Test
    void givesRealtimeToItsGroupAndToThoseAbove() throws Exception {
        assumeTrue(runtime.support().cpuRealtime(), "no real-time group scheduling");
        cgroupParent = "/berth-test-parent-" + ProcessHandle.current().pid() + "/deep";
        try {
            for (long runtimeMicros : new long[] {5_000, 20_000}) {
                limits = CgroupLimits.NONE.with(
                        new CgroupLimits.Cpu(null, null, null, runtimeMicros, 200_000L, null, null));
                start("sleep 1000");
            }
            assertThat(run("cat /sys/fs/cgroup/cpu/cpu.rt_runtime_us /sys/fs/cgroup/cpu/cpu.rt_period_us"))
                    .isEqualTo("20000\n200000\n");
            assertThat(Long.parseLong(
                            Files.readString(Path.of("/sys/fs/cgroup/cpu" + cgroupParent + "/cpu.rt_runtime_us"))
                                    .strip()))
                    .as("the sum, of a period of a second")
                    .isBetween(225_000L, 225_010L);
            limits = CgroupLimits.NONE.with(new CgroupLimits.Cpu(null, null, null, 990_000L, 1_000_000L, null, null));
            assertThatThrownBy(() -> start("true"))
                    .isInstanceOf(LaunchFailure.class)
                    .hasMessageContaining("cannot set the container's limits");
        } finally {
            endAll();
            processes.clear();
            launched.clear();
            removeParents();
        }
    }

    /** More load makes it slower only, so it is the most that was read by then that tells of the limit. */
    @ParameterizedTest
    @EnumSource(
            value = CgroupLimits.Rate.class,
            names = {"READ_BYTES", "WRITE_BYTES"})
    void limitsTrafficOfADisk(CgroupLimits.Rate kind) throws Exception {
        assumeTrue(runtime.support().blockIoThrottle(), "no block I/O controller");
        String[] device = deviceOf(data);
        assumeTrue(device.length == 2 && Files.exists(Path.of("/sys/dev/block", String.join(":", device))), "no disk");
        long rate = 1 << 20;
        limits = CgroupLimits.NONE.with(new CgroupLimits.BlockIo(
                null,
                List.of(),
                List.of(new CgroupLimits.Throttle(
                        kind, Integer.parseInt(device[0]), Integer.parseInt(device[1]), rate))));
        boolean read = kind == CgroupLimits.Rate.READ_BYTES;
        String copy = read ? "if=/big of=/dev/null iflag=direct" : "if=/dev/zero of=/big oflag=direct";
        long begin = System.nanoTime();
        ContainerProcess process = start((read ? "dd if=/dev/zero of=/big bs=64k count=8 oflag=direct; " : "")
                + "while dd " + copy + " bs=64k count=8 2>/dev/null; do :; done");
        CgroupStats stats = awaitStats(
                launched.getLast().id(), now -> process.exit().isDone() || bytes(now, read, device) >= 3 * rate);
        double seconds = (System.nanoTime() - begin) / 1e9;
        assertThat(process.exit()).as(errors).isNotDone();
        assertThat((double) bytes(stats, read, device))
                .as("bytes in " + seconds + " s, and what the kernel lets through at once")
                .isBetween(3.0 * rate, rate * (seconds + 1));
    }

    private static long bytes(CgroupStats stats, boolean read, String[] device) {
        return stats.blockIoBytes().stream()
                .filter(entry -> (entry.major() + ":" + entry.minor()).equals(String.join(":", device)))
                .filter(entry -> entry.operation().equalsIgnoreCase(read ? "read" : "write"))
                .mapToLong(CgroupStats.BlockIo::value)
                .sum();
    }

    private static String[] deviceOf(Path path) throws IOException {
        long device = (Long) Files.getAttribute(path, "unix:dev");
        long major = ((device >>> 8) & 0xfff) | ((device >>> 32) & ~0xfffL);
        long minor = (device & 0xff) | ((device >>> 12) & ~0xffL);
        return new String[] {Long.toString(major), Long.toString(minor)};
    }

    @Test
    void restrictsCpus() throws Exception {
        limits = CgroupLimits.NONE.with(new CgroupLimits.Cpu(512L, null, null, null, null, "0", "0"));
        assertThat(run("grep Cpus_allowed_list /proc/self/status")).isEqualTo("Cpus_allowed_list:\t0\n");
    }

    @Test
    void findsGroupsBelowAnotherParentAgain() throws Exception {
        cgroupParent = "/berth-test-parent-" + ProcessHandle.current().pid() + "/deep";
        ContainerProcess process = start("sleep 1000");
        ContainerId id = launched.getLast().id();
        assertThat(Files.readString(Path.of("/proc/" + process.identity().pid() + "/cgroup")))
                .contains(cgroupParent + "/" + id);
        assertThat(runtime.stats(id).pids()).isEqualTo(1);
        ContainerCgroups next = ContainerCgroups.open(
                CgroupHost.detect(parent(), MountInfo.ofSelf()),
                data.resolve("engine").toAbsolutePath().normalize());
        assertThat(next.ids()).contains(id);
        next.remove(id);
        assertThat(next.ids()).doesNotContain(id);
        process.exit().get(20, TimeUnit.SECONDS);
        removeParents();
    }

    /** A parent that a user names is never removed by the engine. In version 2 it is in the one hierarchy there is. */
    private void removeParents() throws IOException {
        Path root = Path.of("/sys/fs/cgroup");
        List<Path> hierarchies = new ArrayList<>(List.of(root));
        try (var below = Files.newDirectoryStream(root, Files::isDirectory)) {
            below.forEach(hierarchies::add);
        }
        for (Path hierarchy : hierarchies) {
            Path deep = hierarchy.resolve(cgroupParent.substring(1));
            if (Files.isDirectory(deep)) {
                assertThat(deep.toFile().listFiles(java.io.File::isDirectory)).isEmpty();
                Files.delete(deep);
                Files.delete(deep.getParent());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "/a/../../b", "/"})
    void refusesParentsThatLeadUpwards(String parent) {
        cgroupParent = parent;
        assertThatThrownBy(() -> start("true")).hasMessageContaining("invalid cgroup parent");
    }

    @Test
    void anInitReapsForwardsAndExitsAsTheProgram() throws Exception {
        init = true;
        assertThat(
                        run(
                                "echo $$; cat /proc/1/comm; (sleep 0.1 & ) ; sleep 0.5; grep -l '^State:.Z' /proc/[0-9]*/status; exit 7"))
                .endsWith("docker-init\n")
                .doesNotStartWith("1\n");
        assertThat(processes.getLast().exit().get().code()).isEqualTo(7);

        ContainerProcess trapping = start("trap 'exit 9' TERM; touch /ready; while :; do sleep 0.1; done");
        awaitFile(trapping, "ready");
        assertThat(runtime.processes(launched.getLast().id())).hasSizeGreaterThanOrEqualTo(2);
        trapping.signal(15);
        assertThat(trapping.exit().get(20, TimeUnit.SECONDS).code()).isEqualTo(9);

        ContainerProcess plain = start("touch /ready; sleep 1000; true");
        awaitFile(plain, "ready");
        plain.signal(15);
        assertThat(plain.exit().get(20, TimeUnit.SECONDS).code()).isEqualTo(143);
    }

    @Test
    void anInitGivesTheTerminalToTheProgram() throws Exception {
        init = true;
        stdio = new StdioMode(true, true, false);
        assertThat(run("tty; stat -c ok /dev/tty; head -c1 /dev/null > /dev/tty; ps -o pid,comm | head -3"))
                .contains("/dev/pts/0", "ok");
    }

    @Test
    void anInitSaysWhyTheProgramCannotRun() {
        init = true;
        program = List.of("nosuch");
        assertThatThrownBy(() -> start(""))
                .isInstanceOfSatisfying(
                        LaunchFailure.class,
                        failure -> assertThat(failure.kind()).isEqualTo(LaunchFailure.Kind.PROGRAM_NOT_FOUND))
                .hasMessage("exec: \"nosuch\": executable file not found in $PATH");
        program = List.of("/bin");
        assertThatThrownBy(() -> start(""))
                .isInstanceOfSatisfying(
                        LaunchFailure.class,
                        failure -> assertThat(failure.kind()).isEqualTo(LaunchFailure.Kind.PROGRAM_NOT_EXECUTABLE))
                .hasMessage("exec: \"/bin\": is a directory");
    }

    private static void awaitFile(ContainerProcess process, String name) throws InterruptedException {
        Path file = Path.of("/proc/" + process.identity().pid() + "/root", name);
        for (int i = 0; i < 200 && !Files.exists(file); i++) {
            Thread.sleep(20);
        }
        assertThat(file).exists();
    }

    @Test
    void cannotReleaseAnAgent() throws Exception {
        String output = run("for f in /sys/fs/cgroup/*/release_agent /sys/fs/cgroup/release_agent; do "
                + "echo x 2>/dev/null > $f && echo WRITTEN; done; mount -t cgroup -o memory x /bin 2>/dev/null && echo MOUNTED;"
                + "unshare -C true 2>/dev/null && echo UNSHARED; echo done");
        assertThat(output).isEqualTo("done\n");
    }

    @Test
    void theEngineHasNoAbstractSockets() throws Exception {
        network = new NamespaceChoice.Host();
        Set<String> own = ownSockets();
        List<String> reachable = run("cat /proc/net/unix")
                .lines()
                .filter(line -> line.contains(" @"))
                .filter(line -> own.contains(line.strip().split("\\s+")[6]))
                .toList();
        assertThat(reachable).isEmpty();
    }

    /** Inodes of this process's sockets. */
    private static Set<String> ownSockets() {
        return OpenDescriptors.targets().values().stream()
                .filter(target -> target.startsWith("socket:["))
                .map(target -> target.substring(8, target.length() - 1))
                .collect(Collectors.toSet());
    }

    private String errors = "";

    private String run(String script) throws Exception {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        ByteArrayOutputStream error = new ByteArrayOutputStream();
        ContainerProcess process = runtime.start(launch(script));
        processes.add(process);
        process.deliverTo(
                (stream, content) -> (stream == ContainerProcess.Stream.STDOUT ? output : error).writeBytes(content));
        process.drained().get(30, TimeUnit.SECONDS);
        errors = error.toString(StandardCharsets.UTF_8);
        return output.toString(StandardCharsets.UTF_8);
    }

    private ContainerProcess start(String script) {
        ContainerProcess process = runtime.start(launch(script));
        processes.add(process);
        process.deliverTo((stream, content) -> {});
        return process;
    }

    private String exec(ContainerProcess target, ContainerLaunch launch, String script) throws Exception {
        ContainerProcess process = runtime.exec(
                target.identity(),
                new ExecLaunch(
                        ContainerId.random(),
                        launch.id(),
                        launch.directory(),
                        process(script),
                        launch.process().capabilities()));
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        process.deliverTo((stream, content) -> output.writeBytes(content));
        process.drained().get(20, TimeUnit.SECONDS);
        return output.toString(StandardCharsets.UTF_8);
    }

    private ProcessLaunch process(String script) {
        return new ProcessLaunch(
                program.isEmpty() ? List.of("sh", "-c", script) : program,
                List.of("PATH=/bin"),
                "",
                "",
                List.of(),
                privileged ? CapabilitySet.all() : CapabilitySet.DOCKER_DEFAULT,
                false,
                new SeccompChoice.Default(),
                "",
                Map.of(),
                0,
                stdio,
                null);
    }

    private ContainerLaunch launch(String script) {
        ContainerId id = ContainerId.random();
        ContainerLaunch launch = new ContainerLaunch(
                id,
                data.resolve("engine/containers").resolve(id.value()),
                List.of(layer),
                process(script),
                "testhost",
                "",
                limits,
                false,
                privileged,
                List.of("/proc/kcore", "/sys/firmware"),
                List.of("/proc/sys", "/proc/sysrq-trigger"),
                shmBytes,
                List.of(),
                new Isolation(pid, ipc, uts, network, cgroup, null, sysctls),
                devices,
                init,
                cgroupParent,
                Map.of());
        launched.add(launch);
        return launch;
    }
}
