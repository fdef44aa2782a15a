package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Debian packages, whose maintainer scripts make users, set capabilities, links and modes, are installed by {@code RUN apt-get install} from a
 * repository in the daemon's own network namespace. Every file is what buildah makes of the same Dockerfile; Docker 26 (with
 * {@code compat.docker.host}) makes the same.
 *
 * <p>Base and packages are made by {@code tests/compat/debian-fixture}, which {@code berth test} runs before.
 */
@CompatTest
class DebianIT {
    private static final Path FIXTURE = Path.of(System.getProperty("debian.fixture", "/var/cache/berth-tests/debian"));
    private static final String BASE = "berth-test/debian-base";
    private static final int PORT = 8099;
    private static final String NAME = "berth-test/debian";
    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final String DOCKERFILE = """
            FROM berth-test/debian-base
            ARG PORT
            RUN echo "deb [trusted=yes] http://repository.test:${PORT}/ ./" > /etc/apt/sources.list \\
                && rm -rf /etc/apt/sources.list.d/* /etc/apt/apt.conf.d/docker-clean
            RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt/lists \\
                apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends \\
                adduser systemd-standalone-sysusers cron openssh-client python3-minimal iputils-ping libcap2-bin
            RUN --mount=type=bind,source=check.sh,target=/tmp/check.sh sh /tmp/check.sh
            RUN setcap cap_net_raw+ep /usr/bin/ping
            RUN adduser --system --group --home /srv/app app && adduser --disabled-password --gecos "" someone
            USER someone
            WORKDIR /home/someone
            RUN python3 -c 'import json; print(json.dumps({"uid": __import__("os").getuid()}))' > result.json
            """;
    private static final String CHECK = """
            set -e
            ssh -V
            python3 --version > /etc/python-version
            dpkg --audit > /etc/audit
            find /var/cache/apt/archives -name '*.deb' | head -n 1 | grep . && exit 1
            exit 0
            """;
    /** Times and random numbers of the installation. */
    private static final Set<String> DIFFERENT_EACH_TIME = Set.of(
            "etc/machine-id",
            "var/cache/ldconfig/aux-cache",
            "var/log/alternatives.log",
            "var/log/apt/history.log",
            "var/log/apt/term.log",
            "var/log/dpkg.log");

    @TempDir
    Path context;

    private final Target target;

    DebianIT(Target target) {
        this.target = target;
    }

    @BeforeEach
    void importBase() {
        boolean there = Files.exists(FIXTURE.resolve("complete"));
        Assumptions.assumeTrue(there, "run tests/compat/debian-fixture " + FIXTURE);
        target.docker().ok("import", FIXTURE.resolve("base.tar").toString(), BASE);
    }

    @AfterEach
    void removeImages() {
        target.docker().run("rmi", "-f", NAME, BASE);
        target.docker().run("builder", "prune", "-af");
    }

    @Test
    void packagesAreInstalledAsElsewhere() throws IOException {
        Files.writeString(context.resolve("Dockerfile"), DOCKERFILE);
        Files.writeString(context.resolve("check.sh"), CHECK);
        String port = "PORT=" + PORT;
        try (Running _ = target.serve(FIXTURE.resolve("repository"), PORT);
                Buildah buildah = Buildah.open(target, BASE);
                Running other =
                        buildah.build(context, NAME, "--build-arg", port, "--add-host", "repository.test:127.0.0.1")) {
            Outcome built = target.docker()
                    .run(
                            List.of(
                                    "build",
                                    "--no-cache",
                                    "--progress=plain",
                                    "-t",
                                    NAME,
                                    "--build-arg",
                                    port,
                                    "--add-host",
                                    "repository.test:host-gateway",
                                    context.toString()),
                            "",
                            TIMEOUT);
            built.exited(0);
            other.await(TIMEOUT).exited(0);

            Map<String, String> files = saved();
            Map<String, String> differences = new TreeMap<>();
            Map<String, String> reference = buildah.saved(NAME).files();
            files.forEach((path, file) -> {
                String expected = reference.get(path);
                if (!file.equals(expected)) {
                    differences.put(path, "expected " + expected + " but was " + file);
                }
            });
            reference.forEach((path, file) -> {
                if (!files.containsKey(path)) {
                    differences.put(path, "missing: " + file);
                }
            });
            differences.keySet().removeAll(DIFFERENT_EACH_TIME);
            // buildah leaves the places of its mounts behind.
            differences.keySet().removeAll(Set.of("etc/hosts", "tmp/check.sh"));
            assertThat(differences).isEmpty();
            assertThat(files.get("usr/bin/ping")).contains("security.capability");
            assertThat(files.get("usr/bin/crontab")).contains("2755 0:");
            assertThat(files).doesNotContainKey("tmp/check.sh");
        }
        assertThat(target.docker().ok("run", "--rm", NAME, "cat", "result.json"))
                .isEqualTo("{\"uid\": 1000}");
        assertThat(target.docker()
                        .ok(
                                "run",
                                "--rm",
                                "-u",
                                "0",
                                NAME,
                                "sh",
                                "-c",
                                "dpkg --verify | grep -vE '/usr/share/(doc|man|locale)(/|$)'; cat /etc/audit"))
                .isEmpty();
        assertThat(target.docker().ok("run", "--rm", NAME, "ping", "-c1", "-W2", "127.0.0.1"))
                .contains("1 received");
        commandsUseTheClientsSshAgent();
    }

    /** The image has what asks an agent for its keys. */
    private void commandsUseTheClientsSshAgent() throws IOException {
        Path key = context.resolve("key");
        Running.run(
                        List.of("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString()),
                        Map.of(),
                        new byte[0],
                        TIMEOUT)
                .ok();
        String socket = context.resolve("agent").toString();
        try (Running _ = Running.start(List.of("ssh-agent", "-D", "-a", socket), Map.of())) {
            Eventually.holds(TIMEOUT, () -> Files.exists(Path.of(socket)), () -> "no agent");
            Running.run(List.of("ssh-add", "-q", key.toString()), Map.of("SSH_AUTH_SOCK", socket), new byte[0], TIMEOUT)
                    .ok();
            Path derived = Files.createDirectory(context.resolve("derived"));
            Files.writeString(derived.resolve("Dockerfile"), """
                    FROM %s
                    USER root
                    RUN --mount=type=ssh ssh-add -L > /keys
                    RUN --mount=type=ssh stat -c '%%a %%u %%g' $SSH_AUTH_SOCK > /socket
                    RUN --mount=type=ssh,target=/agent,mode=0640,uid=7,gid=8 stat -c '%%a %%u %%g' /agent >> /socket
                    """.formatted(NAME));
            target.docker().ok("build", "-q", "--ssh", "default=" + socket, "-t", NAME + "-ssh", derived.toString());
        }
        try {
            String publicKey = Files.readString(context.resolve("key.pub")).strip();
            assertThat(target.docker().ok("run", "--rm", NAME + "-ssh", "cat", "/keys", "/socket"))
                    .isEqualTo(publicKey + "\n600 0 0\n640 7 8");
        } finally {
            target.docker().ok("rmi", NAME + "-ssh");
        }
    }

    private Map<String, String> saved() throws IOException {
        Path archive = target.scratch().resolve("debian.tar");
        target.docker().ok("save", "-o", archive.toString(), NAME);
        try {
            return SavedImage.read(archive).files();
        } finally {
            Files.delete(archive);
        }
    }
}
