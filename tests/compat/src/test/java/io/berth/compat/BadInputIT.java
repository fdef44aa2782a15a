package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests and archives that are wrong: each is refused with the right status, in Docker's error shape. */
@CompatTest
class BadInputIT {
    private final Target target;

    BadInputIT(Target target) {
        this.target = target;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST | /containers/create | {\"Image\":\"berth-test/none:1\"} | 404",
                "POST | /containers/create | {\"Image\": | 400",
                "POST | /containers/create | [] | 400",
                "POST | /containers/create?name=../x | {\"Image\":\"berth-test/busybox:latest\"} | 400",
                "POST | /containers/create?name=a/b | {\"Image\":\"berth-test/busybox:latest\"} | 400",
                "POST | /containers/create | {\"Image\":\"UPPER/Case:1\"} | 400",
                "POST | /containers/create | {\"Image\":\"berth-test/busybox:latest\",\"HostConfig\":{\"Memory\":\"x\"}} | 400",
                "POST | /containers/create | {\"Image\":\"berth-test/busybox:latest\",\"HostConfig\":{\"Memory\":1024}} | 400",
                "POST | /containers/nope/start | | 404",
                "POST | /containers/nope/stop | | 404",
                "POST | /containers/nope/kill | | 404",
                "POST | /containers/nope/wait | | 404",
                "POST | /containers/nope/exec | {\"Cmd\":[\"true\"]} | 404",
                "POST | /exec/nope/start | {} | 404",
                "GET | /exec/nope/json | | 404",
                "GET | /containers/nope/json | | 404",
                "GET | /containers/nope/logs?stdout=1 | | 404",
                "GET | /containers/json?filters=%7Bbroken | | 400",
                "GET | /containers/json?filters=%7B%22nonsense%22%3A%5B%22x%22%5D%7D | | 400",
                "DELETE | /containers/nope | | 404",
                "GET | /images/berth-test/none:1/json | | 404",
                "DELETE | /images/berth-test/none:1 | | 404",
                "POST | /images/berth-test/none:1/tag?repo=a&tag=b | | 404",
                "POST | /images/berth-test/busybox:latest/tag?repo=UPPER&tag=b | | 400"
            })
    void requestsThatAreWrong(String method, String path, String body, int status) {
        RawHttp.Response response = target.http()
                .send(
                        method,
                        path,
                        Map.of("Content-Type", "application/json"),
                        body == null ? new byte[0] : body.getBytes(java.nio.charset.StandardCharsets.UTF_8));

        assertThat(response.status()).as(response.toString()).isEqualTo(status);
        assertThat(response.message()).isNotBlank();
    }

    @Test
    void aNameInUseIsAConflict() {
        String body = "{\"Image\":\"" + Target.IMAGE + "\",\"Cmd\":[\"true\"]}";
        RawHttp.Response first = target.http().post("/containers/create?name=bad-input", body);
        assertThat(first.status()).isEqualTo(201);
        try {
            RawHttp.Response second = target.http().post("/containers/create?name=bad-input", body);
            assertThat(second.status()).isEqualTo(409);
            assertThat(second.message())
                    .contains("\"/bad-input\"", first.json().get("Id").asString());
        } finally {
            target.docker().ok("rm", "bad-input");
        }
    }

    @Test
    void aContainerThatDoesNotRunIsAConflictOrUnchanged() {
        String id = target.docker().ok("create", Target.IMAGE, "true");
        try {
            assertThat(target.http().post("/containers/" + id + "/kill", "").status())
                    .isEqualTo(409);
            assertThat(target.http().post("/containers/" + id + "/stop", "").status())
                    .isEqualTo(304);
            assertThat(target.http()
                            .post("/containers/" + id + "/exec", "{\"Cmd\":[\"true\"]}")
                            .status())
                    .isEqualTo(409);
        } finally {
            target.docker().ok("rm", id);
        }
    }

