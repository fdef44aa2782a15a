package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The registry as it is without any setting: operators need no login, people from the network do, and may do what they were granted. */
@CompatTest
@BerthOnly
@OwnPlatform
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RegistryAccessIT {
    private static final int PORT = 2379;
    private static final String REGISTRY = "localhost:" + PORT;
    private static final String NAME = REGISTRY + "/compat/private:1";

    private final Target target;
    private BerthInstance berth;

    RegistryAccessIT(Target target) {
        this.target = target;
    }

    @BeforeAll
    void start() {
        berth = BerthInstance.start(PORT, Map.of());
        Target.importImage(berth.docker(), target.rootFileSystem());
        berth.docker().ok("tag", Target.IMAGE, NAME);
    }

    @AfterAll
    void stop() {
        if (berth != null) {
            berth.close();
        }
    }

    @BeforeEach
    void push() {
        berth.docker().ok("push", NAME);
    }

    @Test
    void operatorsNeedNoLogin() {
        berth.dockerOverTcp().ok("push", NAME);
        berth.docker().ok("rmi", NAME);
        berth.docker().ok("pull", NAME);
    }

    @Test
    void strangersSeeNothing() {
        Outcome inspected = skopeo("inspect", "--no-creds", "--tls-verify=false", "docker://" + NAME);
        assertThat(inspected.exitCode()).isNotZero();
        assertThat(inspected.err()).contains("unauthorized");
        Outcome listed = Running.run(
                command("curl", "-sS", "-w", "%{http_code}", "http://" + REGISTRY + "/v2/_catalog"),
                Map.of(),
                new byte[0],
                Duration.ofSeconds(30));
        assertThat(listed.out()).contains("UNAUTHORIZED").endsWith("401").doesNotContain("compat");
    }

    @Test
    void theFirstPasswordIsInAFileOfTheOwner() throws IOException {
        Path file = berth.dataDirectory().resolve("registry/admin-password");
        assertThat(Files.getPosixFilePermissions(file)).hasToString("[OWNER_READ, OWNER_WRITE]");
        String password = Files.readString(file).strip();
        skopeo("inspect", "--creds=admin:" + password, "--tls-verify=false", "docker://" + NAME)
                .ok();
        assertThat(skopeo("inspect", "--creds=admin:admin", "--tls-verify=false", "docker://" + NAME)
                        .exitCode())
                .isNotZero();
    }

    @Test
    void accountsMayDoWhatTheyWereGranted() throws IOException {
        post("/berth/registry/accounts", "{\"name\": \"reader\", \"password\": \"correct horse\"}");
        Path login = Files.createTempDirectory(berth.scratch(), "login").resolve("auth.json");
        assertThat(login("wrong", login).exitCode()).isNotZero();
        login("correct horse", login).ok();
        String copy = "docker://" + REGISTRY + "/compat/private:2";
        assertThat(copy(login, copy).exitCode()).isNotZero();

        post(
                "/berth/registry/policies",
                "{\"repositories\": \"compat/*\", \"grantee\": \"user:reader\", \"actions\": [\"pull\"]}");
        skopeo("inspect", "--authfile=" + login, "--tls-verify=false", "docker://" + NAME)
                .ok();
        assertThat(copy(login, copy).exitCode()).isNotZero();

        post(
                "/berth/registry/policies",
                "{\"repositories\": \"compat/*\", \"grantee\": \"user:reader\", \"actions\": [\"pull\", \"push\"]}");
        copy(login, copy).ok();
        assertThat(new RawHttp(berth.socket())
                        .get("/berth/registry/audit?target=compat/private&action=manifest.push")
                        .body())
                .contains("\"subject\":\"operator\"", "\"subject\":\"user:reader\"");
    }

    private Outcome login(String password, Path file) {
        return skopeo("login", "--authfile=" + file, "--tls-verify=false", "-u", "reader", "-p", password, REGISTRY);
    }

    private Outcome copy(Path login, String to) {
        return skopeo(
                "copy",
                "--authfile=" + login,
                "--src-tls-verify=false",
                "--dest-tls-verify=false",
                "docker://" + NAME,
                to);
    }

    private void post(String path, String body) {
        assertThat(new RawHttp(berth.socket())
                        .send(
                                "POST",
                                path,
                                Map.of("Content-Type", "application/json"),
                                body.getBytes(StandardCharsets.UTF_8))
                        .status())
                .isEqualTo(201);
    }

    private Outcome skopeo(String... arguments) {
        return Skopeo.runIn(berth.inNamespace(), arguments);
    }

    private List<String> command(String... program) {
        List<String> command = new ArrayList<>(berth.inNamespace());
        command.addAll(List.of(program));
        return command;
    }
}
