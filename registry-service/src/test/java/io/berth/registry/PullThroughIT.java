package io.berth.registry;

import static io.berth.registry.TestRegistry.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.registry.TestRegistry.Answer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A registry as a cache of two others, one of which misbehaves in every way. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PullThroughIT {
    private static final String AUTHORIZATION =
            "Basic " + Base64.getEncoder().encodeToString("robot:s3cret".getBytes(StandardCharsets.UTF_8));

    @TempDir
    static Path directory;

    private final io.berth.testregistry.TestRegistry first = new io.berth.testregistry.TestRegistry();
    private final io.berth.testregistry.TestRegistry second = new io.berth.testregistry.TestRegistry();
    /** On an address that no upstream may be at. */
    private final io.berth.testregistry.TestRegistry inside = new io.berth.testregistry.TestRegistry("127.0.0.2");

    @SuppressWarnings("NullAway.Init") // set before any test runs
    private TestRegistry cache;

    @BeforeAll
    void start() throws IOException {
        Path password = Files.writeString(directory.resolve("password"), "s3cret\n");
        cache = TestRegistry.start(
                directory,
                "--berth.registry.pull-through.fresh=0s",
                "--berth.registry.pull-through.retry=0s",
                "--berth.registry.pull-through.max-blob-size=16MB",
                "--berth.registry.pull-through.upstreams[0].registry=" + first.domain(),
                "--berth.registry.pull-through.upstreams[0].prefix=first",
                "--berth.registry.pull-through.upstreams[0].username=robot",
                "--berth.registry.pull-through.upstreams[0].password-file=" + password,
                "--berth.registry.pull-through.upstreams[0].allowed-addresses=127.0.0.1/32",
                "--berth.registry.pull-through.upstreams[1].registry=" + second.domain(),
                "--berth.registry.pull-through.upstreams[1].prefix=team/second",
                "--berth.registry.pull-through.upstreams[1].allowed-addresses=127.0.0.1/32",
                "--berth.registry.pull-through.upstreams[2].registry=" + inside.domain(),
                "--berth.registry.pull-through.upstreams[2].prefix=inside");
    }

    @AfterEach
    void behave() {
        first.clearFaults();
        second.clearFaults();
    }

    @AfterAll
    void stop() {
        cache.close();
        first.close();
        second.close();
        inside.close();
    }

    private static byte[] random(int seed, int size) {
        byte[] content = new byte[size];
        new Random(seed).nextBytes(content);
        return content;
    }

    /** An image of one layer, put into a registry under a tag. */
    private static Digest image(
            io.berth.testregistry.TestRegistry registry, String repository, String tag, byte[] layer) {
        byte[] config = bytes("{\"architecture\":\"amd64\",\"os\":\"linux\",\"of\":\"" + Digest.sha256(layer) + "\"}");
        registry.addBlob(repository, config);
        registry.addBlob(repository, layer);
        return registry.addManifest(repository, tag, MediaType.OCI_MANIFEST, bytes("""
            {"schemaVersion":2,"mediaType":"%s",
            "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%d},
            "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%s","size":%d}]}\
            """.formatted(
                MediaType.OCI_MANIFEST, Digest.sha256(config), config.length, Digest.sha256(layer), layer.length)));
    }

    private Answer manifest(String name, String reference) {
        return cache.get("/v2/" + name + "/manifests/" + reference);
    }

    private Answer blob(String name, byte[] content) {
        return cache.get("/v2/" + name + "/blobs/" + Digest.sha256(content));
    }

    @Test
    void fetchesOnceAndServesByItself() {
        byte[] layer = random(1, 300_000);
        Digest digest = image(first, "a/app", "1", layer);

        assertThat(manifest("first/a/app", "1").header("Docker-Content-Digest")).isEqualTo(digest.toString());
        assertThat(blob("first/a/app", layer).body()).isEqualTo(layer);
        first.fault(exchange -> refused(exchange, 503));

        assertThat(blob("first/a/app", layer).body()).isEqualTo(layer);
        assertThat(manifest("first/a/app", digest.toString()).status()).isEqualTo(200);
        assertThat(first.count("GET", Digest.sha256(layer).toString())).isEqualTo(1);
    }

    private static boolean refused(HttpExchange exchange, int status) throws IOException {
        io.berth.testregistry.TestRegistry.error(exchange, status, "UNSUPPORTED", "not now");
        return true;
    }

    @Test
    void followsATagAndServesTheLastKnownImageWhileNobodyAnswers() {
        image(first, "a/moving", "latest", random(2, 1000));
        manifest("first/a/moving", "latest");
        Digest moved = image(first, "a/moving", "latest", random(3, 1000));
        assertThat(manifest("first/a/moving", "latest").header("Docker-Content-Digest"))
                .isEqualTo(moved.toString());

        first.fault(exchange -> refused(exchange, 503));
        assertThat(manifest("first/a/moving", "latest").header("Docker-Content-Digest"))
                .isEqualTo(moved.toString());
        assertThat(manifest("first/a/unheard-of", "latest").status()).isEqualTo(502);
    }

    @Test
    void forgetsATagThatIsGoneButKeepsWhatItMeant() {
        Digest digest = image(first, "a/gone", "1", random(4, 1000));
        manifest("first/a/gone", "1");
        first.fault(exchange -> exchange.getRequestURI().getPath().endsWith("/manifests/1") && refused(exchange, 404));

        assertThat(manifest("first/a/gone", "1").status()).isEqualTo(404);
        assertThat(manifest("first/a/gone", digest.toString()).status()).isEqualTo(200);
    }

    @Test
    void isAskedByNamespace() {
        byte[] layer = random(5, 1000);
        image(second, "a/named", "1", layer);
        Answer answer = cache.get("/v2/a/named/manifests/1?ns=" + second.domain());
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("OCI-Namespace")).isEqualTo(second.domain());
        assertThat(manifest("team/second/a/named", "1").status()).isEqualTo(200);
    }

    @Test
    void doesNotAnswerForAnotherRegistryWithItsOwnRepositories() {
        cache.blob("a/own", bytes("own"));
        assertThat(blob("a/own", bytes("own")).status()).isEqualTo(200);
        Answer answer = cache.get("/v2/a/own/blobs/" + Digest.sha256(bytes("own")) + "?ns=registry.example");
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.text()).contains("NAME_UNKNOWN");
    }

    @Test
    void takesNoPushes() {
        Answer answer = cache.post("/v2/first/a/app/blobs/uploads/");
        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.text()).contains("cache of");
    }

    @Test
    void fetchesABlobOnceForAllWhoWantItAtTheSameTime() throws Exception {
        byte[] layer = random(6, 2_000_000);
        image(first, "a/crowd", "1", layer);
        manifest("first/a/crowd", "1");
        CountDownLatch allAsk = new CountDownLatch(1);
        first.fault(exchange -> {
            if (exchange.getRequestMethod().equals("GET")
                    && exchange.getRequestURI().getPath().contains("/blobs/")) {
                await(allAsk);
            }
            return false;
        });
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Answer>> answers = new ArrayList<>();
            for (int client = 0; client < 8; client++) {
                answers.add(clients.submit(() -> blob("first/a/crowd", layer)));
            }
            allAsk.countDown();
            for (Future<Answer> answer : answers) {
                assertThat(answer.get().body()).isEqualTo(layer);
            }
        }
        assertThat(first.count("GET", Digest.sha256(layer).toString())).isEqualTo(1);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void sendsCredentialsToTheirRegistryOnly() {
        image(first, "a/secret", "1", random(7, 1000));
        image(second, "a/secret", "1", random(7, 1000));
        first.fault(exchange -> {
            if (AUTHORIZATION.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                return false;
            }
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"first\"");
            return refused(exchange, 401);
        });
        assertThat(manifest("first/a/secret", "1").status()).isEqualTo(200);
        second.fault(exchange -> {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"first\"");
            return refused(exchange, 401);
        });
        assertThat(manifest("team/second/a/secret", "1").status()).isEqualTo(404);
        assertThat(second.requests())
                .allMatch(request -> request.header("Authorization").isEmpty());
    }

    @Test
    void refusesAndForgetsABlobOfAnotherDigest() {
        byte[] layer = random(8, 100_000);
        image(first, "a/lie", "1", layer);
        byte[] other = layer.clone();
        other[50_000]++;
        first.addBlob("a/lie", Digest.sha256(layer), other);
        manifest("first/a/lie", "1");

        assertThatThrownBy(() -> blob("first/a/lie", layer)).isNotNull();
        first.addBlob("a/lie", Digest.sha256(layer), layer);
        assertThat(blob("first/a/lie", layer).body()).isEqualTo(layer);
    }

    @Test
    void refusesAManifestOfAnotherDigest() {
        Digest digest = image(first, "a/other", "1", random(9, 1000));
        first.addManifest("a/other", digest.toString(), MediaType.OCI_MANIFEST, bytes("{\"schemaVersion\":2}"));
        assertThat(manifest("first/a/other", digest.toString()).status()).isEqualTo(502);
    }

    @Test
    void takesNoMoreOfABlobThanItsRegistryAnnounced() {
        byte[] layer = random(10, 100_000);
        image(first, "a/endless", "1", layer);
        first.fault(exchange -> {
            if (!exchange.getRequestURI()
                            .getPath()
                            .endsWith(Digest.sha256(layer).toString())
                    || exchange.getRequestMethod().equals("HEAD")) {
                return false;
            }
            exchange.sendResponseHeaders(200, 0); // chunked, and it never ends
            try (OutputStream out = exchange.getResponseBody()) {
                byte[] more = random(11, 64 * 1024);
                while (true) {
                    out.write(more);
                }
            }
        });
        assertThatThrownBy(() -> blob("first/a/endless", layer)).isNotNull();
    }

    @Test
    void refusesABlobThatIsLargerThanConfigured() {
        byte[] layer = random(12, 1000);
        image(first, "a/huge", "1", layer);
        first.fault(exchange -> {
            if (!exchange.getRequestMethod().equals("HEAD")
                    || !exchange.getRequestURI().getPath().contains("/blobs/")) {
                return false;
            }
            exchange.getResponseHeaders().set("Content-Length", "1000000000000");
            exchange.sendResponseHeaders(200, -1);
            return true;
        });
        assertThat(blob("first/a/huge", layer).status()).isEqualTo(502);
    }

    @Test
    void refusesAHugeManifest() {
        byte[] huge = new byte[5 << 20];
        Arrays.fill(huge, (byte) ' ');
        first.addManifest("a/large", "1", MediaType.OCI_MANIFEST, huge);
        assertThat(manifest("first/a/large", "1").status()).isEqualTo(502);
    }

    @Test
    void isNotSentToPrivateAddresses() {
        byte[] layer = random(13, 1000);
        image(first, "a/redirected", "1", layer);
        inside.addBlob("a/redirected", layer);
        first.fault(exchange -> {
            if (!exchange.getRequestURI().getPath().contains("/blobs/")) {
                return false;
            }
            exchange.getResponseHeaders()
                    .set(
                            "Location",
                            "http://" + inside.domain()
                                    + exchange.getRequestURI().getPath());
            exchange.sendResponseHeaders(307, -1);
            return true;
        });
        assertThat(blob("first/a/redirected", layer).status()).isEqualTo(502);
        assertThat(manifest("inside/a/redirected", "1").status()).isEqualTo(502);
        assertThat(inside.requests()).isEmpty();
    }

    @Test
    void servesSignaturesAsReferrers() {
        second.serveReferrers();
        Digest subject = image(second, "a/signed", "1", random(14, 1000));
        byte[] empty = bytes("{}");
        second.addBlob("a/signed", empty);
        second.addManifest("a/signed", "sig", MediaType.OCI_MANIFEST, bytes("""
            {"schemaVersion":2,"mediaType":"%s","artifactType":"application/example",
            "config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"%s","size":2},"layers":[],
            "subject":{"mediaType":"%s","digest":"%s","size":1}}\
            """.formatted(
                        MediaType.OCI_MANIFEST, Digest.sha256(empty), MediaType.OCI_MANIFEST, subject)));
        manifest("team/second/a/signed", "1");
        assertThat(cache.get("/v2/team/second/a/signed/referrers/" + subject).text())
                .contains("application/example");
    }

    @Test
    void answersPartsAndQuestionsLikeAnyRepository() {
        byte[] layer = random(15, 10_000);
        image(first, "a/parts", "1", layer);
        String path = "/v2/first/a/parts/blobs/" + Digest.sha256(layer);
        assertThat(cache.head(path).header("Content-Length")).isEqualTo("10000");
        Answer part = cache.send("GET", path, Map.of("Range", "bytes=10-19"), null);
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(layer, 10, 20));
        assertThat(cache.get("/v2/first/a/parts/blobs/" + Digest.sha256(bytes("none")))
                        .status())
                .isEqualTo(404);
    }
}
