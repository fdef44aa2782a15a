package io.berth.registry;

import static io.berth.registry.TestRegistry.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.registry.TestRegistry.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every endpoint over the Unix socket, with each way of being refused. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RegistryIT {
    private static final String OCTETS = "application/octet-stream";
    private static final Digest ABSENT = Digest.sha256(bytes("absent"));

    @TempDir
    static Path directory;

    @SuppressWarnings("NullAway.Init") // set before any test runs
    private TestRegistry registry;

    @BeforeAll
    void start() throws IOException {
        registry = TestRegistry.start(directory);
    }

    @AfterAll
    void stop() {
        registry.close();
    }

    private static void assertRefused(Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        JsonNode errors = JsonMapper.shared().readTree(answer.body()).get("errors");
        assertThat(errors).isNotEmpty();
        assertThat(errors.get(0).get("code").stringValue()).isEqualTo(code);
        assertThat(errors.get(0).get("message").stringValue()).isNotEmpty();
    }

    private String startUpload(String name) {
        Answer answer = registry.post("/v2/" + name + "/blobs/uploads/");
        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.header("Range")).isEqualTo("0-0");
        String location = answer.header("Location");
        assertThat(location).isEqualTo("/v2/" + name + "/blobs/uploads/" + answer.header("Docker-Upload-UUID"));
        return location;
    }

    private Answer patch(String location, String range, String content) {
        Map<String, String> headers = range.isEmpty()
                ? Map.of("Content-Type", OCTETS)
                : Map.of("Content-Type", OCTETS, "Content-Range", range);
        return registry.send("PATCH", location, headers, bytes(content));
    }

    private static String descriptor(String type, Digest digest, long size) {
        return "{\"mediaType\":\"" + type + "\",\"digest\":\"" + digest + "\",\"size\":" + size + "}";
    }

    private byte[] manifest(String name, String unique, String more) {
        byte[] config = bytes("{\"unique\":\"" + unique + "\"}");
        byte[] layer = bytes("layer " + unique);
        Digest configDigest = registry.blob(name, config);
        Digest layerDigest = registry.blob(name, layer);
        return bytes("{ \"schemaVersion\": 2, \"mediaType\": \"" + MediaType.OCI_MANIFEST + "\",\n \"config\": "
                + descriptor(MediaType.OCI_CONFIG, configDigest, config.length) + ", \"layers\": ["
                + descriptor(MediaType.OCI_LAYER, layerDigest, layer.length) + "]" + more + "}\n");
    }

    private Answer putManifest(String name, String reference, byte[] content) {
        return registry.put("/v2/" + name + "/manifests/" + reference, MediaType.OCI_MANIFEST, content);
    }

    @Test
    void saysThatItIsARegistry() {
        assertThat(registry.get("/v2/").status()).isEqualTo(200);
        assertThat(registry.get("/v2").status()).isEqualTo(200);
        assertThat(registry.get("/actuator/health").text()).contains("UP");
    }

    @Test
    void answersUnknownRoutesMethodsAndPathsInItsOwnFormat() throws IOException {
        assertRefused(registry.get("/v2/a/nothing"), 404, "UNSUPPORTED");
        assertRefused(registry.get("/nothing"), 404, "UNSUPPORTED");
        assertRefused(registry.get("/error"), 404, "UNSUPPORTED");
        assertRefused(registry.post("/v2/"), 405, "UNSUPPORTED");
        Answer wrongMethod = registry.send("PATCH", "/v2/a/tags/list", Map.of(), bytes("x"));
        assertRefused(wrongMethod, 405, "UNSUPPORTED");
        assertThat(wrongMethod.header("Allow")).contains("GET");
        // What Tomcat refuses by itself never reaches Spring.
        assertThat(RawClient.exchange(directory, "GET /v2/a%2Fb/tags/list HTTP/1.1\r\n"))
                .contains(" 400 ")
                .contains("{\"errors\":[{\"code\":\"");
        assertThat(RawClient.exchange(directory, "GET /v2/a\\b/tags/list HTTP/1.1\r\n"))
                .contains(" 400 ")
                .contains("{\"errors\":[{\"code\":\"");
    }

    @Test
    void refusesNamesOutsideTheGrammar() {
        for (String name : List.of("A", "a..b", "-a", "a/../b", "a".repeat(256), "a:b")) {
            assertRefused(registry.get("/v2/" + name + "/tags/list"), 400, "NAME_INVALID");
        }
        assertRefused(registry.post("/v2/Big/blobs/uploads/"), 400, "NAME_INVALID");
        assertRefused(registry.post("/v2/a/blobs/uploads/?mount=" + ABSENT + "&from=../x"), 400, "NAME_INVALID");
    }

    @Test
    void refusesDigestsThatAreNone() {
        for (String digest : List.of(
                "sha256:abc", "md5:" + "a".repeat(32), "sha256:" + "A".repeat(64), "latest", "sha256:..%2f..%2fx")) {
            Answer answer = registry.get("/v2/a/blobs/" + digest);
            if (digest.contains("%")) {
                assertThat(answer.status()).isEqualTo(400);
            } else {
                assertRefused(answer, 400, "DIGEST_INVALID");
            }
        }
        assertRefused(registry.get("/v2/a/manifests/sha256:abc"), 400, "DIGEST_INVALID");
        assertRefused(registry.get("/v2/a/referrers/sha256:abc"), 400, "DIGEST_INVALID");
        assertRefused(registry.post("/v2/a/blobs/uploads/?digest=sha256:abc"), 400, "DIGEST_INVALID");
        assertRefused(registry.post("/v2/a/blobs/uploads/?mount=x&from=b"), 400, "DIGEST_INVALID");
        assertRefused(registry.post("/v2/a/blobs/uploads/?digest-algorithm=md5"), 400, "DIGEST_INVALID");
    }

    @Test
    void takesABlobInOneRequestAndServesItWholeAndInParts() {
        byte[] content = bytes("0123456789");
        Digest digest = registry.blob("team/one", content);
        String path = "/v2/team/one/blobs/" + digest;
        Answer head = registry.head(path);
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.header("Content-Length")).isEqualTo("10");
        assertThat(head.header("Docker-Content-Digest")).isEqualTo(digest.toString());
        assertThat(head.body()).isEmpty();
        Answer whole = registry.get(path);
        assertThat(whole.text()).isEqualTo("0123456789");
        assertThat(whole.header("ETag")).isEqualTo("\"" + digest + "\"");
        Answer part = registry.send("GET", path, Map.of("Range", "bytes=2-4"), null);
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.text()).isEqualTo("234");
        assertThat(part.header("Content-Range")).isEqualTo("bytes 2-4/10");
        Answer beyond = registry.send("GET", path, Map.of("Range", "bytes=10-"), null);
        assertRefused(beyond, 416, "SIZE_INVALID");
        assertThat(beyond.header("Content-Range")).isEqualTo("bytes */10");
        assertThat(registry.send("GET", path, Map.of("If-None-Match", whole.header("ETag")), null)
                        .status())
                .isEqualTo(304);
        assertThat(registry.send("GET", path, Map.of("Range", "bytes=2-4", "If-Range", "\"other\""), null)
                        .text())
                .isEqualTo("0123456789");
        assertThat(registry.get("/v2/team/one/blobs/" + digest.toString().replace(":", "%3A"))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void takesTheEmptyBlobAndFormBodies() {
        Digest empty = Digest.sha256(new byte[0]);
        String location = startUpload("a/empty");
        assertThat(registry.send("PUT", location + "?digest=" + empty, Map.of(), new byte[0])
                        .status())
                .isEqualTo(201);
        assertThat(registry.get("/v2/a/empty/blobs/" + empty).status()).isEqualTo(200);
        // A content type that frameworks like to read as parameters must not eat the body.
        byte[] form = bytes("digest=sha256:x&a=b");
        for (String method : List.of("POST", "PUT")) {
            String target = method.equals("POST") ? "/v2/a/form/blobs/uploads/" : startUpload("a/form");
            Answer answer = registry.send(
                    method,
                    target + "?digest=" + Digest.sha256(form),
                    Map.of("Content-Type", "application/x-www-form-urlencoded"),
                    form);
            assertThat(answer.status()).as(method + answer.text()).isEqualTo(201);
        }
        assertThat(registry.get("/v2/a/form/blobs/" + Digest.sha256(form)).body())
                .isEqualTo(form);
    }

    @Test
    void takesABlobInChunksByTheExactRules() {
        String location = startUpload("a/chunks");
        Answer first = patch(location, "0-4", "hello");
        assertThat(first.status()).isEqualTo(202);
        assertThat(first.header("Range")).isEqualTo("0-4");
        assertThat(first.header("Location")).isEqualTo(location);
        for (String range : List.of("0-4", "4-8", "6-10")) {
            Answer wrong = patch(location, range, "xxxxx");
            assertRefused(wrong, 416, "BLOB_UPLOAD_INVALID");
            assertThat(wrong.header("Range")).isEqualTo("0-4");
            assertThat(wrong.header("Location")).isEqualTo(location);
        }
        assertRefused(patch(location, "5-", "x"), 400, "BLOB_UPLOAD_INVALID");
        assertRefused(patch(location, "bytes 5-5/6", "x"), 400, "BLOB_UPLOAD_INVALID");
        assertRefused(patch(location, "5-9", "abc"), 400, "SIZE_INVALID");
        Answer progress = registry.get(location);
        assertThat(progress.status()).isEqualTo(204);
        assertThat(progress.header("Range")).isEqualTo("0-4");
        assertThat(patch(location, "5-5", " ").status()).isEqualTo(202);
        Digest digest = Digest.sha256(bytes("hello world"));
        Answer late = registry.send(
                "PUT",
                location + "?digest=" + digest,
                Map.of("Content-Type", OCTETS, "Content-Range", "7-11"),
                bytes("world"));
        assertRefused(late, 416, "BLOB_UPLOAD_INVALID");
        Answer done = registry.send(
                "PUT",
                location + "?digest=" + digest,
                Map.of("Content-Type", OCTETS, "Content-Range", "6-10"),
                bytes("world"));
        assertThat(done.status()).isEqualTo(201);
        assertThat(done.header("Location")).isEqualTo("/v2/a/chunks/blobs/" + digest);
        assertThat(done.header("Docker-Content-Digest")).isEqualTo(digest.toString());
        assertThat(registry.get(done.header("Location")).text()).isEqualTo("hello world");
        assertRefused(registry.get(location), 404, "BLOB_UPLOAD_UNKNOWN");
    }

    @Test
    void takesAStreamedBlobWithSha512() throws Exception {
        byte[] content = bytes("streamed");
        Digest digest = sha512(content);
        Answer start = registry.post("/v2/a/b512/blobs/uploads/?digest-algorithm=sha512");
        assertThat(patch(start.header("Location"), "", "streamed").status()).isEqualTo(202);
        assertThat(registry.send("PUT", start.header("Location") + "?digest=" + digest, Map.of(), new byte[0])
                        .status())
                .isEqualTo(201);
        assertThat(registry.get("/v2/a/b512/blobs/" + digest).body()).isEqualTo(content);
        Answer single = registry.send(
                "POST", "/v2/a/c512/blobs/uploads/?digest=" + digest, Map.of("Content-Type", OCTETS), content);
        assertThat(single.status()).isEqualTo(201);
    }

    private static Digest sha512(byte[] content) throws Exception {
        byte[] computed = MessageDigest.getInstance("SHA-512").digest(content);
        return new Digest("sha512", HexFormat.of().formatHex(computed));
    }

    @Test
    void refusesContentThatIsNotItsDigestAndKeepsNothing() throws IOException {
        String location = startUpload("a/wrong");
        assertRefused(registry.send("PUT", location, Map.of(), bytes("x")), 400, "DIGEST_INVALID");
        assertThat(registry.get(location).status()).isEqualTo(204);
        assertRefused(
                registry.send("PUT", location + "?digest=" + ABSENT, Map.of("Content-Type", OCTETS), bytes("x")),
                400,
                "DIGEST_INVALID");
        assertRefused(registry.get(location), 404, "BLOB_UPLOAD_UNKNOWN");
        Answer single = registry.send(
                "POST", "/v2/a/wrong/blobs/uploads/?digest=" + ABSENT, Map.of("Content-Type", OCTETS), bytes("x"));
        assertRefused(single, 400, "DIGEST_INVALID");
        assertRefused(registry.get("/v2/a/wrong/blobs/" + ABSENT), 404, "BLOB_UNKNOWN");
        try (Stream<Path> stored = Files.walk(registry.data().resolve("blobs"))) {
            assertThat(stored.map(Path::toString)).noneMatch(file -> file.endsWith(ABSENT.hex()));
        }
    }

    @Test
    void bindsAnUploadToItsRepositoryAndForgetsACancelledOne() {
        String location = startUpload("a/mine");
        String elsewhere = location.replace("a/mine", "a/other");
        assertRefused(registry.get(elsewhere), 404, "BLOB_UPLOAD_UNKNOWN");
        assertRefused(patch(elsewhere, "", "x"), 404, "BLOB_UPLOAD_UNKNOWN");
        assertRefused(registry.delete(elsewhere), 404, "BLOB_UPLOAD_UNKNOWN");
        assertRefused(
                registry.send("PUT", elsewhere + "?digest=" + ABSENT, Map.of(), bytes("x")),
                404,
                "BLOB_UPLOAD_UNKNOWN");
        assertThat(registry.delete(location).status()).isEqualTo(204);
        assertRefused(registry.get(location), 404, "BLOB_UPLOAD_UNKNOWN");
        assertRefused(registry.delete(location), 404, "BLOB_UPLOAD_UNKNOWN");
        for (String id : List.of("x", "..", "1-1-1-1-1", "..%2e")) {
            assertThat(registry.get("/v2/a/mine/blobs/uploads/" + id).status()).isIn(404, 400);
        }
    }

    @Test
    void mountsOnlyWhatTheOtherRepositoryShows() {
        Digest digest = registry.blob("a/source", bytes("mounted"));
        Answer mounted = registry.post("/v2/a/target/blobs/uploads/?mount=" + digest + "&from=a/source");
        assertThat(mounted.status()).isEqualTo(201);
        assertThat(mounted.header("Location")).isEqualTo("/v2/a/target/blobs/" + digest);
        assertThat(registry.get("/v2/a/target/blobs/" + digest).text()).isEqualTo("mounted");
        for (String from : List.of("&from=a/nowhere", "&from=a/empty2", "")) {
            Answer refused = registry.post("/v2/a/thief/blobs/uploads/?mount=" + digest + from);
            assertThat(refused.status()).isEqualTo(202);
            assertThat(registry.get(refused.header("Location")).status()).isEqualTo(204);
        }
        assertRefused(registry.get("/v2/a/thief/blobs/" + digest), 404, "BLOB_UNKNOWN");
    }

    @Test
    void showsABlobOnlyWhereItIsLinked() {
        Digest digest = registry.blob("a/has", bytes("secret"));
        registry.blob("a/hasnot", bytes("other"));
        assertRefused(registry.get("/v2/a/hasnot/blobs/" + digest), 404, "BLOB_UNKNOWN");
        assertThat(registry.head("/v2/a/hasnot/blobs/" + digest).status()).isEqualTo(404);
        assertRefused(registry.get("/v2/a/never/blobs/" + digest), 404, "BLOB_UNKNOWN");
        registry.blob("a/hasnot", bytes("secret"));
        assertThat(registry.delete("/v2/a/has/blobs/" + digest).status()).isEqualTo(202);
        assertRefused(registry.get("/v2/a/has/blobs/" + digest), 404, "BLOB_UNKNOWN");
        assertRefused(registry.delete("/v2/a/has/blobs/" + digest), 404, "BLOB_UNKNOWN");
        assertThat(registry.get("/v2/a/hasnot/blobs/" + digest).text()).isEqualTo("secret");
        // A manifest is no blob of the repository, though its bytes lie in the same store.
        byte[] manifest = manifest("a/has", "hidden", "");
        assertThat(putManifest("a/has", "v", manifest).status()).isEqualTo(201);
        assertRefused(registry.get("/v2/a/has/blobs/" + Digest.sha256(manifest)), 404, "BLOB_UNKNOWN");
    }

    @Test
    void storesManifestsByteForByteUnderTagAndDigest() {
        byte[] manifest = manifest("a/m", "m", "");
        Digest digest = Digest.sha256(manifest);
        Answer pushed = putManifest("a/m", "v1", manifest);
        assertThat(pushed.status()).as(pushed.text()).isEqualTo(201);
        assertThat(pushed.header("Location")).isEqualTo("/v2/a/m/manifests/" + digest);
        assertThat(pushed.header("Docker-Content-Digest")).isEqualTo(digest.toString());
        for (String reference : List.of("v1", digest.toString())) {
            Answer pulled =
                    registry.send("GET", "/v2/a/m/manifests/" + reference, Map.of("Accept", "text/plain"), null);
            assertThat(pulled.body()).isEqualTo(manifest);
            assertThat(pulled.header("Content-Type")).isEqualTo(MediaType.OCI_MANIFEST);
            Answer head = registry.head("/v2/a/m/manifests/" + reference);
            assertThat(head.header("Content-Length")).isEqualTo(String.valueOf(manifest.length));
            assertThat(head.header("Docker-Content-Digest")).isEqualTo(digest.toString());
        }
        Answer tagged = registry.put("/v2/a/m/manifests/" + digest + "?tag=x&tag=y", MediaType.OCI_MANIFEST, manifest);
        assertThat(tagged.headers().get("OCI-Tag")).containsExactly("x", "y");
        assertThat(registry.get("/v2/a/m/tags/list").text())
                .isEqualTo("{\"name\":\"a/m\",\"tags\":[\"v1\",\"x\",\"y\"]}");
    }

    @Test
    void deletesTagsAloneAndManifestsWithTheirTags() {
        byte[] manifest = manifest("a/del", "del", "");
        Digest digest = Digest.sha256(manifest);
        putManifest("a/del", "one", manifest);
        putManifest("a/del", "two", manifest);
        assertThat(registry.delete("/v2/a/del/manifests/one").status()).isEqualTo(202);
        assertRefused(registry.get("/v2/a/del/manifests/one"), 404, "MANIFEST_UNKNOWN");
        assertRefused(registry.delete("/v2/a/del/manifests/one"), 404, "MANIFEST_UNKNOWN");
        assertThat(registry.get("/v2/a/del/manifests/two").status()).isEqualTo(200);
        assertThat(registry.delete("/v2/a/del/manifests/" + digest).status()).isEqualTo(202);
        assertRefused(registry.get("/v2/a/del/manifests/two"), 404, "MANIFEST_UNKNOWN");
        assertRefused(registry.get("/v2/a/del/manifests/" + digest), 404, "MANIFEST_UNKNOWN");
        assertRefused(registry.delete("/v2/a/del/manifests/" + digest), 404, "MANIFEST_UNKNOWN");
        assertThat(registry.get("/v2/a/del/tags/list").text()).isEqualTo("{\"name\":\"a/del\",\"tags\":[]}");
    }

    @Test
    void refusesManifestsThatAreNotValid() {
        byte[] manifest = manifest("a/bad", "bad", "");
        assertRefused(registry.put("/v2/a/bad/manifests/v", MediaType.OCI_INDEX, manifest), 400, "MANIFEST_INVALID");
        assertRefused(registry.put("/v2/a/bad/manifests/v", "application/json", manifest), 400, "MANIFEST_INVALID");
        assertRefused(putManifest("a/bad", "v", bytes("{not json")), 400, "MANIFEST_INVALID");
        assertRefused(
                putManifest("a/bad", "v", manifest("a/bad", "bad", ",\"manifests\":[]")), 400, "MANIFEST_INVALID");
        assertRefused(putManifest("a/bad", ABSENT.toString(), manifest), 400, "DIGEST_INVALID");
        assertRefused(putManifest("a/bad", "-bad", manifest), 400, "MANIFEST_INVALID");
        assertRefused(registry.get("/v2/a/bad/manifests/-bad"), 404, "MANIFEST_UNKNOWN");
        assertRefused(registry.get("/v2/a/bad/manifests/v"), 404, "MANIFEST_UNKNOWN");
    }

    @Test
    void refusesManifestsWithReferencesItDoesNotHave() {
        byte[] manifest = manifest("a/refs", "refs", "");
        Answer elsewhere = putManifest("a/refs2", "v", manifest);
        assertRefused(elsewhere, 400, "MANIFEST_BLOB_UNKNOWN");
        assertThat(JsonMapper.shared().readTree(elsewhere.body()).get("errors")).hasSize(2);
        String text = new String(manifest, StandardCharsets.UTF_8);
        byte[] wrongSize = bytes(text.replaceFirst("\"size\":[0-9]+", "\"size\":1"));
        assertRefused(putManifest("a/refs", "v", wrongSize), 400, "SIZE_INVALID");
        byte[] index = bytes("{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_INDEX + "\",\"manifests\":["
                + descriptor(MediaType.OCI_MANIFEST, Digest.sha256(manifest), manifest.length) + "]}");
        assertRefused(registry.put("/v2/a/refs/manifests/i", MediaType.OCI_INDEX, index), 400, "MANIFEST_BLOB_UNKNOWN");
        assertThat(putManifest("a/refs", "v", manifest).status()).isEqualTo(201);
        assertThat(registry.put("/v2/a/refs/manifests/i", MediaType.OCI_INDEX, index)
                        .status())
                .isEqualTo(201);
        assertThat(registry.get("/v2/a/refs/manifests/i").header("Content-Type"))
                .isEqualTo(MediaType.OCI_INDEX);
    }

    @Test
    void limitsManifestsToFourMebibytes() {
        int limit = 4 * 1024 * 1024;
        byte[] manifest = manifest("a/big", "big", "");
        byte[] full = Arrays.copyOf(manifest, limit);
        Arrays.fill(full, manifest.length, limit, (byte) ' ');
        assertThat(putManifest("a/big", "v", full).status()).isEqualTo(201);
        assertThat(registry.get("/v2/a/big/manifests/v").body()).isEqualTo(full);
        byte[] over = Arrays.copyOf(full, limit + 1);
        over[limit] = ' ';
        assertRefused(putManifest("a/big", "v", over), 413, "MANIFEST_INVALID");
    }

    @Test
    void listsTagsAndRepositoriesInPages() {
        byte[] manifest = manifest("z/pages", "pages", "");
        for (String tag : List.of("b", "a", "C", "1", "_x")) {
            putManifest("z/pages", tag, manifest);
        }
        assertThat(registry.get("/v2/z/pages/tags/list").text()).contains("[\"1\",\"C\",\"_x\",\"a\",\"b\"]");
        List<String> all = new ArrayList<>();
        @Nullable String next = "/v2/z/pages/tags/list?n=2";
        while (next != null) {
            Answer page = registry.get(next);
            JsonMapper.shared().readTree(page.body()).get("tags").forEach(tag -> all.add(tag.stringValue()));
            var link = Pattern.compile("<(.*)>; rel=\"next\"").matcher(page.header("Link"));
            next = link.matches() ? link.group(1) : null;
        }
        assertThat(all).containsExactly("1", "C", "_x", "a", "b");
        Answer none = registry.get("/v2/z/pages/tags/list?n=0");
        assertThat(none.text()).contains("[]");
        assertThat(none.header("Link")).isEqualTo("null");
        assertRefused(registry.get("/v2/z/pages/tags/list?n=-1"), 400, "UNSUPPORTED");
        assertRefused(registry.get("/v2/z/none/tags/list"), 404, "NAME_UNKNOWN");
        assertThat(registry.get("/v2/_catalog?last=z/o").text())
                .contains("\"z/pages\"")
                .doesNotContain("\"a/");
        assertThat(registry.get("/v2/_catalog?n=1").header("Link")).contains("n=1&last=");
    }

    @Test
    void listsReferrers() {
        byte[] subject = manifest("a/ref", "subject", "");
        Digest digest = Digest.sha256(subject);
        String more = ",\"subject\":" + descriptor(MediaType.OCI_MANIFEST, digest, subject.length)
                + ",\"artifactType\":\"application/x-sbom\",\"annotations\":{\"k\":\"v\"}";
        byte[] referrer = manifest("a/ref", "referrer", more);
        assertThat(registry.get("/v2/a/ref/referrers/" + digest).text()).contains("\"manifests\":[]");
        Answer pushed = putManifest("a/ref", Digest.sha256(referrer).toString(), referrer);
        assertThat(pushed.status()).as(pushed.text()).isEqualTo(201);
        assertThat(pushed.header("OCI-Subject")).isEqualTo(digest.toString());
        Answer list = registry.get("/v2/a/ref/referrers/" + digest);
        assertThat(list.header("Content-Type")).isEqualTo(MediaType.OCI_INDEX);
        JsonNode entry =
                JsonMapper.shared().readTree(list.body()).get("manifests").get(0);
        assertThat(entry.get("digest").stringValue())
                .isEqualTo(Digest.sha256(referrer).toString());
        assertThat(entry.get("artifactType").stringValue()).isEqualTo("application/x-sbom");
        assertThat(entry.get("annotations").get("k").stringValue()).isEqualTo("v");
        Answer other = registry.get("/v2/a/ref/referrers/" + digest + "?artifactType=application/x-other");
        assertThat(other.header("OCI-Filters-Applied")).isEqualTo("artifactType");
        assertThat(other.text()).contains("\"manifests\":[]");
        assertThat(registry.get("/v2/a/nothing/referrers/" + digest).status()).isEqualTo(200);
    }

    @Test
    void takesTheSameBlobAndTagFromEightThreadsAtOnce() throws Exception {
        byte[] content = new byte[3_000_000];
        new Random(7).nextBytes(content);
        byte[] manifest = manifest("a/same", "same", "");
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Callable<Integer>> pushes = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                pushes.add(() -> {
                    registry.blob("same/new", content);
                    return putManifest("a/same", "latest", manifest).status();
                });
            }
            for (Future<Integer> push : threads.invokeAll(pushes)) {
                assertThat(push.get()).isEqualTo(201);
            }
        }
        assertThat(registry.get("/v2/same/new/blobs/" + Digest.sha256(content)).body())
                .isEqualTo(content);
        assertThat(registry.get("/v2/a/same/tags/list").text()).contains("[\"latest\"]");
        try (Stream<Path> left = Files.list(registry.data().resolve("staging"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void keepsWhatArrivedWhenTheClientVanishes() throws Exception {
        String location = startUpload("a/resume");
        patch(location, "0-3", "abcd");
        RawClient.sendAndVanish(directory, "PATCH " + location + " HTTP/1.1\r\nContent-Length: 100\r\n", bytes("efgh"));
        String range = "";
        for (int i = 0; i < 100 && !range.equals("0-7"); i++) {
            Thread.sleep(20);
            range = registry.get(location).header("Range");
        }
        assertThat(range).isEqualTo("0-7");
        assertThat(patch(location, "8-9", "ij").status()).isEqualTo(202);
        Digest digest = Digest.sha256(bytes("abcdefghij"));
        assertThat(registry.send("PUT", location + "?digest=" + digest, Map.of(), new byte[0])
                        .status())
                .isEqualTo(201);
        assertThat(registry.get("/v2/a/resume/blobs/" + digest).text()).isEqualTo("abcdefghij");
    }

    @Test
    void keepsItsStateToItself() throws IOException {
        assertThat(Files.getPosixFilePermissions(registry.data())).hasSize(3);
    }

    private long sessions() throws SQLException {
        try (Connection database = registry.database().getConnection();
                Statement statement = database.createStatement();
                ResultSet rows = statement.executeQuery("select count(*) from upload")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private long unfinishedFiles() throws IOException {
        try (Stream<Path> files = Files.list(registry.data().resolve("uploads"))) {
            return files.count();
        }
    }

    /** What comes in one request is verified, and nothing of it is written down before it is whole. */
    @Test
    void aWholeBlobMakesNoSession() throws Exception {
        long sessionsBefore = sessions();
        long filesBefore = unfinishedFiles();
        byte[] content = bytes("all of it at once");
        String request = "POST /v2/a/whole/blobs/uploads/?digest=" + Digest.sha256(content)
                + " HTTP/1.1\r\nContent-Type: " + OCTETS + "\r\nContent-Length: " + content.length + "\r\n";
        RawClient.sendAndVanish(directory, request, Arrays.copyOf(content, 5), () -> {
            awaitUnfinished(filesBefore + 1);
            assertThat(sessions()).as("while it comes").isEqualTo(sessionsBefore);
            return null;
        });
        awaitUnfinished(filesBefore);
        assertThat(registry.get("/v2/a/whole/blobs/" + Digest.sha256(content)).status())
                .as("a part of it")
                .isEqualTo(404);

        Answer wrong = registry.send(
                "POST", "/v2/a/whole/blobs/uploads/?digest=" + ABSENT, Map.of("Content-Type", OCTETS), content);
        assertRefused(wrong, 400, "DIGEST_INVALID");
        assertThat(unfinishedFiles()).isEqualTo(filesBefore);
        Digest digest = registry.blob("a/whole", content);
        assertThat(registry.get("/v2/a/whole/blobs/" + digest).body()).isEqualTo(content);
        assertThat(sessions()).isEqualTo(sessionsBefore);
        assertThat(unfinishedFiles()).isEqualTo(filesBefore);
    }

    private void awaitUnfinished(long count) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (unfinishedFiles() != count && System.nanoTime() < deadline) {
            Thread.sleep(10);
        }
        assertThat(unfinishedFiles()).isEqualTo(count);
    }
}
