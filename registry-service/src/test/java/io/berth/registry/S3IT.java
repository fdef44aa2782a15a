package io.berth.registry;

import static io.berth.registry.TestRegistry.bytes;
import static io.berth.registry.TestRegistry.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.registry.TestRegistry.Answer;
import io.berth.registry.storage.UploadStorage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two registries that share a database and a bucket are one registry; the second one sends clients to the bucket. */
class S3IT {
    private static final Random RANDOM = new Random(1);

    @TempDir
    static Path directory;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private static MemoryS3 s3;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private static TestRegistry one;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private static TestRegistry two;

    @BeforeAll
    static void start() throws IOException {
        s3 = new MemoryS3();
        String database = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=10000";
        one = start("one", database, "false");
        two = start("two", database, "true");
    }

    private static TestRegistry start(String name, String database, String redirect) throws IOException {
        Path own = Files.createDirectory(directory.resolve(name));
        List<String> settings = new ArrayList<>(s3.settings(own));
        settings.addAll(List.of(
                "--spring.datasource.url=" + database,
                "--berth.registry.s3.redirect=" + redirect,
                "--berth.registry.gc.grace=1ms",
                "--berth.registry.gc.delay=0s",
                "--berth.registry.gc.schedule.interval=1h"));
        return TestRegistry.start(own, settings.toArray(String[]::new));
    }

    @AfterAll
    static void stop() {
        one.close();
        two.close();
        s3.close();
    }

    /** What nothing names goes, from the bucket too. */
    @AfterEach
    void nothingIsLeft() throws InterruptedException {
        for (int i = 0; i < 4; i++) {
            Thread.sleep(10);
            work(one, "run");
        }
        assertThat(s3.keys()).isEmpty();
        assertThat(s3.openUploads()).isZero();
    }

    private static String work(TestRegistry registry, String work) {
        return registry.send("POST", "/actuator/collection/" + work, Map.of(), null)
                .text();
    }

    private static byte[] random(int size) {
        byte[] content = new byte[size];
        RANDOM.nextBytes(content);
        return content;
    }

