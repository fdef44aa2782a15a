package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a process in a container sees of its limits, and what it cannot see or do. */
@CompatTest
class IsolationIT {
    /** Docker's default capabilities as a mask. */
    private static final String DEFAULT_CAPABILITIES = "00000000a80425fb";

    private final Target target;

    IsolationIT(Target target) {
        this.target = target;
    }

    @Test
    void capabilitiesAndSeccompAreDockersDefaults() {
        Map<String, String> status = status("run", "--rm", Target.IMAGE);

        assertThat(status)
                .containsEntry("CapEff", DEFAULT_CAPABILITIES)
                .containsEntry("CapPrm", DEFAULT_CAPABILITIES)
                .containsEntry("CapBnd", DEFAULT_CAPABILITIES)
                .containsEntry("CapInh", "0000000000000000")
                .containsEntry("CapAmb", "0000000000000000")
                .containsEntry("Seccomp", "2");
    }

    @Test
    void anotherUserHasNoCapabilitiesInEffect() {
        assertThat(status("run", "--rm", "--user", "nobody", Target.IMAGE))
                .containsEntry("CapEff", "0000000000000000")
                .containsEntry("CapPrm", "0000000000000000")
                .containsEntry("CapBnd", DEFAULT_CAPABILITIES);
    }

    @Test
    void capabilitiesAreDroppedAndAdded() {
        assertThat(status("run", "--rm", "--cap-drop", "ALL", Target.IMAGE))
                .containsEntry("CapBnd", "0000000000000000");
        assertThat(status("run", "--rm", "--cap-drop", "ALL", "--cap-add", "NET_ADMIN", Target.IMAGE))
                .containsEntry("CapEff", "0000000000001000");
    }

    @Test
    void noNewPrivilegesIsSetWhenAsked() {
        assertThat(status("run", "--rm", "--security-opt", "no-new-privileges", Target.IMAGE))
                .containsEntry("NoNewPrivs", "1");
    }

    @Test
    void anExecIsHeldToTheSameRules() {
        String id = target.docker().ok("run", "-d", Target.IMAGE, "sleep", "1000");
        try {
            assertThat(status("exec", id))
                    .containsEntry("CapEff", DEFAULT_CAPABILITIES)
                    .containsEntry("CapInh", "0000000000000000")
                    .containsEntry("Seccomp", "2");
            assertThat(target.docker().ok("exec", id, "cat", "/proc/self/cgroup"))
                    .isEqualTo(target.docker().ok("exec", id, "cat", "/proc/1/cgroup"));
        } finally {
            target.docker().ok("rm", "-f", id);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "unshare -U true",
                "unshare -m true",
                "mount -t tmpfs tmpfs /tmp",
                "mount -o remount,rw /proc/sys",
                "mknod /dev/sda b 8 0 && cat /dev/sda",
                "echo h > /proc/sysrq-trigger",
                "echo x > /proc/sys/kernel/core_pattern",
                "echo 1 > /sys/kernel/mm/ksm/run",
                "cd /sys/fs/cgroup; test ! -d memory || cd memory; mkdir x",
                "chroot /tmp/../../../.. true && cat /etc/shadow",
                "umount /proc/kcore"
            })
    void whatWouldReachTheHostFails(String script) {
        assertThat(shell(script).exitCode()).isNotZero();
    }

    @Test
    void dangerousPathsAreMasked() {
        assertThat(shell("cat /proc/kcore /proc/keys /proc/timer_list /proc/sched_debug 2>/dev/null | wc -c")
                        .ok())
                .isEqualTo("0");
        assertThat(shell("ls /proc/acpi /proc/scsi /sys/firmware 2>/dev/null | grep -v : | grep -c .")
                        .out()
                        .strip())
                .isEqualTo("0");
    }

