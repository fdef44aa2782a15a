package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers with user ids of their own, asked for with the stock client's label and annotation. */
@CompatTest
@BerthOnly
class UserNamespaceIT {
    private static final String AUTO = "berth.userns=auto";

    @TempDir
    static Path directory;

    private final Target target;

    UserNamespaceIT(Target target) {
        this.target = target;
    }

    @Test
    void rootInsideIsNobodyOutside() throws Exception {
        String id = target.docker().ok("run", "-d", "--label", AUTO, Target.IMAGE, "sleep", "1000");
        try {
            String pid = target.docker().ok("inspect", "-f", "{{.State.Pid}}", id);
            String owner =
                    Files.getAttribute(Path.of("/proc/" + pid), "unix:uid").toString();
            assertThat(Long.parseLong(owner)).isGreaterThan(1_000_000_000L);
            assertThat(target.docker().ok("exec", id, "id", "-u")).isEqualTo("0");
            assertThat(target.docker()
                            .ok("exec", id, "cat", "/proc/self/uid_map")
                            .strip())
                    .matches("0 +" + owner + " +65536");
        } finally {
            target.docker().ok("rm", "-f", id);
        }
    }

    @Test
    void twoContainersHaveNoIdInCommonAndFilesKeepTheirOwners() throws Exception {
        Path shared = Files.createDirectories(directory.resolve("shared"));
        String[] maps = new String[2];
        for (int i = 0; i < 2; i++) {
            maps[i] = target.docker()
                    .ok(
                            "run",
                            "--rm",
                            "--annotation",
                            AUTO,
                            "-v",
                            shared + ":/shared",
                            Target.IMAGE,
                            "sh",
                            "-c",
                            "touch /shared/" + i + " && chown 1000 /shared/" + i + " && cat /proc/self/uid_map");
            assertThat(Files.getAttribute(shared.resolve("" + i), "unix:uid")).isEqualTo(1000);
        }
        assertThat(maps[0]).isNotEqualTo(maps[1]);
    }

    @Test
    void terminalsStdinAndRestartsWork() {
        assertThat(target.docker()
                        .runOnTerminal("", "run", "--rm", "-t", "--label", AUTO, Target.IMAGE, "tty")
                        .ok())
                .contains("/dev/pts/0");
        assertThat(target.docker()
                        .runWithInput("in", "run", "--rm", "-i", "--label", AUTO, Target.IMAGE, "cat")
                        .ok())
                .isEqualTo("in");
        String id = target.docker().ok("create", "--label", AUTO, Target.IMAGE, "sh", "-c", "echo x >> /f; cat /f");
        try {
            target.docker().ok("start", "-a", id);
            assertThat(target.docker().ok("start", "-a", id)).isEqualTo("x\nx");
        } finally {
            target.docker().ok("rm", "-f", id);
        }
    }

    @Test
    void filesAreCopiedWithTheContainersOwners() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "copied");
        Files.setAttribute(file, "unix:uid", 1000);
        String id = target.docker().ok("run", "-d", "--label", AUTO, Target.IMAGE, "sleep", "1000");
        try {
            target.docker().ok("cp", "-a", file.toString(), id + ":/in");
            assertThat(target.docker().ok("exec", id, "sh", "-c", "cat /in && stat -c ' %u' /in"))
                    .isEqualTo("copied 1000");
            target.docker().ok("exec", id, "sh", "-c", "mkdir /out && touch /out/x && chown 7:8 /out/x");
            assertThat(target.docker()
                            .shell("docker cp " + id + ":/out - | tar tv --numeric-owner")
                            .ok()
                            .lines())
                    .satisfiesExactly(
                            directory -> assertThat(directory).contains(" 0/0 "),
                            copied -> assertThat(copied).contains(" 7/8 "));
        } finally {
            target.docker().ok("rm", "-f", id);
        }
    }

    @Test
    void privilegedDoesNotGoWithIt() {
        assertThat(target.docker()
                        .run("run", "--rm", "--privileged", "--label", AUTO, Target.IMAGE, "true")
                        .err())
                .contains("privileged mode is incompatible with user namespaces");
        assertThat(target.docker()
                        .ok(
                                "run",
                                "--rm",
                                "--userns",
                                "host",
                                "--label",
                                AUTO,
                                Target.IMAGE,
                                "cat",
                                "/proc/self/uid_map")
                        .strip())
                .matches("0 +0 +4294967295");
    }
}
