package io.berth.registry;

import io.berth.oci.Digest;
import io.berth.unixhttp.PlatformKey;
import io.berth.unixhttp.UnixHttpClients;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.web.client.RestClient;

/** A registry on a Unix socket in a directory, and a client that shows every answer as it is. */
final class TestRegistry implements AutoCloseable {
    static final String KEY = "k".repeat(40);

    private final Path directory;
    private final RestClient client;
    private @Nullable ConfigurableApplicationContext context;

    /** Starts in this JVM. */
    static TestRegistry start(Path directory) throws IOException {
        TestRegistry registry = new TestRegistry(directory);
        registry.start();
        return registry;
    }

    /** Only the client's side, for a registry that runs elsewhere. */
    TestRegistry(Path directory) throws IOException {
        this.directory = directory;
        Path key = Files.writeString(directory.resolve("key"), KEY);
        client = UnixHttpClients.builder(socket(directory), PlatformKey.read(key), Duration.ofSeconds(60))
                .build();
    }

    static Path socket(Path directory) {
        return directory.resolve("registry.sock");
    }

    Path data() {
        return directory.resolve("data");
    }

    static String[] arguments(Path directory) {
        return new String[] {
            "--berth.http.socket=" + socket(directory),
            "--berth.http.platform-key-file=" + directory.resolve("key"),
            "--berth.registry.data-dir=" + directory.resolve("data")
        };
    }

    void start() {
        context = SpringApplication.run(RegistryServiceApplication.class, arguments(directory));
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Answer(int status, HttpHeaders headers, byte[] body) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        String header(String name) {
            return String.valueOf(headers.getFirst(name));
        }
    }

    Answer send(String method, String path, Map<String, String> headers, byte @Nullable [] body) {
        RestClient.RequestBodySpec request =
                client.method(HttpMethod.valueOf(method)).uri(URI.create("http://localhost" + path));
        headers.forEach(request::header);
        if (body != null) {
            request.body(body);
        }
        return request.exchange((sent, response) -> new Answer(
                response.getStatusCode().value(),
                response.getHeaders(),
                response.getBody().readAllBytes()));
    }

    Answer get(String path) {
        return send("GET", path, Map.of(), null);
    }

    Answer head(String path) {
        return send("HEAD", path, Map.of(), null);
    }

    Answer delete(String path) {
        return send("DELETE", path, Map.of(), null);
    }

    Answer post(String path) {
        return send("POST", path, Map.of(), new byte[0]);
    }

    Answer put(String path, String type, byte[] body) {
        return send("PUT", path, Map.of("Content-Type", type), body);
    }

    /** Pushes a blob in one request. */
    Digest blob(String name, byte[] content) {
        Digest digest = Digest.sha256(content);
        Answer answer = send(
                "POST",
                "/v2/" + name + "/blobs/uploads/?digest=" + digest,
                Map.of("Content-Type", "application/octet-stream"),
                content);
        if (answer.status() != 201) {
            throw new AssertionError(answer.status() + " " + answer.text());
        }
        return digest;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        if (context != null) {
            context.close();
            context = null;
        }
    }
}
