package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Secrets and configs of one node, with the stock client; no other daemon has them without a cluster. */
@CompatTest
@BerthOnly
class SecretsIT {
    private static final String VALUE = "correct horse battery staple";

    private final Target target;

    SecretsIT(Target target) {
        this.target = target;
    }

    @Test
    void aContainerReadsItsSecretAndNobodyElseSeesIt() throws IOException {
        assertThat(target.docker()
                        .runWithInput(VALUE, "secret", "create", "--label", "a=b", "pw", "-")
                        .ok())
                .matches("[0-9a-z]{25}");
        assertThat(target.docker().ok("secret", "ls", "--format", "{{.Name}}")).isEqualTo("pw");
        assertThat(target.docker().ok("secret", "inspect", "pw"))
                .contains("\"Name\": \"pw\"")
                .doesNotContain(VALUE);

        String id = target.docker()
                .ok(
                        "run",
                        "-d",
                        "--annotation",
                        "io.berth.secret.pw=,mode=0400,uid=7",
                        Target.IMAGE,
                        "sh",
                        "-c",
                        "stat -c '%u %a' /run/secrets/pw; sleep 1000");
        assertThat(target.docker().ok("exec", id, "cat", "/run/secrets/pw")).isEqualTo(VALUE);
        assertThat(target.docker().ok("exec", id, "grep", "/run/secrets/pw", "/proc/mounts"))
                .contains("tmpfs")
                .contains("ro");
        assertThat(target.docker()
                        .run("exec", id, "sh", "-c", "echo x > /run/secrets/pw")
                        .exitCode())
                .isNotZero();
        Eventually.holds(
                java.time.Duration.ofSeconds(5),
                () -> target.docker().ok("logs", id).equals("7 400"),
                () -> target.docker().run("logs", id).toString());
        assertThat(target.docker().ok("inspect", id)).doesNotContain(VALUE);
        assertThat(target.docker().run("secret", "rm", "pw").exited(1).err())
                .contains("secret 'pw' is in use by the following container");

        Path upper = target.berth().dataDirectory().resolve("engine/containers/" + id + "/upper/run/secrets/pw");
        assertThat(upper).as("the place in the writable layer").isEmptyFile();

        // The value survives restarts of the container, and the container those of nobody's memory.
        target.docker().ok("restart", "-t", "0", id);
        assertThat(target.docker().ok("exec", id, "cat", "/run/secrets/pw")).isEqualTo(VALUE);
        target.docker().ok("rm", "-f", id);
        assertThat(target.docker().ok("secret", "rm", "pw")).isEqualTo("pw");
    }

    @Test
    void aConfigIsAFileToo() throws IOException {
        Path file = Files.writeString(target.scratch().resolve("nginx.conf"), "server {}");
        target.docker().ok("config", "create", "nginx", file.toString());
        assertThat(target.docker().ok("config", "inspect", "--pretty", "nginx")).contains("server {}");
        assertThat(target.docker()
                        .ok(
                                "run",
                                "--rm",
                                "--annotation",
                                "io.berth.config.nginx=/etc/nginx.conf",
                                Target.IMAGE,
                                "cat",
                                "/etc/nginx.conf"))
                .isEqualTo("server {}");
        target.docker().ok("config", "rm", "nginx");
        assertThat(target.docker()
                        .run("run", "--rm", "--annotation", "io.berth.config.nginx=", Target.IMAGE, "true")
                        .exited(125)
                        .err())
                .contains("config nginx not found");
    }
}
