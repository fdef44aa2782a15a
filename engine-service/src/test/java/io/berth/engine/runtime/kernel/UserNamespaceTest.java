package io.berth.engine.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.runtime.ContainerLaunch.SeccompChoice;
import io.berth.engine.runtime.ContainerProcess;
import io.berth.engine.runtime.DeviceLaunch;
import io.berth.engine.runtime.Isolation.IdRange;
import io.berth.engine.runtime.MountLaunch;
import io.berth.engine.runtime.kernel.BusyboxContainers.Request;
import io.berth.engine.runtime.kernel.BusyboxContainers.Run;
import io.berth.kernel.KernelTest;
import io.berth.linux.capability.CapabilitySet;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileStat;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers whose users are nobody outside. */
@KernelTest
class UserNamespaceTest {
    private static final long BASE = 1_900_000_000L;

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

    private static Request sh(String script) {
        Request request = containers.sh(script);
        request.users = new IdRange(BASE, 65_536);
        return request;
    }

    @Test
    void isRootInsideAndNobodyOutside() throws Exception {
        Request request = sh("id -u; cat /proc/self/uid_map /proc/self/gid_map; stat -c %u:%g / /etc/passwd /proc/1; "
                + "touch /made; chown 5:6 /made; stat -c %u:%g /made; grep CapEff /proc/self/status; exec sleep 100");
        ContainerProcess process = request.start();
        try {
            Path status = Path.of("/proc/" + process.identity().pid() + "/status");
            Instant deadline = Instant.now().plusSeconds(20);
            while (!Files.readString(status).contains("Name:\tsleep")
                    && Instant.now().isBefore(deadline)) {
                Thread.sleep(5);
            }
            assertThat(Files.readString(status)).contains("Uid:\t1900000000\t1900000000\t1900000000\t1900000000");
        } finally {
            process.signal(9);
        }
        Run run = BusyboxContainers.finish(process);
        try (Directory upper = Directory.open(request.launch().directory().resolve("upper"))) {
            assertThat(upper.stat("made").uid()).as("on disk").isEqualTo(5);
            assertThat(upper.stat("made").gid()).isEqualTo(6);
        }
        request.clean();
        assertThat(run.output().replaceAll(" +", " ").lines())
                .containsExactly(
                        "0",
                        " 0 1900000000 65536",
                        " 0 1900000000 65536",
                        "0:0",
                        "0:0",
                        "0:0",
                        "5:6",
                        "CapEff: 00000000a80425fb".replace(' ', '\t'));
    }

    @Test
    void hasEverythingAContainerHas() throws Exception {
        Request request = sh("for f in null zero full random urandom tty; do stat -c %t:%T,%u,%a /dev/$f; done; "
                + "head -c 4 /dev/zero | wc -c; echo x > /dev/null && echo written; "
                + "ls /sys/fs/cgroup | wc -l | grep -v '^0$' > /dev/null && echo cgroups; "
                + "ip -o link | grep -c UP; ping -c 1 -w 2 127.0.0.1 > /dev/null && echo pinged; "
                + "touch /dev/shm/x && echo shm; grep -c ' /dev/mqueue ' /proc/mounts; cat /proc/kcore | wc -c; "
                + "echo 0 2>/dev/null > /proc/sys/kernel/randomize_va_space || echo protected; echo y > /dev/stdout");
        Run run = request.run();
        assertThat(run.output().lines())
                .as(run.error())
                .containsExactly(
                        "1:3,0,666",
                        "1:5,0,666",
                        "1:7,0,666",
                        "1:8,0,666",
                        "1:9,0,666",
                        "5:0,0,666",
                        "4",
                        "written",
                        "cgroups",
                        "1",
                        "pinged",
                        "shm",
                        "1",
                        "0",
                        "protected",
                        "y");
    }

    @Test
    void runsAsAUserOfTheImage() throws Exception {
        Request request = sh("id -u; echo x > /dev/stdout");
        request.user = "alice";
        assertThat(request.run().output()).isEqualTo("1000\nx\n");
    }

    @Test
    void talksThroughATerminal() throws Exception {
        Request request = sh("tty; stty size; stat -c %u:%g /dev/pts/0 /dev/console; echo again > /dev/tty");
        request.tty = true;
        request.user = "alice";
        Run run = request.run();
        assertThat(run.output()).isEqualTo("/dev/pts/0\r\n24 80\r\n1000:5\r\n1000:5\r\nagain\r\n");
    }

    @Test
    void execsAsItsOwnRoot() throws Exception {
        Request request = sh("exec sleep 100");
        ContainerProcess process = request.start();
        process.deliverTo((stream, content) -> {});
        try {
            Request other = containers.sh("id -u; cat /proc/self/uid_map; readlink /proc/self/ns/user; "
                    + "readlink /proc/1/ns/user; touch /made && stat -c %u /made; echo x > /dev/stdout; exit 4");
            Run run = request.exec(process, other);
            assertThat(run.exitCode()).as(run.error()).isEqualTo(4);
            List<String> lines = run.output().lines().toList();
            assertThat(lines.get(0)).isEqualTo("0");
            assertThat(lines.get(1).strip()).matches("0 +1900000000 +65536");
            assertThat(lines.get(2)).isEqualTo(lines.get(3));
            assertThat(lines.subList(4, 6)).containsExactly("0", "x");
            Request terminal = containers.sh("tty; stat -c %u /dev/pts/0");
            terminal.tty = true;
            assertThat(request.exec(process, terminal).output()).isEqualTo("/dev/pts/0\r\n0\r\n");
        } finally {
            process.signal(9);
            process.drained().get(20, java.util.concurrent.TimeUnit.SECONDS);
            request.clean();
        }
    }

