package io.berth.registry;

import static io.berth.registry.TestRegistry.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.registry.TestRegistry.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Quotas and immutable tags as clients meet them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LimitsIT {
    @TempDir
    static Path directory;

    @SuppressWarnings("NullAway.Init") // set before any test runs
    private TestRegistry registry;

    @BeforeAll
    void start() throws IOException {
        registry = TestRegistry.start(
                directory,
                "--berth.registry.limits.immutable-tags[0].prefix=release",
                "--berth.registry.limits.immutable-tags[0].tags=v[0-9.]+",
                "--berth.registry.limits.quotas[0].prefix=small",
                "--berth.registry.limits.quotas[0].bytes=10KB",
                "--berth.registry.limits.quotas[1].prefix=few",
                "--berth.registry.limits.quotas[1].manifests=2",
                "--berth.registry.limits.quotas[2].prefix=busy",
                "--berth.registry.limits.quotas[2].bytes=50KB");
    }

    @AfterAll
    void stop() {
        registry.close();
    }

    private Answer push(String name, String tag, String content) {
        Digest config = registry.blob(name, bytes(content));
        return registry.put("/v2/" + name + "/manifests/" + tag, MediaType.OCI_MANIFEST, bytes("""
            {"schemaVersion":2,"mediaType":"%s","config":
            {"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%d},"layers":[]}\
            """.formatted(
                        MediaType.OCI_MANIFEST, config, content.length())));
    }

    private Answer blob(String name, int size, int seed) {
        byte[] content = new byte[size];
        content[0] = (byte) seed;
        return registry.send(
                "POST",
                "/v2/" + name + "/blobs/uploads/?digest=" + Digest.sha256(content),
                Map.of("Content-Type", "application/octet-stream"),
                content);
    }

    private static void assertDenied(Answer answer, String reason) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(403);
        assertThat(answer.text()).contains("DENIED").contains(reason);
    }

    @Test
    void anImmutableTagNeitherMovesNorGoes() {
        Answer first = push("release/app", "v1.0", "{\"a\":1}");
        assertThat(first.status()).isEqualTo(201);
        String digest = first.header("Docker-Content-Digest");

        assertThat(push("release/app", "v1.0", "{\"a\":1}").status())
                .as("the same again")
                .isEqualTo(201);
        assertDenied(push("release/app", "v1.0", "{\"a\":2}"), "tag v1.0 of release/app is immutable");
        assertDenied(registry.delete("/v2/release/app/manifests/v1.0"), "immutable");
        assertDenied(registry.delete("/v2/release/app/manifests/" + digest), "immutable");
        assertThat(registry.get("/v2/release/app/manifests/v1.0").header("Docker-Content-Digest"))
                .isEqualTo(digest);
    }

    @Test
    void otherTagsAndRepositoriesMove() {
        push("release/app", "latest", "{\"b\":1}");
        assertThat(push("release/app", "latest", "{\"b\":2}").status()).isEqualTo(201);
        push("released/app", "v1.0", "{\"b\":1}");
        assertThat(push("released/app", "v1.0", "{\"b\":2}").status()).isEqualTo(201);
        assertThat(registry.delete("/v2/released/app/manifests/v1.0").status()).isEqualTo(202);
    }

    @Test
    void aManifestPushedByDigestWithAnImmutableTagIsRefusedWhole() {
        push("release/many", "v1", "{\"c\":1}");
        byte[] other = bytes("""
            {"schemaVersion":2,"mediaType":"%s","manifests":[]}\
            """.formatted(MediaType.OCI_INDEX));
        Answer answer = registry.put(
                "/v2/release/many/manifests/" + Digest.sha256(other) + "?tag=free&tag=v1", MediaType.OCI_INDEX, other);
        assertDenied(answer, "immutable");
        assertThat(registry.get("/v2/release/many/manifests/free").status()).isEqualTo(404);
    }

    @Test
    void bytesAreCountedOverAllRepositoriesOfThePrefix() {
        assertThat(blob("small/a", 6000, 1).status()).isEqualTo(201);
        assertDenied(blob("small/b", 6000, 2), "quota of small exceeded: 6000 of 10240 bytes are used, 6000 more");
        assertThat(blob("small/a", 6000, 1).status())
                .as("what is there already")
                .isEqualTo(201);
        assertThat(blob("smaller/b", 6000, 2).status()).isEqualTo(201);

        // A blob that is in another repository is no way around.
        Answer mounted = registry.post("/v2/small/c/blobs/uploads/?mount=" + digest(6000, 2) + "&from=smaller/b");
        assertDenied(mounted, "quota of small exceeded");

        registry.delete("/v2/small/a/blobs/" + digest(6000, 1));
        assertThat(blob("small/b", 6000, 2).status()).as("after something went").isEqualTo(201);
    }

    private static Digest digest(int size, int seed) {
        byte[] content = new byte[size];
        content[0] = (byte) seed;
        return Digest.sha256(content);
    }

    @Test
    void manifestsAreCounted() {
        assertThat(push("few/a", "1", "{\"d\":1}").status()).isEqualTo(201);
        assertThat(push("few/b", "1", "{\"d\":2}").status()).isEqualTo(201);
        assertThat(push("few/b", "2", "{\"d\":2}").status()).as("one more tag").isEqualTo(201);
        assertDenied(push("few/c", "1", "{\"d\":3}"), "it may have 2 manifests");
    }

    @Test
    void pushesAtTheSameTimeStayBelowItTogether() throws Exception {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> answers = new ArrayList<>();
            for (int client = 1; client <= 16; client++) {
                byte[] content = new byte[10_000];
                content[0] = (byte) client;
                String name = "busy/" + client;
                answers.add(clients.submit(() -> registry.send(
                                "POST",
                                "/v2/" + name + "/blobs/uploads/?digest=" + Digest.sha256(content),
                                Map.of("Content-Type", "application/octet-stream"),
                                content)
                        .status()));
            }
            int taken = 0;
            for (Future<Integer> answer : answers) {
                taken += answer.get() == 201 ? 1 : 0;
            }
            assertThat(taken).isEqualTo(5);
        }
    }

    /** CVE-2026-41888: one of the three forms was forgotten. */
    @Test
    void whereDeletionIsOffNothingIsDeletedInAnyForm() throws IOException {
        try (TestRegistry other = TestRegistry.start(
                Files.createDirectories(directory.resolve("kept")), "--berth.registry.limits.deletion=false")) {
            TestImage image = TestImage.of(other, "team/app", "kept").push(other, "t");
            Digest blob = other.blob("team/app", bytes("kept"));
            for (String path : List.of(
                    image.path("t"),
                    image.path(image.digest()),
                    "/v2/team/app/blobs/" + blob,
                    "/v2/team/app/manifests/none",
                    "/v2/team/none/blobs/" + blob)) {
                Answer answer = other.delete(path);
                assertThat(answer.status()).as(path).isEqualTo(405);
                assertThat(answer.text()).as(path).contains("\"code\":\"UNSUPPORTED\"");
                assertThat(answer.header("Allow"))
                        .as(path)
                        .startsWith("GET, HEAD")
                        .doesNotContain("DELETE");
            }
            assertThat(other.get(image.path("t")).status()).isEqualTo(200);
            assertThat(other.get(image.path(image.digest())).status()).isEqualTo(200);
            assertThat(other.get("/v2/team/app/blobs/" + blob).status()).isEqualTo(200);
            String upload = other.post("/v2/team/app/blobs/uploads/").header("Location");
            assertThat(other.delete(upload).status()).as("an upload may end").isEqualTo(204);
        }
    }
}
