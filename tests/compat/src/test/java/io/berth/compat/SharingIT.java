package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Namespaces shared with the host and with other containers, devices, kernel parameters, init and further limits. */
@CompatTest
class SharingIT {
    private final Target target;
    private final List<String> started = new ArrayList<>();

    SharingIT(Target target) {
        this.target = target;
    }

    @AfterEach
    void removeAll() {
        started.forEach(id -> target.docker().run("rm", "-f", id));
    }

    private String start(String... options) {
        List<String> arguments = new ArrayList<>(List.of("run", "-d"));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of(Target.IMAGE, "sleep", "1000"));
        String id = target.docker().ok(arguments.toArray(String[]::new));
        started.add(id);
        return id;
    }

    private String run(String option, String script) {
        List<String> arguments = new ArrayList<>(List.of("run", "--rm"));
        arguments.addAll(List.of(option.split(" ")));
        arguments.addAll(List.of(Target.IMAGE, "sh", "-c", script));
        return target.docker().ok(arguments.toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource({"--pid host,pid", "--ipc host,ipc", "--uts host,uts", "--cgroupns host,cgroup"})
    void theHostsNamespacesAreShared(String option, String kind) throws IOException {
        assertThat(run(option, "readlink /proc/self/ns/" + kind))
                .isEqualTo(
                        Files.readSymbolicLink(Path.of("/proc/self/ns", kind)).toString());
    }

    /** The engine may itself be in a network namespace of its own, as in these tests. */
    @Test
    void theHostsNetworkIsTheSameForAll() {
        String link = "readlink /proc/self/ns/net";
        assertThat(run("--network host", link)).isEqualTo(run("--network host", link));
        assertThat(run("--network host", link)).isNotEqualTo(run("--network none", link));
    }

    @Test
    void anotherContainersNamespacesAreJoined() {
        String donor = start("--ipc", "shareable", "--network", "none", "--hostname", "donor");
        target.docker().ok("exec", donor, "touch", "/dev/shm/seen");
        String links = "for n in pid ipc net; do readlink /proc/self/ns/$n; done";
        String all = "--pid container:" + donor + " --ipc container:" + donor + " --network container:" + donor;
        assertThat(run(all, links)).isEqualTo(target.docker().ok("exec", donor, "sh", "-c", links));
        assertThat(run(all, "ls /dev/shm; hostname; cat /etc/hostname")).isEqualTo("seen\ndonor\ndonor");
    }

    @Test
    void onlyWhatIsSharedAndRunsCanBeJoined() {
        String closed = start();
        assertThat(target.docker()
                        .run("run", "--rm", "--ipc", "container:" + closed, Target.IMAGE, "true")
                        .err())
                .contains("non-shareable IPC (hint: use IpcMode:shareable for the donor container)");
        target.docker().ok("kill", closed);
        target.docker().run("wait", closed);
        assertThat(target.docker()
                        .run("run", "--rm", "--pid", "container:" + closed, Target.IMAGE, "true")
                        .err())
                .contains("is not running");
        assertThat(target.docker()
                        .run("run", "--rm", "--pid", "container:nosuch", Target.IMAGE, "true")
                        .err())
                .containsIgnoringCase("no such container: nosuch");
    }

    @Test
    void kernelParametersAreSet() {
        assertThat(run(
                        "--sysctl net.ipv4.ip_forward=1 --sysctl kernel.msgmax=4321",
                        "cat /proc/sys/net/ipv4/ip_forward" + " /proc/sys/kernel/msgmax"))
                .isEqualTo("1\n4321");
        assertThat(target.docker()
                        .run(
                                "run",
                                "--rm",
                                "--network",
                                "host",
                                "--sysctl",
                                "net.ipv4.ip_forward=1",
                                Target.IMAGE,
                                "true")
                        .exitCode())
                .isNotZero();
    }

    @Test
    void devicesAreGiven() {
        assertThat(run(
                        "--device /dev/kmsg:/dev/given:r",
                        "stat -c %t:%T /dev/given; (echo x > /dev/given) 2>/dev/null;" + " echo $?"))
                .isEqualTo("1:b\n1");
        assertThat(run("--privileged", "ls /dev")).contains("kmsg");
        assertThat(target.docker()
                        .run("run", "--rm", "--device", "/dev/nosuch", Target.IMAGE, "true")
                        .err())
                .contains("error gathering device information while adding custom device \"/dev/nosuch\"");
        assertThat(target.docker()
                        .run(
                                "run",
                                "--rm",
                                "--device-cgroup-rule",
                                "c 10:200 rwm",
                                Target.IMAGE,
                                "sh",
                                "-c",
                                "mknod /k c 10 200 && : < /k")
                        .exitCode())
                .isZero();
        assertThat(target.docker()
                        .run("run", "--rm", "--gpus", "all", Target.IMAGE, "true")
                        .err())
                .contains("could not select device driver \"\" with capabilities: [[gpu]]");
    }

    @Test
    void anInitIsProcessOne() {
        String id = start("--init");
        assertThat(target.docker().ok("top", id)).contains("docker-init", "sleep 1000");
        target.docker().ok("stop", "-t", "5", id);
        assertThat(target.docker().ok("inspect", "-f", "{{.State.ExitCode}}", id))
                .isEqualTo("143");
        assertThat(target.docker()
                        .run("run", "--rm", "--init", Target.IMAGE, "nosuch")
                        .exitCode())
                .isEqualTo(127);
        assertThat(target.docker()
                        .run("run", "--rm", "--init", "-t", Target.IMAGE, "sh", "-c", "exit 4")
                        .exitCode())
                .isEqualTo(4);
    }

    @Test
    void groupsGoBelowTheParentAskedFor() throws IOException {
        String parent = "/berth-compat-" + ProcessHandle.current().pid();
        String id = start("--cgroup-parent", parent);
        String pid = target.docker().ok("inspect", "-f", "{{.State.Pid}}", id);
        assertThat(Files.readString(Path.of("/proc", pid, "cgroup"))).contains(parent + "/" + id);
        target.docker().ok("rm", "-f", id);
        try (var hierarchies = Files.newDirectoryStream(Path.of("/sys/fs/cgroup"), Files::isDirectory)) {
            for (Path hierarchy : hierarchies) {
                Files.deleteIfExists(hierarchy.resolve(parent.substring(1)));
            }
        }
        assertThat(target.docker()
                        .run("run", "--rm", "--cgroup-parent", "../x", Target.IMAGE, "true")
                        .exitCode())
                .isNotZero();
    }

    @Test
    void cpusAndSwappinessAreLimited() {
        assertThat(run(
                        "--cpuset-cpus 0 --memory 32m --memory-reservation 16m --cpu-shares 512",
                        "grep Cpus_allowed_list /proc/self/status"))
                .isEqualTo("Cpus_allowed_list:\t0");
    }
}