    @Test
    void mountsAreThoseOfDocker() {
        Map<String, String> mounts = shell("cat /proc/self/mounts")
                .ok()
                .lines()
                .map(line -> line.split(" "))
                .collect(Collectors.toMap(field -> field[1], field -> field[2] + " " + field[3], (a, b) -> b));

        assertThat(mounts.get("/")).startsWith("overlay rw");
        assertThat(mounts.get("/proc")).startsWith("proc rw,nosuid,nodev,noexec");
        assertThat(mounts.get("/dev")).startsWith("tmpfs rw,nosuid");
        assertThat(mounts.get("/dev/pts")).startsWith("devpts rw,nosuid,noexec");
        assertThat(mounts.get("/dev/shm"))
                .startsWith("tmpfs rw,nosuid,nodev,noexec")
                .contains("size=65536k");
        assertThat(mounts.get("/dev/mqueue")).startsWith("mqueue rw,nosuid,nodev,noexec");
        assertThat(mounts.get("/sys")).startsWith("sysfs ro,nosuid,nodev,noexec");
        assertThat(mounts.get("/proc/sys")).contains("proc ro");
        // Not every kernel has these two.
        if (Files.exists(Path.of("/proc/sysrq-trigger"))) {
            assertThat(mounts.get("/proc/sysrq-trigger")).contains("proc ro");
        }
        if (Files.exists(Path.of("/proc/kcore"))) {
            assertThat(mounts).containsKey("/proc/kcore");
        }
        assertThat(mounts).containsKeys("/etc/hostname", "/etc/hosts", "/etc/resolv.conf", "/proc/keys");
        assertThat(mounts.keySet()).noneMatch(path -> path.contains("oldroot") || path.contains("berth"));
    }

    @Test
    void devicesAreTheUsualFew() {
        assertThat(shell("ls -A /dev").ok().split("\\s+"))
                .contains(
                        "null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts", "shm", "mqueue", "fd",
                        "stdin")
                .doesNotContain("sda", "mem", "kmsg", "kvm", "fuse");
        assertThat(shell("head -c 4 /dev/zero | wc -c; echo x > /dev/null && echo written")
                        .ok())
                .isEqualTo("4\nwritten");
    }

    @Test
    void processesSeeOnlyTheirOwn() {
        assertThat(shell("ps -o pid,comm | wc -l").ok().strip()).matches("[2-4]");
        assertThat(shell("echo $$").ok()).isEqualTo("1");
        assertThat(shell("ls /proc/self/fd | grep -v -e '^[0-3]$' | wc -l").ok())
                .isEqualTo("0");
    }

    @ParameterizedTest
    @CsvSource({"3", "5", "8", "12", "20", "40", "63"})
    void noDescriptorOfTheEngineIsADoorOut(int descriptor) {
        Outcome outcome =
                target.docker().run("run", "--rm", "-w", "/proc/self/fd/" + descriptor, Target.IMAGE, "ls", "..");

        assertThat(outcome.exitCode()).as(outcome.toString()).isNotZero();
    }

    @Test
    void readOnlyRootIs() {
        assertThat(target.docker()
                        .run("run", "--rm", "--read-only", Target.IMAGE, "sh", "-c", "echo > /file || echo refused")
                        .out())
                .contains("refused");
    }

    @Test
    @BerthOnly
    void nothingIsMountedOnTheHost() throws java.io.IOException {
        String id = target.docker().ok("run", "-d", Target.IMAGE, "sleep", "1000");
        try {
            assertThat(Files.readString(Path.of("/proc/self/mountinfo")))
                    .doesNotContain(id, target.berth().scratch().toString());
        } finally {
            target.docker().ok("rm", "-f", id);
        }
    }

    private Outcome shell(String script) {
        return target.docker().run("run", "--rm", Target.IMAGE, "sh", "-c", script);
    }

    private Map<String, String> status(String... docker) {
        String[] arguments = new String[docker.length + 2];
        System.arraycopy(docker, 0, arguments, 0, docker.length);
        arguments[docker.length] = "cat";
        arguments[docker.length + 1] = "/proc/self/status";
        return target.docker()
                .ok(arguments)
                .lines()
                .map(line -> line.split(":\\s*", 2))
                .filter(parts -> parts.length == 2)
                .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1].strip()));
    }
}
