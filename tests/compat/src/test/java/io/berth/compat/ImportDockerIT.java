package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** {@code berth import-docker} moves what a Docker engine has; where dockerd is installed, from a real one in a network namespace of its own. */
@BerthOnly
@CompatTest
class ImportDockerIT {
    private final Target target;

    ImportDockerIT(Target target) {
        this.target = target;
    }

    @Test
    void whatIsNoOtherEngineIsRefused() {
        Outcome itself = target.berth().launcher("import-docker", "--from", "unix://" + target.socket());
        assertThat(itself.exitCode()).isEqualTo(1);
        assertThat(itself.err()).contains("is this platform");
        Outcome nothing = target.berth().launcher("import-docker", "--from=unix:///nothing.sock", "--dry-run");
        assertThat(nothing.exitCode()).isEqualTo(1);
        assertThat(nothing.err()).contains("no Docker engine answers at unix:///nothing.sock");
        assertThat(target.berth().launcher("import-docker", "--form").err()).contains("unknown option --form");
    }

    @Test
    void imagesVolumesNetworksAndContainersMove() {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/sbin/dockerd")), "needs docker.io");
        Path directory = target.scratch().resolve("dockerd");
        String script = Path.of(
                        Objects.requireNonNull(System.getProperty("berth.root")), "tests/compat/reference-dockerd")
                .toString();
        try (Running dockerd = Running.start(List.of(script, directory.toString()), Map.of())) {
            String host = "unix://" + directory.resolve("docker.sock");
            DockerCli docker = new DockerCli(List.of(), host, directory.resolve("config"));
            try {
                Eventually.holds(
                        Duration.ofSeconds(60),
                        () -> docker.run("version").exitCode() == 0,
                        () -> "dockerd does not come up: " + dockerd.errUntilNow());
                move(docker, host);
            } finally {
                dockerd.terminate(); // it stops its own containerd
                dockerd.await(Duration.ofSeconds(30));
            }
        }
    }

    private void move(DockerCli docker, String host) {
        docker.ok("import", target.rootFileSystem().toString(), "import-test:1");
        docker.ok("network", "create", "--subnet", "10.77.0.0/24", "import-test");
        docker.ok("volume", "create", "--label", "a=b", "import-test");
        docker.ok(
                "run",
                "--rm",
                "--network",
                "none",
                "-v",
                "import-test:/v",
                "import-test:1",
                "sh",
                "-c",
                "echo kept >/v/f; chown 7:8 /v/f; chmod 640 /v/f");
        docker.ok(
                "create",
                "--name",
                "import-test",
                "--network",
                "import-test",
                "--ip",
                "10.77.0.9",
                "-e",
                "SET=yes",
                "-m",
                "32m",
                "-v",
                "import-test:/v",
                "-v",
                "/anonymous",
                "import-test:1",
                "sh",
                "-c",
                "stat -c '%u %g %a' /v/f; cat /v/f; echo $SET; ip -o -4 addr | grep -o 10.77.0.9; test -d /anonymous && echo there");
        try {
            String dry = target.berth()
                    .launcher("import-docker", "--from", host, "--dry-run")
                    .ok();
            assertThat(dry)
                    .contains(
                            "would move image import-test:1",
                            "would move volume import-test",
                            "would move container import-test")
                    .contains("nothing has been changed");
            assertThat(target.docker().ok("images", "-q", "import-test")).isEmpty();
            target.berth().launcher("import-docker", "--from", host).ok();
            assertThat(target.docker().ok("inspect", "--format", "{{.Id}}", "import-test:1"))
                    .isEqualTo(docker.ok("inspect", "--format", "{{.Id}}", "import-test:1"));
            assertThat(target.docker().ok("start", "-a", "import-test"))
                    .isEqualTo("7 8 640\nkept\nyes\n10.77.0.9\nthere");
            assertThat(target.docker().ok("volume", "inspect", "--format", "{{.Labels.a}}", "import-test"))
                    .isEqualTo("b");
            // A second time there is nothing to do.
            assertThat(target.berth().launcher("import-docker", "--from", host).ok())
                    .doesNotContain("moved")
                    .contains("is here already: container import-test");
        } finally {
            docker.run("rm", "-fv", "import-test");
            target.docker().run("rm", "-fv", "import-test");
            target.docker().run("network", "rm", "import-test");
            target.docker().run("volume", "rm", "import-test");
            target.docker().run("volume", "prune", "-f"); // the one that had no name there
            target.docker().run("rmi", "import-test:1");
        }
    }
}