    @Test
    void writesBindsAndVolumesAsTheOuterOwner() throws Exception {
        Path volume = containers.directory("volume");
        Files.writeString(volume.resolve("owned"), "x");
        Files.setAttribute(volume.resolve("owned"), "unix:uid", 33);
        Request request = sh("stat -c %u /v/owned; touch /v/root; touch /v/alice; chown 1000 /v/alice; "
                        + "stat -c %u /t; touch /t/x && stat -c %u /t/x; stat -c %u /img/f")
                .bind(volume, "/v")
                .mount(new MountLaunch.Tmpfs("/t", 0, 0755, Set.of(), List.of("uid=7")))
                .mount(new MountLaunch.Image("/img", List.of(volume(volume)), ""));
        Run run = request.run();
        assertThat(run.output()).as(run.error()).isEqualTo("33\n7\n0\n0\n");
        assertThat(Files.getAttribute(volume.resolve("root"), "unix:uid")).isEqualTo(0);
        assertThat(Files.getAttribute(volume.resolve("alice"), "unix:uid")).isEqualTo(1000);
    }

    private static Path volume(Path beside) throws Exception {
        Path image = Files.createDirectories(Path.of(beside + "-image"));
        Files.writeString(image.resolve("f"), "f");
        return image;
    }

    @Test
    void isNobodyWhereOwnersCannotBeMapped() throws Exception {
        // proc cannot be mapped: the host's own, as a breakout would see it.
        Path secret = Files.writeString(containers.directory("secret").resolve("f"), "secret");
        Request request = sh("cat /hostproc/1/environ 2>/dev/null | wc -c; "
                        + "cat /hostproc/1/root" + secret + " 2>/dev/null; "
                        + "echo 1 2>/dev/null > /hostproc/sys/kernel/panic; echo $?; stat -c %u /hostproc/1")
                .bind(Path.of("/proc"), "/hostproc");
        Run run = request.run();
        assertThat(run.output()).isEqualTo("0\n1\n65534\n");
    }

    @Test
    void cannotDoWhatItsNamespaceDoesNotOwn() throws Exception {
        Request request = sh("mknod /x b 8 0 2>/dev/null || echo no-device; "
                + "mount -t cgroup -o devices none /mnt 2>/dev/null || echo no-cgroup; "
                + "mkdir /m; mount -t tmpfs none /m && mknod /m/n c 1 3 2>/dev/null || echo no-node; "
                + "umount /proc/kcore 2>/dev/null; head -c 1 /proc/kcore 2>/dev/null | wc -c; "
                + "cat /proc/sys/kernel/random/uuid | wc -c");
        request.capabilities = CapabilitySet.all();
        request.seccomp = new SeccompChoice.Unconfined();
        assertThat(request.run().output()).isEqualTo("no-device\nno-cgroup\nno-node\n0\n37\n");
    }

    @Test
    void hasTheDevicesAskedForAndNoOthers() throws Exception {
        Request request = sh("stat -c '%u:%g %a %t:%T' /dev/nought /dev/deep//nought /opt/x/nought /dev/kmsg;"
                + " ls -a /dev | grep device; for k in /dev/nought /dev/deep/nought /opt/x/nought; do"
                + " head -c 3 $k | wc -c; done; (echo x > /dev/kmsg) 2>/dev/null || echo read only;"
                + " mknod /dev/mine c 1 11 2>/dev/null || echo no more; stat -c %u:%g /dev/deep");
        request.devices = new DeviceLaunch(
                List.of(
                        new DeviceLaunch.Node("/dev/zero", "/dev/nought", "r"),
                        new DeviceLaunch.Node("/dev/zero", "/dev/deep//nought", "r"),
                        new DeviceLaunch.Node("/dev/zero", "/opt/x/nought", "r"),
                        new DeviceLaunch.Node("/dev/kmsg", "/dev/kmsg", "r"),
                        new DeviceLaunch.Node("/dev/null", "/dev/null", "rwm")),
                List.of());
        String nought = node("zero");
        assertThat(request.run().output())
                .isEqualTo(nought + nought + nought + node("kmsg") + "3\n3\n3\nread only\nno more\n0:0\n");
    }

    /** As stat(1) is asked to print it. */
    private static String node(String name) {
        try (Directory dev = Directory.open(Path.of("/dev"))) {
            FileStat stat = dev.stat(name);
            return stat.uid() + ":" + stat.gid() + " " + Integer.toOctalString(stat.permissions()) + " "
                    + Integer.toHexString(stat.rdevMajor()) + ":" + Integer.toHexString(stat.rdevMinor()) + "\n";
        }
    }

    @Test
    void keepsItsFilesOverARestart() throws Exception {
        Request request = sh("cat /state 2>/dev/null; echo again >> /state; chown 42 /state; rm -f /etc/group");
        assertThat(BusyboxContainers.finish(request.start()).output()).isEmpty();
        containers.runtime.release(request.id);
        assertThat(BusyboxContainers.finish(request.start()).output()).isEqualTo("again\n");
        request.clean();
    }
}