    @Test
    void anEmptyCommandIsRefused() throws IOException {
        Path root = Files.createTempDirectory(target.scratch(), "root");
        Files.writeString(root.resolve("file"), "x");
        Path tar = target.scratch().resolve("no-command.tar");
        shell("tar -C " + root + " -cf " + tar + " file");
        target.docker().ok("import", tar.toString(), "berth-test/no-command:1");
        try {
            RawHttp.Response response =
                    target.http().post("/containers/create", "{\"Image\":\"berth-test/no-command:1\"}");
            assertThat(response.status()).isEqualTo(400);
            assertThat(response.message()).contains("no command specified");
        } finally {
            target.docker().ok("rmi", "berth-test/no-command:1");
        }
    }

    @ParameterizedTest
    @CsvSource({"../../../../../../escaped", "d/../../../../../../escaped", "/../../../escaped"})
    void aLayerThatLeavesItsRootIsRefusedOrContained(String name) throws IOException {
        Path canary = Files.createTempDirectory(target.scratch(), "canary");
        Path tar = target.scratch().resolve("traversal.tar");
        Files.writeString(canary.resolve("payload"), "escaped");
        shell("cd " + canary + " && tar -P --transform='s|payload|" + name + "|' -cf " + tar + " payload");

        Outcome outcome = target.docker().run("import", tar.toString(), "berth-test/traversal:1");

        assertThat(Path.of("/escaped")).doesNotExist();
        assertThat(find("escaped")).as(outcome.toString()).isEmpty();
        target.docker().run("rmi", "berth-test/traversal:1");
    }

    @Test
    void aLayerThatWritesThroughItsOwnLinkIsRefusedOrContained() throws IOException {
        Path canary = Files.createTempDirectory(target.scratch(), "canary");
        Path work = Files.createTempDirectory(target.scratch(), "work");
        Path tar = target.scratch().resolve("through-link.tar");
        shell("cd " + work + " && ln -s " + canary + " door && tar -cf " + tar + " door && rm door"
                + " && mkdir door && echo x > door/planted && tar -rf " + tar + " door/planted");

        target.docker().run("import", tar.toString(), "berth-test/through-link:1");

        assertThat(canary.resolve("planted")).doesNotExist();
        target.docker().run("rmi", "berth-test/through-link:1");
    }

    @Test
    void anArchiveThatIsNoneIsRefusedAndLeavesNothing() throws IOException {
        Path junk = target.scratch().resolve("junk.tar");
        Files.write(junk, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9});
        String before = target.docker().ok("images", "-aq", "--no-trunc");

        Outcome load = target.docker().run("load", "-i", junk.toString());
        Outcome imported = target.docker().run("import", junk.toString(), "berth-test/junk:1");

        assertThat(load.exitCode()).isNotZero();
        assertThat(imported.exitCode()).isNotZero();
        assertThat(target.docker().ok("images", "-aq", "--no-trunc")).isEqualTo(before);
    }

    @Test
    void aLoadedArchiveNamesFilesInsideItselfOnly() throws IOException {
        Path work = Files.createTempDirectory(target.scratch(), "archive");
        Files.writeString(
                work.resolve("manifest.json"),
                "[{\"Config\":\"../../../../etc/hostname\",\"RepoTags\":[\"berth-test/evil:1\"],"
                        + "\"Layers\":[\"../../../../etc/passwd\"]}]");
        Path tar = target.scratch().resolve("evil.tar");
        shell("tar -C " + work + " -cf " + tar + " manifest.json");

        assertThat(target.docker().run("load", "-i", tar.toString()).exitCode()).isNotZero();
        target.docker().run("inspect", "berth-test/evil:1").exited(1);
    }

    private List<Path> find(String name) throws IOException {
        try (var found = Files.find(
                target.scratch(),
                3,
                (path, attributes) -> path.getFileName().toString().equals(name))) {
            return found.toList();
        }
    }

    private static void shell(String script) {
        Running.run(List.of("sh", "-ec", script), Map.of(), new byte[0], Duration.ofMinutes(1))
                .ok();
    }
}
