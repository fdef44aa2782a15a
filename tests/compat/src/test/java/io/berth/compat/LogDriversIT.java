package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Log drivers and their options. */
@CompatTest
class LogDriversIT {
    private static final String LABEL = "berth.test=logdrivers";

    private final Target target;

    LogDriversIT(Target target) {
        this.target = target;
    }

    @AfterEach
    void removeContainers() {
        target.removeContainers(LABEL);
    }

    private String[] command(String verb, List<String> options, String... program) {
        List<String> arguments = new ArrayList<>(List.of(verb, "--label", LABEL));
        arguments.addAll(options);
        arguments.add(Target.IMAGE);
        arguments.addAll(Arrays.asList(program));
        return arguments.toArray(String[]::new);
    }

    private String finished(List<String> options, String... program) {
        List<String> detached = new ArrayList<>(options);
        detached.add("-d");
        String id = target.docker().ok(command("run", detached, program));
        target.docker().ok("wait", id);
        return id;
    }

    private static String lines(int first, int last) {
        return String.join(
                "\n",
                IntStream.rangeClosed(first, last).mapToObj(Integer::toString).toList());
    }

    @Test
    void readsAcrossRotatedAndCompressedFiles() {
        for (String driver : List.of("json-file", "local")) {
            List<String> options = List.of(
                    "--log-driver",
                    driver,
                    "--log-opt",
                    "max-size=20k",
                    "--log-opt",
                    "max-file=4",
                    "--log-opt",
                    "compress=true");
            String id = finished(options, "seq", "1", "5000");
            assertThat(target.docker().ok("logs", "--tail", "300", id)).isEqualTo(lines(4701, 5000));
            String all = target.docker().ok("logs", id);
            assertThat(all).endsWith("\n4999\n5000");
            long first = Long.parseLong(all.lines().findFirst().orElseThrow());
            assertThat(all).isEqualTo(lines((int) first, 5000));
            assertThat(target.docker().ok("inspect", "-f", "{{.HostConfig.LogConfig.Type}}", id))
                    .isEqualTo(driver);
        }
    }

    @Test
    void followsOverRotationsToTheEnd() {
        String id = target.docker()
                .ok(command(
                        "run",
                        List.of(
                                "-d",
                                "--log-opt",
                                "max-size=10k",
                                "--log-opt",
                                "max-file=3",
                                "--log-opt",
                                "compress=true"),
                        "sh",
                        "-c",
                        "for i in $(seq 1 1000); do echo $i; [ $((i % 50)) = 0 ] && sleep 0.05; done; exit 0"));
        assertThat(target.docker().ok("logs", "-f", id)).isEqualTo(lines(1, 1000));
    }

    @Test
    void givesDetailsAndTags() {
        String id = finished(
                List.of(
                        "--name",
                        "tagged",
                        "-e",
                        "COLOUR=red",
                        "--log-opt",
                        "labels=berth.test",
                        "--log-opt",
                        "env-regex=^COL",
                        "--log-opt",
                        "tag={{.Name}}"),
                "echo",
                "hi");
        assertThat(target.docker().ok("logs", "--details", id))
                .isEqualTo("COLOUR=red,berth.test=logdrivers,tag=tagged hi");
    }

    @Test
    void aLineOfAnyLengthIsOneLine() {
        String id = finished(List.of(), "sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x; echo; echo next");
        assertThat(target.docker().ok("logs", id)).isEqualTo("x".repeat(300_000) + "\nnext");
    }

    @Test
    void refusesWhatThereIsNot() {
        assertThat(target.docker()
                        .run(command("run", List.of("--log-driver", "smoke"), "true"))
                        .exited(125)
                        .err())
                .contains("error looking up logging plugin smoke: plugin \"smoke\" not found");
        assertThat(target.docker()
                        .run(command("run", List.of("--log-opt", "colour=red"), "true"))
                        .exited(125)
                        .err())
                .contains("unknown log opt 'colour' for json-file log driver");
        assertThat(target.docker()
                        .run(command("run", List.of("--log-opt", "mode=lazy"), "true"))
                        .exited(125)
                        .err())
                .contains("logger: logging mode not supported: lazy");
        assertThat(target.docker()
                        .run(command("run", List.of("--log-opt", "max-size=0"), "true"))
                        .exited(125)
                        .err())
                .contains("failed to initialize logging driver: max-size must be a positive number");
        String silent = finished(List.of("--log-driver", "none"), "echo", "hi");
        assertThat(target.docker().run("logs", silent).exited(1).err())
                .contains("configured logging driver does not support reading");
    }

    @Test
    void journaldWhereItIsNot() {
        if (Files.exists(Path.of("/run/systemd/journal/socket"))) {
            return;
        }
        assertThat(target.docker()
                        .run(command("run", List.of("--log-driver", "journald"), "true"))
                        .exited(125)
                        .err())
                .contains("failed to initialize logging driver: journald is not enabled on this host");
    }

    @Test
    void sendsToSyslogAndCanBeReadHereAsWell() throws IOException {
        Path socket = target.scratch().resolve("syslog.sock");
        Files.deleteIfExists(socket);
        try (ServerSocketChannel server = ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            String id = finished(
                    List.of(
                            "--name",
                            "talker",
                            "--log-driver",
                            "syslog",
                            "--log-opt",
                            "syslog-address=unix://" + socket,
                            "--log-opt",
                            "syslog-facility=local0",
                            "--log-opt",
                            "syslog-format=rfc5424",
                            "--log-opt",
                            "tag={{.Name}}"),
                    "sh",
                    "-c",
                    "echo hello; sleep 0.2; echo trouble >&2");
            try (SocketChannel client = server.accept();
                    BufferedReader lines = new BufferedReader(
                            new InputStreamReader(Channels.newInputStream(client), StandardCharsets.UTF_8))) {
                assertThat(lines.readLine()).startsWith("<134>1 ").endsWith(" talker - hello");
                assertThat(lines.readLine()).startsWith("<131>1 ").endsWith(" talker - trouble");
            }
            Outcome logs = target.docker().run("logs", id);
            assertThat(logs.ok()).isEqualTo("hello");
            assertThat(logs.err().strip()).isEqualTo("trouble");
        } finally {
            Files.deleteIfExists(socket);
        }
    }
}
