package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.fixture.EngineFixture;
import io.berth.engine.fixture.RawHttp;
import io.berth.engine.fixture.RawHttp.Answer;
import io.berth.engine.runtime.MountLaunch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Secrets and configs over HTTP, over a fake kernel. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SecretApiTest {
    private static final String VALUE = "correct horse battery staple";

    @TempDir
    static Path directory;

    static EngineFixture engine;
    static RawHttp http;

    @BeforeAll
    static void start() throws IOException {
        engine = new EngineFixture(directory);
        http = engine.http();
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    private static Answer make(String section, String name, String value) throws IOException {
        String data = Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8));
        return http.post(
                "/v1.45/" + section + "/create",
                "{\"Name\":\"" + name + "\",\"Labels\":{\"l\":\"1\"},\"Data\":\"" + data + "\"}");
    }

    @Test
    void aSecretIsKeptAndNeverShown() throws IOException {
        Answer made = make("secrets", "db-password", VALUE);
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        String id = made.json().path("ID").asString();
        assertThat(id).matches("[0-9a-z]{25}");
        JsonNode shown = http.get("/secrets/db-password").json();
        assertThat(shown.path("ID").asString()).isEqualTo(id);
        assertThat(shown.path("Version").path("Index").asLong()).isEqualTo(1);
        assertThat(shown.path("Spec").path("Name").asString()).isEqualTo("db-password");
        assertThat(shown.path("Spec").has("Data")).isFalse();
        assertThat(http.get("/secrets/" + id.substring(0, 8)).json()).isEqualTo(shown);

        Answer twice = make("secrets", "db-password", "other");
        assertThat(twice.status()).isEqualTo(409);
        assertThat(twice.json().path("message").asString()).isEqualTo("secret db-password already exists");
        assertThat(http.post("/secrets/" + id + "/update?version=1", "{\"Labels\":{\"l\":\"2\"}}")
                        .status())
                .isEqualTo(200);
        assertThat(http.post("/secrets/" + id + "/update?version=1", "{\"Labels\":{}}")
                        .status())
                .isEqualTo(400);
        assertThat(http.get("/secrets?filters=%7B%22label%22%3A%5B%22l%3D2%22%5D%7D")
                        .json()
                        .size())
                .isEqualTo(1);

        assertThat(filesWith(VALUE)).isEmpty();
        Path value = engine.dataDirectory().resolve("secrets").resolve(id);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(value)))
                .isEqualTo("rw-------");
        assertThat(http.send("DELETE", "/secrets/db-password", null).status()).isEqualTo(204);
        assertThat(value).doesNotExist();
        Answer gone = http.get("/secrets/db-password");
        assertThat(gone.status()).isEqualTo(404);
        assertThat(gone.json().path("message").asString()).isEqualTo("secret db-password not found");
    }

    /** Files below the data directory, the database among them, that have a text in clear. */
    private static List<Path> filesWith(String text) throws IOException {
        try (Stream<Path> files = Files.walk(engine.dataDirectory())) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> {
                        try {
                            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(text);
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    })
                    .toList();
        }
    }

    @Test
    void aConfigIsShown() throws IOException {
        assertThat(make("configs", "nginx", "server {}").status()).isEqualTo(201);
        assertThat(make("secrets", "nginx", "a secret of the same name").status())
                .isEqualTo(201);
        String data =
                http.get("/configs/nginx").json().path("Spec").path("Data").asString();
        assertThat(Base64.getDecoder().decode(data))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("server {}");
        assertThat(http.get("/configs").json().size()).isEqualTo(1);
    }

    @Test
    void aContainerHasThemAsFiles() throws IOException {
        assertThat(make("secrets", "tls-key", VALUE).status()).isEqualTo(201);
        Answer unknown = container("io.berth.secret.nobody", "");
        assertThat(unknown.status()).isEqualTo(400);
        assertThat(unknown.json().path("message").asString()).isEqualTo("secret nobody not found");

        Answer made = container("io.berth.secret.tls-key", "/etc/tls.key,mode=0400,uid=7");
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        String id = made.json().path("Id").asString();
        engine.kernel().onStart(launch -> {
            MountLaunch.Bind bind = (MountLaunch.Bind) launch.mounts().getFirst();
            assertThat(bind.target()).isEqualTo("/etc/tls.key");
            assertThat(bind.readOnly()).isEqualTo(MountLaunch.ReadOnly.TOP);
            assertThat(bind.source()).hasContent(VALUE);
            try {
                assertThat(Files.getAttribute(bind.source(), "unix:uid")).isEqualTo(7);
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(bind.source())))
                        .isEqualTo("r--------");
                assertThat(Files.getFileStore(bind.source()).type()).isEqualTo("tmpfs");
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        assertThat(http.post("/containers/" + id + "/start").status()).isEqualTo(204);
        MountLaunch.Bind bind =
                (MountLaunch.Bind) engine.kernel().lastLaunch.mounts().getFirst();
        assertThat(bind.source()).as("unlinked as soon as the container runs").doesNotExist();
        assertThat(http.get("/containers/" + id + "/json").text()).doesNotContain(VALUE);

        Answer used = http.send("DELETE", "/secrets/tls-key", null);
        assertThat(used.status()).isEqualTo(400);
        assertThat(used.text()).contains("secret 'tls-key' is in use by the following container: ");
        assertThat(http.send("DELETE", "/containers/" + id + "?force=1", null).status())
                .isEqualTo(204);
        assertThat(http.send("DELETE", "/secrets/tls-key", null).status()).isEqualTo(204);
    }

    private static Answer container(String annotation, String value) throws IOException {
        return http.post(
                "/containers/create",
                "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\"],\"HostConfig\":{\"Annotations\":{\"" + annotation + "\":\""
                        + value + "\"}}}");
    }
}
