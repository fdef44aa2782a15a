package io.berth.registry;

import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.unixhttp.PlatformKey;
import io.berth.unixhttp.UnixHttpClients;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.sql.DataSource;
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

    /**
     * Starts in this JVM.
     *
     * @param settings more arguments, such as {@code --berth.registry.gc.grace=1s}
     */
    static TestRegistry start(Path directory, String... settings) throws IOException {
        TestRegistry registry = new TestRegistry(directory);
        registry.start(settings);
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

    /**
     * What a registry in a directory is started with; it asks nobody who they are, unless the settings say so. With the system property {@code berth.test.postgresql}, such as
     * {@code jdbc:postgresql://127.0.0.1:5432/postgres}, its metadata is there, in a schema named for the directory.
     */
    static List<String> arguments(Path directory, String... settings) {
        List<String> arguments = new ArrayList<>(List.of(
                "--berth.http.socket=" + socket(directory),
                "--berth.http.platform-key-file=" + directory.resolve("key"),
                "--berth.registry.data-dir=" + directory.resolve("data")));
        arguments.addAll(List.of(settings));
        if (arguments.stream().noneMatch(setting -> setting.startsWith("--berth.registry.access="))) {
            arguments.add("--berth.registry.access=open");
        }
        String database = System.getProperty("berth.test.postgresql");
        if (database != null
                && arguments.stream().noneMatch(setting -> setting.startsWith("--spring.datasource.url="))) {
            String schema = "t" + directory.toString().replaceAll("[^a-z0-9]", "_");
            arguments.addAll(List.of(
                    "--spring.datasource.url=" + database + "?currentSchema=" + schema,
                    "--spring.datasource.username=postgres",
                    "--spring.flyway.schemas=" + schema));
        }
        return arguments;
    }

    void start(String... settings) {
        context = SpringApplication.run(
                RegistryServiceApplication.class, arguments(directory, settings).toArray(String[]::new));
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

    /**
     * Sends a part of a blob to an upload.
     *
     * @param to where it ends, exclusive
     * @return the status
     */
    int patch(String upload, byte[] content, int from, int to) {
        return send(
                        "PATCH",
                        upload,
                        Map.of("Content-Range", from + "-" + (to - 1)),
                        Arrays.copyOfRange(content, from, to))
                .status();
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

    /** A manifest that names one config and layers. */
    static byte[] manifest(Digest config, long size, String more) {
        return bytes("{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_MANIFEST
                + "\",\"layers\":[],\"config\":{\"mediaType\":\"" + MediaType.OCI_CONFIG + "\",\"digest\":\""
                + config + "\",\"size\":" + size + "}" + more + "}");
    }

    /** The database of a registry that runs in this JVM. */
    DataSource database() {
        return Objects.requireNonNull(context).getBean(DataSource.class);
    }

    /** A part of a registry that runs in this JVM. */
    <T> T bean(Class<T> type) {
        return Objects.requireNonNull(context).getBean(type);
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
