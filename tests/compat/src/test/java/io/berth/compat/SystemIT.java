package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ping, version, info, and who may talk to what. */
@CompatTest
class SystemIT {
    private final Target target;

    SystemIT(Target target) {
        this.target = target;
    }

    @Test
    void pingTellsTheApiVersionBeforeAnyClientAsksMore() {
        RawHttp.Response get = target.http().get("/_ping");

        assertThat(get.status()).isEqualTo(200);
        assertThat(get.body()).isEqualTo("OK");
        assertThat(get.header("Api-Version")).matches("1\\.\\d+");
        assertThat(get.header("OSType")).isEqualTo("linux");
        assertThat(get.header("Content-Type")).startsWith("text/plain");

        RawHttp.Response head = target.http().send("HEAD", "/_ping", Map.of(), new byte[0]);
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.header("Api-Version")).isEqualTo(get.header("Api-Version"));
    }

    @Test
    void clientAndServerAgreeOnAVersion() {
        assertThat(target.docker().ok("version", "--format", "{{.Server.Os}}")).isEqualTo("linux");
        assertThat(target.docker().ok("version", "--format", "{{.Server.APIVersion}}"))
                .matches("1\\.\\d+");
        assertThat(target.docker().ok("version")).contains("Server:");
    }

    @Test
    @BerthOnly
    void versionTellsOfAllServices() {
        String printed = target.docker().ok("version");
        for (String service : new String[] {"Engine", "image-service", "registry", "gateway"}) {
            assertThat(printed).containsPattern("(?m)^ " + service + ":\\R +Version: +\\d+\\.\\d+\\.\\d+$");
        }
        assertThat(printed).containsPattern(" Distribution: +1\\.1").containsPattern(" JavaVersion: +25");
    }

    @BerthOnly
    @ParameterizedTest
    @ValueSource(strings = {"", "/v1.24", "/v1.41", "/v1.55"})
    void everyVersionSince124IsServed(String prefix) {
        RawHttp.Response version = target.http().get(prefix + "/version");

        assertThat(version.status()).isEqualTo(200);
        assertThat(version.json().path("Os").asString()).isEqualTo("linux");
        assertThat(target.http().get(prefix + "/containers/json").status()).isEqualTo(200);
    }

    @Test
    void aVersionFromTheFutureIsRefusedWithAReason() {
        RawHttp.Response response = target.http().get("/v1.99/version");

        assertThat(response.status()).isEqualTo(400);
        assertThat(response.message()).contains("too new");
    }

    @Test
    void infoCountsContainersAndImages() {
        String id = target.docker().ok("create", Target.IMAGE, "true");
        try {
            assertThat(target.docker().ok("info", "--format", "{{.OSType}}")).isEqualTo("linux");
            assertThat(Integer.parseInt(target.docker().ok("info", "--format", "{{.Containers}}")))
                    .isPositive();
            assertThat(Integer.parseInt(target.docker().ok("info", "--format", "{{.Images}}")))
                    .isPositive();
            assertThat(target.docker().ok("info", "--format", "{{.NCPU}}")).matches("[1-9]\\d*");
        } finally {
            target.docker().ok("rm", id);
        }
    }

    @Test
    void anUnknownPathIsNotFoundInDockersErrorShape() {
        RawHttp.Response response = target.http().get("/no/such/endpoint");

        assertThat(response.status()).isEqualTo(404);
        assertThat(response.message()).isNotBlank();
    }

    @Test
    @BerthOnly
    void theSameWorksOverTcp() {
        DockerCli tcp = target.berth().dockerOverTcp();

        assertThat(tcp.ok("version", "--format", "{{.Server.Os}}")).isEqualTo("linux");
        assertThat(tcp.ok("run", "--rm", Target.IMAGE, "echo", "over tcp")).isEqualTo("over tcp");
        assertThat(tcp.runWithInput("typed\n", "run", "--rm", "-i", Target.IMAGE, "cat")
                        .ok())
                .isEqualTo("typed");
    }

    @Test
    @BerthOnly
    void onlyTheGatewaysSocketIsReachableByOthers() throws IOException {
        Path run = target.berth().runDirectory();

        assertThat(mode(run)).isEqualTo("rwx--x--x");
        assertThat(mode(run.resolve("docker.sock"))).isEqualTo("rw-rw----");
        assertThat(mode(run.resolve("platform.key"))).isEqualTo("rw-------");
        assertThat(mode(target.berth().dataDirectory())).doesNotEndWith("x").startsWith("rwx");
        for (String service : new String[] {"engine", "image", "registry"}) {
            assertThat(mode(run.resolve(service + ".sock"))).isEqualTo("rw-------");
        }
    }

    @BerthOnly
    @ParameterizedTest
    @ValueSource(strings = {"engine", "image", "registry"})
    void aServiceRefusesCallsWithoutThePlatformsCredential(String service) {
        RawHttp direct = new RawHttp(target.berth().runDirectory().resolve(service + ".sock"));

        assertThat(direct.get("/_ping").status()).isEqualTo(403);
        assertThat(direct.send("GET", "/_ping", Map.of("Berth-Platform-Key", "0".repeat(48)), new byte[0])
                        .status())
                .isEqualTo(403);
    }

    @Test
    @BerthOnly
    void theLauncherKnowsThatAllIsWell() {
        Outcome status = target.berth().launcher("status");

        assertThat(status.ok()).contains("engine", "image", "registry", "gateway", "healthy");
        // Starting what runs already changes nothing.
        long engine = target.berth().pidOf("engine");
        target.berth().up();
        assertThat(target.berth().pidOf("engine")).isEqualTo(engine);
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
