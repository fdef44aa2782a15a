package io.berth.registry;

import static io.berth.registry.Answers.assertRefused;
import static io.berth.registry.TestRegistry.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.registry.TestRegistry.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each malformed name, digest, range, size and manifest: the specified status and code, and nothing is stored. */
@RegistryTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RegistryBadInputIT {
    private static final String NAME = "bad/input";
    private static final Digest ABSENT = Digest.sha256(bytes("absent"));
    private static final String SHA256 = "sha256:" + "a".repeat(64);

    /** An upload that has the five bytes {@code hello}; made for each row. */
    private static final String SESSION = "{session}";

    private final TestRegistry registry;
    private final TestImage image;

    RegistryBadInputIT(TestRegistry registry) {
        this.registry = registry;
        this.image = TestImage.of(registry, NAME, "valid");
    }

    @BeforeAll
    void push() {
        image.push(registry, "valid");
    }

    /** A request that must be refused. */
    record Row(
            String what,
            String method,
            String path,
            Map<String, String> headers,
            String body,
            int status,
            String code) {
        @Override
        public String toString() {
            return what + ": " + method + " " + (path.length() > 100 ? path.substring(0, 100) + "…" : path);
        }
    }

    private static Row row(String what, String method, String path, int status, String code) {
        return new Row(what, method, path, Map.of(), "", status, code);
    }

    static List<Row> names() {
        List<Row> rows = new ArrayList<>();
        for (String name : List.of(
                "A",
                "a/B",
                "a..b",
                "-a",
                "a-",
                "a/",
                "/a",
                "a//b",
                ".a",
                "a___b",
                "a._b",
                "a:b",
                "a@b",
                "a~b",
                "a+b",
                "%C3%A9",
                "a%20b",
                "a%0Ab",
                "a".repeat(256),
                "a/".repeat(128) + "a")) {
            for (String tail : List.of("/tags/list", "/manifests/latest", "/blobs/" + SHA256, "/referrers/" + SHA256)) {
                rows.add(row("name " + name, "GET", "/v2/" + name + tail, 400, "NAME_INVALID"));
            }
            rows.add(row("name " + name, "POST", "/v2/" + name + "/blobs/uploads/", 400, "NAME_INVALID"));
            rows.add(row("name " + name, "DELETE", "/v2/" + name + "/manifests/latest", 400, "NAME_INVALID"));
            String from = name.contains("%") ? name : name.replace("+", "%2B");
            rows.add(row(
                    "mount from " + name,
                    "POST",
                    "/v2/a/blobs/uploads/?mount=" + SHA256 + "&from=" + from,
                    400,
                    "NAME_INVALID"));
        }
        return rows;
    }

    static List<Row> digests() {
        List<Row> rows = new ArrayList<>();
        for (String digest : List.of(
                "sha256:",
                "sha256:abc",
                "sha256:" + "a".repeat(63),
                "sha256:" + "a".repeat(65),
                "sha256:" + "A".repeat(64),
                "sha256:" + "g".repeat(64),
                "SHA256:" + "a".repeat(64),
                "sha512:" + "a".repeat(64),
                "sha1:" + "a".repeat(40),
                "md5:" + "a".repeat(32),
                "sha384:" + "a".repeat(96),
                "blake3:" + "a".repeat(64),
                ":" + "a".repeat(64),
                "sha256:..",
                "sha256:" + "a".repeat(64) + ":x")) {
            for (String method : List.of("GET", "DELETE")) {
                rows.add(row("digest", method, "/v2/" + NAME + "/blobs/" + digest, 400, "DIGEST_INVALID"));
                rows.add(row("digest", method, "/v2/" + NAME + "/manifests/" + digest, 400, "DIGEST_INVALID"));
            }
            rows.add(row("digest", "GET", "/v2/" + NAME + "/referrers/" + digest, 400, "DIGEST_INVALID"));
            rows.add(row("digest", "POST", "/v2/" + NAME + "/blobs/uploads/?digest=" + digest, 400, "DIGEST_INVALID"));
            rows.add(row(
                    "digest",
                    "POST",
                    "/v2/" + NAME + "/blobs/uploads/?mount=" + digest + "&from=bad/other",
                    400,
                    "DIGEST_INVALID"));
            rows.add(row("digest", "PUT", SESSION + "?digest=" + digest, 400, "DIGEST_INVALID"));
        }
        rows.add(row("no digest", "PUT", SESSION, 400, "DIGEST_INVALID"));
        rows.add(row("digest of other bytes", "PUT", SESSION + "?digest=" + ABSENT, 400, "DIGEST_INVALID"));
        rows.add(new Row(
                "digest of other bytes",
                "POST",
                "/v2/" + NAME + "/blobs/uploads/?digest=" + ABSENT,
                Map.of("Content-Type", "application/octet-stream"),
                "present",
                400,
                "DIGEST_INVALID"));
        for (String algorithm : List.of("md5", "SHA256", "sha256:", "%00", "sha384")) {
            rows.add(row(
                    "algorithm",
                    "POST",
                    "/v2/" + NAME + "/blobs/uploads/?digest-algorithm=" + algorithm,
                    400,
                    "DIGEST_INVALID"));
        }
        return rows;
    }

    static List<Row> ranges() {
        List<Row> rows = new ArrayList<>();
        for (String range : List.of(
                "5-",
                "-9",
                "5",
                "a-b",
                "bytes 5-9/10",
                "bytes=5-9",
                "5-9/10",
                "5 - 9",
                "9-5",
                "5--9",
                "5-9,10-11",
                "0x5-0x9",
                "5-99999999999999999999",
                "+5-9")) {
            for (String method : List.of("PATCH", "PUT")) {
                rows.add(chunk("range " + range, method, range, "world", 400, "BLOB_UPLOAD_INVALID"));
            }
        }
        for (String range : List.of("0-4", "4-8", "6-10", "999999999999-1000000000003")) {
            for (String method : List.of("PATCH", "PUT")) {
                rows.add(chunk("out of order " + range, method, range, "world", 416, "BLOB_UPLOAD_INVALID"));
            }
        }
        for (String range : List.of("5-8", "5-10", "5-5", "5-999999999999")) {
            for (String method : List.of("PATCH", "PUT")) {
                rows.add(chunk("size of " + range, method, range, "world", 400, "SIZE_INVALID"));
            }
        }
        for (String id : List.of("x", "1-1-1-1-1", "00000000-0000-0000-0000-000000000000", "%2e%2e", "a".repeat(400))) {
            for (String method : List.of("GET", "PATCH", "DELETE")) {
                rows.add(row("session", method, "/v2/" + NAME + "/blobs/uploads/" + id, 404, "BLOB_UPLOAD_UNKNOWN"));
            }
        }
        for (String n : List.of("-1", "x", "1.5", "0x10", "99999999999999999999", "+1", "")) {
            rows.add(row("n", "GET", "/v2/" + NAME + "/tags/list?n=" + n.replace("+", "%2B"), 400, "UNSUPPORTED"));
            rows.add(row("n", "GET", "/v2/_catalog?n=" + n.replace("+", "%2B"), 400, "UNSUPPORTED"));
        }
        // No path has a NUL, whatever it would name.
        rows.add(row("name", "GET", "/v2/a%00b/tags/list", 400, "UNSUPPORTED"));
        rows.add(row("name", "POST", "/v2/a%00b/blobs/uploads/", 400, "UNSUPPORTED"));
        rows.add(row("digest", "GET", "/v2/" + NAME + "/blobs/" + SHA256 + "%00", 400, "UNSUPPORTED"));
        rows.add(row("last", "GET", "/v2/" + NAME + "/tags/list?last=a%00b", 400, "UNSUPPORTED"));
        rows.add(row("last", "GET", "/v2/_catalog?last=%00", 400, "UNSUPPORTED"));
        rows.add(row("last", "GET", "/v2/" + NAME + "/referrers/" + SHA256 + "?last=%00", 400, "UNSUPPORTED"));
        rows.add(row("type", "GET", "/v2/" + NAME + "/referrers/" + SHA256 + "?artifactType=%00", 400, "UNSUPPORTED"));
        return rows;
    }

    private static Row chunk(String what, String method, String range, String body, int status, String code) {
        String digest = Digest.sha256(bytes("hello" + body)).toString();
        return new Row(
                what,
                method,
                SESSION + (method.equals("PUT") ? "?digest=" + digest : ""),
                Map.of("Content-Type", "application/octet-stream", "Content-Range", range),
                body,
                status,
                code);
    }

    List<Row> manifests() {
        String json = image.json();
        String config = descriptorOf(json, "config");
        List<Row> rows = new ArrayList<>();
        for (String body : List.of(
                "",
                "null",
                "[]",
                "\"text\"",
                "{",
                "{}",
                "{\"schemaVersion\":2}",
                json + "{}",
                json + "x",
                json.replaceFirst("\\{", "{\"layers\":[],"),
                json.replaceFirst("\\{", "{\"Layers\":[],"),
                json.replaceFirst("\\{", "{\"manifests\":[],"),
                json.replaceFirst("\\{", "{\"fsLayers\":[],"),
                json.replace("\"schemaVersion\": 2", "\"schemaVersion\": 1"),
                json.replace("\"schemaVersion\": 2", "\"schemaVersion\": \"2\""),
                json.replace("\"schemaVersion\": 2,", ""),
                json.replace(MediaType.OCI_MANIFEST, MediaType.OCI_INDEX),
                json.replace(MediaType.OCI_MANIFEST, "application/json"),
                json.replace("\"" + MediaType.OCI_MANIFEST + "\"", "7"),
                json.replace("\"config\"", "\"konfig\""),
                json.replace("\"layers\"", "\"lagen\""),
                json.replace(config, "null"),
                json.replace(config, "{}"),
                json.replaceFirst("\"size\":[0-9]+", "\"size\":-1"),
                json.replaceFirst("\"size\":[0-9]+", "\"size\":1.5"),
                json.replaceFirst("\"size\":[0-9]+", "\"size\":\"1\""),
                json.replaceFirst("\"size\":[0-9]+", "\"size\":99999999999999999999"),
                json.replaceFirst("\"digest\":\"sha256:[0-9a-f]+", "\"digest\":\"sha256:..%2f..%2fetc"),
                json.replaceFirst("\"digest\":\"sha256", "\"digest\":\"md5"),
                json.replaceFirst("\"digest\":\"[^\"]+\"", "\"digest\":null"),
                json.replaceFirst("\\{", "{\"subject\":{},"),
                json.replaceFirst("\\{", "{\"subject\":\"" + SHA256 + "\","),
                json.replaceFirst("\\{", "{\"annotations\":[],"),
                json.replaceFirst("\\{", "{\"annotations\":{\"k\":{}},"),
                json.replaceFirst("\\{", "{\"artifactType\":7,"),
                json.replaceFirst("\\{", "{\"artifactType\":\"application/" + "x".repeat(300) + "\","),
                json.replaceFirst("\\{", "{\"artifactType\":\"a\\\\u0000b\","),
                json.replace(MediaType.OCI_CONFIG, "application/" + "x".repeat(300)),
                "{\"a\":".repeat(2000) + "1" + "}".repeat(2000))) {
            rows.add(manifest(MediaType.OCI_MANIFEST, "bad", body, 400, "MANIFEST_INVALID"));
        }
        for (String body : large(json, descriptorOf(json, "layers"))) {
            rows.add(manifest(MediaType.OCI_MANIFEST, "bad", body, 400, "MANIFEST_INVALID"));
        }
        for (String type : List.of(
                MediaType.OCI_INDEX,
                MediaType.DOCKER_MANIFEST,
                "application/json",
                "text/plain",
                "application/vnd.docker.distribution.manifest.v1+json",
                "application/vnd.docker.distribution.manifest.v1+prettyjws")) {
            rows.add(manifest(type, "bad", json, 400, "MANIFEST_INVALID"));
        }
        for (String tag : List.of("-bad", ".bad", "b%20d", "b%2Bd", "a".repeat(129), "%C3%A9", "b@d")) {
            rows.add(manifest(MediaType.OCI_MANIFEST, tag, json, 400, "MANIFEST_INVALID"));
            rows.add(manifest(MediaType.OCI_MANIFEST, image.digest() + "?tag=" + tag, json, 400, "MANIFEST_INVALID"));
        }
        rows.add(manifest(
                MediaType.OCI_MANIFEST,
                image.digest() + "?"
                        + IntStream.range(0, 500).mapToObj(i -> "tag=t" + i).collect(Collectors.joining("&")),
                json,
                414,
                "MANIFEST_INVALID"));
        rows.add(manifest(MediaType.OCI_MANIFEST, ABSENT.toString(), json, 400, "DIGEST_INVALID"));
        rows.add(manifest(
                MediaType.OCI_MANIFEST,
                "bad",
                json.replaceFirst("\"digest\":\"[^\"]+\"", "\"digest\":\"" + ABSENT + "\""),
                400,
                "MANIFEST_BLOB_UNKNOWN"));
        rows.add(manifest(
                MediaType.OCI_MANIFEST,
                "bad",
                json.replaceFirst("\"size\":[0-9]+", "\"size\":1"),
                400,
                "SIZE_INVALID"));
        rows.add(manifest(MediaType.OCI_MANIFEST, "bad", json + " ".repeat(4 * 1024 * 1024), 413, "MANIFEST_INVALID"));
        return rows;
    }

    /** Below 4 MiB, and made to take time or memory. */
    private static List<String> large(String json, String layer) {
        String annotations =
                IntStream.range(0, 200_000).mapToObj(i -> "\"a" + i + "\":\"\"").collect(Collectors.joining(","));
        return List.of(
                "[" + "{},".repeat(1_390_000) + "{}]",
                "[" + "[],".repeat(1_390_000) + "[]]",
                json.replaceFirst("\\{", "{\"x\":[" + "{},".repeat(1_300_000) + "{}],"),
                json.replace(
                        layer,
                        layer + ("," + layer).repeat(4_000_000 / (layer.length() + 1) * 2 / 3) + ",{}".repeat(300_000)),
                json.replaceFirst("\\{", "{\"annotations\":{" + annotations + "},"),
                json.replaceFirst("\"size\":[0-9]+", "\"size\":1" + "0".repeat(1_000_000)),
                json.replaceFirst("\\{", "{\"" + "n".repeat(1_000_000) + "\":0,"),
                "{\"a\":" + "[".repeat(4_000_000));
    }

    private static Row manifest(String type, String reference, String body, int status, String code) {
        return new Row(
                "manifest " + body.substring(0, Math.min(60, body.length())).replace('\n', ' '),
                "PUT",
                "/v2/" + NAME + "/manifests/" + reference,
                Map.of("Content-Type", type),
                body,
                status,
                code);
    }

    private static String descriptorOf(String json, String field) {
        int start = json.indexOf('{', json.indexOf("\"" + field + "\""));
        return json.substring(start, json.indexOf('}', start) + 1);
    }

    @ParameterizedTest
    @MethodSource({"names", "digests", "ranges", "manifests"})
    void isRefusedAndNothingIsStored(Row row) {
        String session = row.path().startsWith(SESSION) ? session() : "";
        List<String> before = stored();
        Answer answer = registry.send(
                row.method(),
                row.path().replace(SESSION, session),
                row.headers(),
                row.body().isEmpty() && row.method().equals("GET")
                        ? null
                        : row.body().getBytes(StandardCharsets.UTF_8));
        assertRefused(answer, row.status(), row.code());
        List<String> after = stored();
        if (!session.isEmpty()) {
            String id = session.substring(session.lastIndexOf('/') + 1);
            Answer status = registry.get(session);
            if (status.status() == 204) { // else the refusal has ended it
                assertThat(status.header("Range")).isEqualTo("0-4");
                assertThat(registry.delete(session).status()).isEqualTo(204);
            }
            before.removeIf(file -> file.contains(id));
            after.removeIf(file -> file.contains(id));
        }
        assertThat(after).isEqualTo(before);
    }

    @Test
    void aBodyThatIsShorterThanAnnouncedIsNoBlob() throws IOException {
        List<String> before = stored();
        Digest digest = Digest.sha256(bytes("short"));
        RawClient.sendAndVanish(
                registry.data().resolveSibling("."),
                "POST /v2/" + NAME + "/blobs/uploads/?digest=" + digest + " HTTP/1.1\r\nContent-Length: 100\r\n",
                bytes("short"));
        for (int i = 0; i < 200 && !stored().equals(before); i++) {
            pause();
        }
        assertThat(stored()).isEqualTo(before);
        assertRefused(registry.get("/v2/" + NAME + "/blobs/" + digest), 404, "BLOB_UNKNOWN");
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String session() {
        String session = registry.post("/v2/" + NAME + "/blobs/uploads/").header("Location");
        Answer first =
                registry.send("PATCH", session, Map.of("Content-Type", "application/octet-stream"), bytes("hello"));
        assertThat(first.status()).isEqualTo(202);
        return session;
    }

    /** Every file of content, and what the lists show. */
    private List<String> stored() {
        TreeSet<String> stored = new TreeSet<>();
        for (String directory : List.of("blobs", "staging", "uploads")) {
            try (Stream<Path> files = Files.walk(registry.data().resolve(directory))) {
                files.map(Path::toString).forEach(stored::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        stored.add(registry.get("/v2/_catalog").text());
        stored.add(registry.get("/v2/" + NAME + "/tags/list").text());
        return new ArrayList<>(stored);
    }
}