    @Test
    void anUploadGoesOnInAnotherProcess() {
        byte[] content = random(12_500_000);
        Digest digest = Digest.sha256(content);
        String upload = one.post("/v2/a/blob/blobs/uploads/").header("Location");
        assertThat(one.patch(upload, content, 0, 1_000_000)).isEqualTo(202);
        assertThat(two.get(upload).header("Range")).isEqualTo("0-999999");
        assertThat(two.patch(upload, content, 1_000_000, 11_000_000)).isEqualTo(202);
        assertThat(one.patch(upload, content, 5_000_000, 6_000_000))
                .as("not where it ended")
                .isEqualTo(416);
        assertThat(one.patch(upload, content, 11_000_000, 12_000_000)).isEqualTo(202);
        Answer finished = two.send(
                "PUT",
                upload + "?digest=" + digest,
                Map.of("Content-Range", "12000000-12499999"),
                Arrays.copyOfRange(content, 12_000_000, content.length));
        assertThat(finished.status()).as(finished.text()).isEqualTo(201);

        assertThat(one.get("/v2/a/blob/blobs/" + digest).body()).isEqualTo(content);
        Answer part = one.send("GET", "/v2/a/blob/blobs/" + digest, Map.of("Range", "bytes=7-1007"), null);
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(content, 7, 1008));
        assertThat(one.head("/v2/a/blob/blobs/" + digest).header("Content-Length"))
                .isEqualTo("12500000");
        assertThat(one.get(upload).status()).isEqualTo(404);
        assertThat(s3.keys()).hasSize(1);
        assertThat(work(one, "scrub")).contains("\"damaged\":0");
    }

    @Test
    void contentOfAnotherDigestIsNotKept() {
        byte[] content = random(6_000_000);
        String upload = one.post("/v2/a/bad/blobs/uploads/").header("Location");
        assertThat(one.patch(upload, content, 0, 3_000_000)).isEqualTo(202);
        assertThat(two.patch(upload, content, 3_000_000, content.length)).isEqualTo(202);
        Answer refused = one.send("PUT", upload + "?digest=" + Digest.sha256(bytes("other")), Map.of(), new byte[0]);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.text()).contains("DIGEST_INVALID");
        assertThat(two.get(upload).status()).isEqualTo(404);
    }

    @Test
    void aCancelledUploadLeavesNothing() {
        byte[] content = random(7_000_000);
        String upload = one.post("/v2/a/cancelled/blobs/uploads/").header("Location");
        assertThat(one.patch(upload, content, 0, content.length)).isEqualTo(202);
        assertThat(s3.openUploads()).isEqualTo(1);
        assertThat(two.delete(upload).status()).isEqualTo(204);
        assertThat(one.get(upload).status()).isEqualTo(404);
    }

    @Test
    void clientsReadFromTheBucketWhereThatIsSet() throws Exception {
        Digest digest = one.blob("a/redirected", bytes("content"));
        String link = link("/v2/a/redirected/blobs/" + digest);
        assertThat(link).contains("X-Amz-Signature", "X-Amz-Expires=900");
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(link)).build();
            assertThat(client.send(request, HttpResponse.BodyHandlers.ofString())
                            .body())
                    .isEqualTo("content");
        }
        assertThat(two.get("/v2/a/secret/blobs/" + digest).status())
                .as("not linked there")
                .isEqualTo(404);
    }

    /** Where the second registry sends clients. */
    private static String link(String path) throws IOException {
        String answer = RawClient.exchange(directory.resolve("two"), "GET " + path + " HTTP/1.1\r\n");
        assertThat(answer).startsWith("HTTP/1.1 307");
        return answer.lines()
                .filter(line -> line.startsWith("Location: "))
                .findFirst()
                .orElseThrow()
                .substring("Location: ".length());
    }

    @Test
    void linksOfTheBucketCannotBeChanged() throws Exception {
        Digest mine = one.blob("a/mine", bytes("mine"));
        Digest other = one.blob("a/other", bytes("other"));
        String link = link("/v2/a/mine/blobs/" + mine);
        String key = URI.create(link).getPath();
        String otherKey = s3.keys().stream()
                .filter(stored -> !key.endsWith(stored))
                .findFirst()
                .orElseThrow();
        String forged = link.replace(key.substring(("/" + MemoryS3.BUCKET + "/").length()), otherKey);
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(forged)).build();
            assertThat(client.send(request, HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(403);
        }
        assertThat(one.get("/v2/a/other/blobs/" + other).status()).isEqualTo(200);
    }

    @Test
    void aBusyServiceIsAnsweredWith503() {
        Digest digest = one.blob("a/busy", bytes("content"));
        s3.fail(1);
        assertThat(one.get("/v2/a/busy/blobs/" + digest).text())
                .as("one failure is tried again")
                .isEqualTo("content");
        s3.fail(100);
        Answer answer = one.get("/v2/a/busy/blobs/" + digest);
        s3.fail(0);
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.header("Retry-After")).isEqualTo("5");
        assertThat(answer.text()).contains("\"errors\"", "storage does not answer");
        assertThat(one.get("/v2/a/busy/blobs/" + digest).status()).isEqualTo(200);
    }

    @Test
    void damageInTheBucketIsFoundAndHeals() {
        byte[] content = bytes("will be damaged");
        Digest digest = one.blob("a/damaged", content);
        s3.flip(s3.keys().getFirst());
        assertThat(work(one, "scrub")).contains("\"damaged\":1");
        assertThat(two.head("/v2/a/damaged/blobs/" + digest).status())
                .as("so that it is pushed again")
                .isEqualTo(404);
        two.blob("a/damaged", content);
        assertThat(one.get("/v2/a/damaged/blobs/" + digest).body()).isEqualTo(content);
    }

    @Test
    void whatAProcessBeganAndForgotIsGivenBack() throws IOException {
        s3.leaveUpload("content/00/00000000-0000-4000-8000-000000000000");
        UploadStorage storage = one.bean(UploadStorage.class);
        String upload = one.post("/v2/a/left/blobs/uploads/").header("Location");
        assertThat(one.patch(upload, random(6_000_000), 0, 6_000_000)).isEqualTo(202);
        assertThat(s3.openUploads()).isEqualTo(2);
        storage.removeOrphans(List.of(), Instant.now().minusSeconds(60));
        assertThat(s3.openUploads()).as("the other one belongs to a session").isEqualTo(1);
        assertThat(one.delete(upload).status()).isEqualTo(204);
    }

    @Test
    void imagesArePushedToOneAndPulledFromTheOther() throws Exception {
        Digest empty = one.blob("a/image", new byte[0]);
        byte[] manifest = manifest(empty, 0, "");
        assertThat(one.put("/v2/a/image/manifests/t", MediaType.OCI_MANIFEST, manifest)
                        .status())
                .isEqualTo(201);
        assertThat(two.get("/v2/a/image/manifests/t").body()).isEqualTo(manifest);
        assertThat(one.get("/v2/a/image/blobs/" + empty).body()).isEmpty();
        for (String name : List.of("one", "two")) {
            try (Stream<Path> files = Files.walk(directory.resolve(name).resolve("data/blobs"))) {
                assertThat(files.filter(Files::isRegularFile)).isEmpty();
            }
        }
        assertThat(two.delete("/v2/a/image/manifests/" + Digest.sha256(manifest))
                        .status())
                .isEqualTo(202);
        assertThat(one.get("/v2/a/image/manifests/t").status()).isEqualTo(404);
    }
}
