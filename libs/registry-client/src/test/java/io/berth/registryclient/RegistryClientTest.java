package io.berth.registryclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.testregistry.TestRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RegistryClientTest {
    private static final String REPOSITORY = "team/app";
    private static final byte[] MANIFEST = ("{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_MANIFEST
                    + "\",\"config\":{\"mediaType\":\"" + MediaType.OCI_CONFIG
                    + "\",\"digest\":\"sha256:" + "a".repeat(64) + "\",\"size\":2},\"layers\":[]}")
            .getBytes(StandardCharsets.UTF_8);

    private final TestRegistry registry = new TestRegistry();
    private final RegistryClients clients = new RegistryClients(
            List.of(),
            Mirrors.NONE,
            null,
            new TransferLimits(
                    4, Duration.ofMillis(5), Duration.ofMillis(200), Duration.ofSeconds(5), Duration.ofSeconds(1)));

    @AfterEach
    void stop() {
        clients.close();
        registry.close();
    }

    private RegistryClient client() {
        return client(RegistryCredentials.ANONYMOUS);
    }

    private RegistryClient client(RegistryCredentials credentials) {
        return clients.open(registry.domain(), credentials);
    }

    private static RegistryCredentials user(String name, String password) {
        return new RegistryCredentials(name, password, null, null, null);
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(7).nextBytes(bytes);
        return bytes;
    }

    private static boolean isGetOf(HttpExchange exchange, String part) {
        return exchange.getRequestMethod().equals("GET")
                && exchange.getRequestURI().getPath().contains(part);
    }

    private byte[] pull(RegistryClient client, Digest digest, int size) throws IOException {
        try (InputStream in = client.blob(REPOSITORY, Descriptor.of(MediaType.OCI_LAYER_GZIP, digest, size))) {
            return in.readAllBytes();
        }
    }

    @Test
    void readsManifestsAndTags() throws IOException {
        Digest digest = registry.addManifest(REPOSITORY, "latest", MediaType.OCI_MANIFEST, MANIFEST);
        RemoteManifest byTag = client().manifest(REPOSITORY, "latest");
        assertThat(byTag.digest()).isEqualTo(digest);
        assertThat(byTag.mediaType()).isEqualTo(MediaType.OCI_MANIFEST);
        assertThat(byTag.content()).isEqualTo(MANIFEST);
        assertThat(client().manifest(REPOSITORY, digest.toString()).digest()).isEqualTo(digest);
        assertThat(client().manifestDescriptor(REPOSITORY, "latest"))
                .contains(Descriptor.of(MediaType.OCI_MANIFEST, digest, MANIFEST.length));
        assertThat(client().manifestDescriptor(REPOSITORY, "other")).isEmpty();
        assertThat(client().tags(REPOSITORY)).containsExactly("latest");
    }

    @Test
    void refusesAManifestOfAnotherDigest() {
        Digest wanted = Digest.sha256(new byte[] {1});
        registry.fault(exchange -> {
            if (isGetOf(exchange, "/manifests/")) {
                TestRegistry.send(exchange, 200, MediaType.OCI_MANIFEST, MANIFEST);
                return true;
            }
            return false;
        });
        assertThatThrownBy(() -> client().manifest(REPOSITORY, wanted.toString()))
                .isInstanceOf(RegistryException.class)
                .hasMessage("manifest verification failed for digest " + wanted);
    }

    @Test
    void refusesAmbiguousOversizedAndMislabelledManifests() {
        String descriptor = "{\"mediaType\":\"x/y\",\"digest\":\"sha256:" + "b".repeat(64) + "\",\"size\":1}";
        byte[] both = ("{\"schemaVersion\":2,\"config\":" + descriptor + ",\"layers\":[],\"manifests\":[]}")
                .getBytes(StandardCharsets.UTF_8);
        registry.addManifest(REPOSITORY, "both", MediaType.OCI_MANIFEST, both);
        assertThatThrownBy(() -> client().manifest(REPOSITORY, "both")).hasMessageContaining("neither");
        for (String fields : List.of(
                "\"config\":" + descriptor + ",\"layers\":[],\"layers\":[" + descriptor + "]",
                "\"config\":" + descriptor + ",\"layers\":[],\"Layers\":[" + descriptor + "]",
                "\"config\":" + descriptor + ",\"layers\":[],\"Manifests\":[]",
                "\"layers\":[],\"config\":" + descriptor + ",\"mediaType\":\"" + MediaType.OCI_INDEX + "\"",
                "\"manifests\":[],\"mediaType\":\"" + MediaType.OCI_MANIFEST + "\"",
                "\"manifests\":[]")) {
            registry.addManifest(
                    REPOSITORY,
                    "odd",
                    MediaType.OCI_MANIFEST,
                    ("{\"schemaVersion\":2," + fields + "}").getBytes(StandardCharsets.UTF_8));
            assertThatThrownBy(() -> client().manifest(REPOSITORY, "odd"))
                    .as(fields)
                    .isInstanceOf(RegistryException.class);
        }
        registry.addManifest(REPOSITORY, "label", MediaType.DOCKER_MANIFEST, MANIFEST);
        assertThatThrownBy(() -> client().manifest(REPOSITORY, "label")).hasMessageContaining("was served as");
        byte[] large = Arrays.copyOf(MANIFEST, RemoteManifests.MAX_LENGTH + 1);
        registry.addManifest(REPOSITORY, "large", MediaType.OCI_MANIFEST, large);
        assertThatThrownBy(() -> client().manifest(REPOSITORY, "large")).hasMessageContaining("larger than 4 MiB");
        registry.addManifest(
                REPOSITORY,
                "old",
                "application/vnd.docker.distribution.manifest.v1+prettyjws",
                "{\"schemaVersion\":1}".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> client().manifest(REPOSITORY, "old")).hasMessageContaining("schema 1");
    }

    @Test
    void wordsErrorsAsDockerDoes() {
        assertThatThrownBy(() -> client().manifest(REPOSITORY, "none"))
                .isInstanceOfSatisfying(
                        RegistryException.class, e -> assertThat(e.code()).isEqualTo("MANIFEST_UNKNOWN"))
                .hasMessage("manifest unknown: manifest unknown");
        registry.fault(exchange -> {
            if (isGetOf(exchange, "/html")) {
                TestRegistry.send(exchange, 404, "application/json", "<html>".getBytes(StandardCharsets.UTF_8));
                return true;
            }
            return false;
        });
        assertThatThrownBy(() -> client().manifest(REPOSITORY, "html"))
                .hasMessage(
                        "error parsing HTTP 404 response body: invalid character '<' looking for beginning of value:"
                                + " \"<html>\"");
    }

    @Test
    void saysWhenNobodyListens() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        Instant before = Instant.now();
        assertThatThrownBy(() -> clients.open("127.0.0.1:" + port, RegistryCredentials.ANONYMOUS)
                        .manifest(REPOSITORY, "latest"))
                .hasMessage("Get \"http://127.0.0.1:" + port + "/v2/\": dial tcp 127.0.0.1:" + port
                        + ": connect: connection refused");
        assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(2));
        assertThatThrownBy(() -> clients.open("registry.invalid", RegistryCredentials.ANONYMOUS)
                        .contact())
                .hasMessage("Get \"https://registry.invalid/v2/\": dial tcp: lookup registry.invalid: no such host");
    }

    @Test
    void resumesABlobWhereTheConnectionBroke() throws IOException {
        byte[] content = random(300_000);
        Digest digest = registry.addBlob(REPOSITORY, content);
        AtomicInteger drops = new AtomicInteger();
        registry.fault(exchange -> {
            if (isGetOf(exchange, "/blobs/") && drops.getAndIncrement() == 0) {
                TestRegistry.sendPart(exchange, content, 100_000);
                return true;
            }
            return false;
        });
        assertThat(pull(client(), digest, content.length)).isEqualTo(content);
        assertThat(registry.requests().getLast().header("Range")).matches("bytes=[1-9]\\d*-");
    }

    @Test
    void skipsWhatItHasWhenTheRegistryKnowsNoRanges() throws IOException {
        byte[] content = random(200_000);
        Digest digest = registry.addBlob(REPOSITORY, content);
        AtomicInteger gets = new AtomicInteger();
        registry.fault(exchange -> {
            if (!isGetOf(exchange, "/blobs/")) {
                return false;
            }
            if (gets.getAndIncrement() == 0) {
                TestRegistry.sendPart(exchange, content, 70_000);
            } else {
                TestRegistry.send(exchange, 200, "application/octet-stream", content);
            }
            return true;
        });
        assertThat(pull(client(), digest, content.length)).isEqualTo(content);
        assertThat(gets).hasValue(2);
    }

    @Test
    void givesUpOnABlobThatNeverComes() {
        byte[] content = random(1000);
        Digest digest = registry.addBlob(REPOSITORY, content);
        registry.fault(exchange -> {
            if (isGetOf(exchange, "/blobs/")) {
                TestRegistry.sendPart(exchange, content, 0);
                return true;
            }
            return false;
        });
        assertThatThrownBy(() -> pull(client(), digest, content.length)).isInstanceOf(RegistryException.class);
        assertThat(registry.count("GET", "/blobs/")).isEqualTo(4);
    }

    @Test
    void replacesAConnectionThatFallsSilent() throws Exception {
        byte[] content = random(100_000);
        Digest digest = registry.addBlob(REPOSITORY, content);
        AtomicInteger gets = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(1);
        registry.fault(exchange -> {
            if (isGetOf(exchange, "/blobs/") && gets.getAndIncrement() == 0) {
                exchange.sendResponseHeaders(200, content.length);
                exchange.getResponseBody().write(content, 0, 10_000);
                exchange.getResponseBody().flush();
                await(done);
                return true;
            }
            return false;
        });
        assertThat(pull(client(), digest, content.length)).isEqualTo(content);
        done.countDown();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void retriesTooManyRequestsAndServerErrors() throws IOException {
        registry.addManifest(REPOSITORY, "latest", MediaType.OCI_MANIFEST, MANIFEST);
        AtomicInteger requests = new AtomicInteger();
        registry.fault(exchange -> {
            if (!isGetOf(exchange, "/manifests/")) {
                return false;
            }
            switch (requests.getAndIncrement()) {
                case 0 -> {
                    exchange.getResponseHeaders().set("Retry-After", "0");
                    TestRegistry.error(exchange, 429, "TOOMANYREQUESTS", "slow down");
                    return true;
                }
                case 1 -> {
                    exchange.sendResponseHeaders(500, -1);
                    return true;
                }
                default -> {
                    return false;
                }
            }
        });
        assertThat(client().manifest(REPOSITORY, "latest").content()).isEqualTo(MANIFEST);
        assertThat(requests).hasValue(3);
    }

    @Test
    void givesUpOnLastingServerErrors() {
        registry.fault(exchange -> {
            if (isGetOf(exchange, "/manifests/")) {
                exchange.sendResponseHeaders(500, -1);
                return true;
            }
            return false;
        });
        assertThatThrownBy(() -> client().manifest(REPOSITORY, "latest"))
                .hasMessage("received unexpected HTTP status: 500 Internal Server Error");
        assertThat(registry.count("GET", "/manifests/")).isEqualTo(4);
    }

    @Test
    void dropsAuthorizationOnRedirectsToAnotherHost() throws IOException {
        byte[] content = random(5000);
        try (TestRegistry storage = new TestRegistry("127.0.0.2")) {
            Digest digest = storage.addBlob("bucket", content);
            requireBasic(registry, "u", "p");
            registry.fault(exchange -> {
                if (isGetOf(exchange, "/blobs/")) {
                    exchange.getResponseHeaders()
                            .set("Location", "http://" + storage.domain() + "/v2/bucket/blobs/" + digest + "?sig=1");
                    exchange.sendResponseHeaders(307, -1);
                    return true;
                }
                return false;
            });
            assertThat(pull(client(user("u", "p")), digest, content.length)).isEqualTo(content);
            assertThat(storage.requests())
                    .singleElement()
                    .satisfies(request -> assertThat(request.headers()).doesNotContainKey("Authorization"));
        }
    }

    @Test
    void stopsAfterTooManyRedirects() {
        registry.fault(exchange -> {
            if (isGetOf(exchange, "/blobs/")) {
                exchange.getResponseHeaders()
                        .set("Location", exchange.getRequestURI().toString());
                exchange.sendResponseHeaders(307, -1);
                return true;
            }
            return false;
        });
        assertThatThrownBy(() -> pull(client(), Digest.sha256(new byte[1]), 1)).hasMessageContaining("redirects");
    }

    private static void requireBasic(TestRegistry registry, String user, String password) {
        String expected =
                "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        registry.fault(exchange -> {
            if (expected.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                return false;
            }
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"test\"");
            TestRegistry.error(exchange, 401, "UNAUTHORIZED", "authentication required");
            return true;
        });
    }

    @Test
    void authorisesWithBasic() throws IOException {
        registry.addManifest(REPOSITORY, "latest", MediaType.OCI_MANIFEST, MANIFEST);
        requireBasic(registry, "u", "p:ä");
        assertThat(client(user("u", "p:ä")).manifest(REPOSITORY, "latest").content())
                .isEqualTo(MANIFEST);
        assertThatThrownBy(() -> client(user("u", "wrong")).manifest(REPOSITORY, "latest"))
                .hasMessage("unauthorized: authentication required");
        assertThatThrownBy(() -> client().manifest(REPOSITORY, "latest"))
                .hasMessageContaining("no basic auth credentials");
    }

    @Test
    void fetchesTokensByScopeAndKeepsThem() throws IOException {
        registry.addManifest(REPOSITORY, "latest", MediaType.OCI_MANIFEST, MANIFEST);
        byte[] content = random(10);
        Digest digest = registry.addBlob(REPOSITORY, content);
        try (TestRegistry realm = tokenRealm("{\"token\":\"t\"}")) {
            requireBearer("t", realm);
            RegistryClient client = client(user("u", "p"));
            assertThat(client.manifest(REPOSITORY, "latest").content()).isEqualTo(MANIFEST);
            assertThat(pull(client, digest, 10)).isEqualTo(content);
            assertThat(realm.requests()).singleElement().satisfies(request -> {
                assertThat(request.uri().getQuery())
                        .contains("service=test", "scope=repository:" + REPOSITORY + ":pull", "account=u");
                assertThat(request.header("Authorization")).startsWith("Basic ");
            });
        }
    }

    @Test
    void replacesATokenThatIsNoLongerTaken() throws IOException {
        registry.addManifest(REPOSITORY, "latest", MediaType.OCI_MANIFEST, MANIFEST);
        AtomicInteger issued = new AtomicInteger();
        try (TestRegistry realm = new TestRegistry()) {
            realm.fault(exchange -> {
                TestRegistry.send(
                        exchange,
                        200,
                        "application/json",
                        ("{\"access_token\":\"t" + issued.incrementAndGet() + "\",\"expires_in\":3600}")
                                .getBytes(StandardCharsets.UTF_8));
                return true;
            });
            AtomicInteger valid = new AtomicInteger(1);
            registry.fault(exchange -> refuseUnless("Bearer t" + valid.get(), realm, exchange));
            RegistryClient client = client(user("u", "p"));
            assertThat(client.manifest(REPOSITORY, "latest").content()).isEqualTo(MANIFEST);
            valid.set(2);
            assertThat(client.manifest(REPOSITORY, "latest").content()).isEqualTo(MANIFEST);
            assertThat(issued).hasValue(2);
        }
    }

    @Test
    void usesIdentityTokensOnlyAtTheRealm() throws IOException {
        registry.addManifest(REPOSITORY, "latest", MediaType.OCI_MANIFEST, MANIFEST);
        try (TestRegistry realm = tokenRealm("{\"access_token\":\"t\"}")) {
            requireBearer("t", realm);
            RegistryCredentials identity = new RegistryCredentials(null, null, "refresh-me", null, null);
            assertThat(client(identity).manifest(REPOSITORY, "latest").content())
                    .isEqualTo(MANIFEST);
            assertThat(realm.requests())
                    .singleElement()
                    .satisfies(request -> assertThat(request.method()).isEqualTo("POST"));
            assertThat(registry.requests().toString()).doesNotContain("refresh-me");
        }
    }

    @Test
    void tellsInsufficientScopeAsDenied() throws IOException {
        try (TestRegistry realm = tokenRealm("{\"token\":\"t\"}")) {
            registry.fault(exchange -> {
                exchange.getResponseHeaders()
                        .set(
                                "WWW-Authenticate",
                                "Bearer realm=\"http://" + realm.domain()
                                        + "/token\",service=\"test\",error=\"insufficient_scope\"");
                TestRegistry.error(exchange, 401, "UNAUTHORIZED", "authentication required");
                return true;
            });
            assertThatThrownBy(() -> client().manifest(REPOSITORY, "latest"))
                    .isInstanceOfSatisfying(
                            RegistryException.class, e -> assertThat(e.code()).isEqualTo("DENIED"))
                    .hasMessage("denied: requested access to the resource is denied");
        }
    }

    private static TestRegistry tokenRealm(String answer) {
        TestRegistry realm = new TestRegistry();
        realm.fault(exchange -> {
            TestRegistry.send(exchange, 200, "application/json", answer.getBytes(StandardCharsets.UTF_8));
            return true;
        });
        return realm;
    }

    private void requireBearer(String token, TestRegistry realm) {
        registry.fault(exchange -> refuseUnless("Bearer " + token, realm, exchange));
    }

    private static boolean refuseUnless(String header, TestRegistry realm, HttpExchange exchange) throws IOException {
        if (header.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            return false;
        }
        exchange.getResponseHeaders()
                .set("WWW-Authenticate", "Bearer realm=\"http://" + realm.domain() + "/token\",service=\"test\"");
        TestRegistry.error(exchange, 401, "UNAUTHORIZED", "authentication required");
        return true;
    }

    @Test
    void sendsNoCredentialsMeantForAnotherRegistry() throws IOException {
        registry.addManifest(REPOSITORY, "latest", MediaType.OCI_MANIFEST, MANIFEST);
        requireBasic(registry, "u", "p");
        RegistryCredentials other = new RegistryCredentials("u", "p", null, null, "registry.example.org");
        assertThatThrownBy(() -> client(other).manifest(REPOSITORY, "latest")).hasMessageContaining("no basic auth");
        RegistryCredentials encrypted = new RegistryCredentials("u", "p", null, null, "https://" + registry.domain());
        assertThatThrownBy(() -> client(encrypted).manifest(REPOSITORY, "latest"))
                .hasMessageContaining("no basic auth");
        RegistryCredentials right = new RegistryCredentials("u", "p", null, null, registry.domain());
        assertThat(client(right).manifest(REPOSITORY, "latest").content()).isEqualTo(MANIFEST);
    }

    @Test
    void uploadsABlobInOneGo() throws IOException {
        byte[] content = random(200_000);
        Descriptor blob = Descriptor.of(MediaType.OCI_LAYER_GZIP, Digest.sha256(content), content.length);
        AtomicLong sent = new AtomicLong();
        assertThat(client().blobExists(REPOSITORY, blob.digest())).isFalse();
        client().uploadBlob(REPOSITORY, blob, () -> new ByteArrayInputStream(content), sent::set);
        assertThat(registry.blob(REPOSITORY, blob.digest())).isEqualTo(content);
        assertThat(client().blobExists(REPOSITORY, blob.digest())).isTrue();
        assertThat(sent).hasValue(content.length);
        byte[] nothing = new byte[0];
        Descriptor empty = Descriptor.of(MediaType.OCI_EMPTY, Digest.sha256(nothing), 0);
        client().uploadBlob(REPOSITORY, empty, () -> new ByteArrayInputStream(nothing), _ -> {});
        assertThat(registry.hasBlob(REPOSITORY, empty.digest())).isTrue();
    }

    @Test
    void goesOnWithAnUploadWhereItBroke() throws IOException {
        byte[] content = random(500_000);
        Descriptor blob = Descriptor.of(MediaType.OCI_LAYER_GZIP, Digest.sha256(content), content.length);
        AtomicInteger patches = new AtomicInteger();
        registry.fault(exchange -> {
            if (exchange.getRequestMethod().equals("PATCH") && patches.getAndIncrement() == 0) {
                registry.receivePart(exchange, 100_000);
                return true;
            }
            return false;
        });
        client().uploadBlob(REPOSITORY, blob, () -> new ByteArrayInputStream(content), _ -> {});
        assertThat(registry.blob(REPOSITORY, blob.digest())).isEqualTo(content);
        assertThat(registry.requests())
                .anySatisfy(
                        request -> assertThat(request.header("Content-range")).isEqualTo("100000-499999"));
    }

    @Test
    void mountsFromAnotherRepository() throws IOException {
        Digest digest = registry.addBlob("base/os", random(10));
        assertThat(client().mountBlob(REPOSITORY, digest, "base/os")).isTrue();
        assertThat(registry.hasBlob(REPOSITORY, digest)).isTrue();
        assertThat(client().mountBlob(REPOSITORY, Digest.sha256(new byte[2]), "base/os"))
                .isFalse();
        assertThat(registry.count("DELETE", "/blobs/uploads/")).isEqualTo(1);
    }

    @Test
    void logsIn() throws IOException {
        requireBasic(registry, "u", "p");
        RegistryCredentials right = new RegistryCredentials("u", "p", null, null, registry.domain());
        assertThat(clients.login(right)).isEmpty();
        RegistryCredentials wrong = new RegistryCredentials("u", "x", null, null, registry.domain());
        assertThatThrownBy(() -> clients.login(wrong))
                .isInstanceOfSatisfying(
                        RegistryException.class, e -> assertThat(e.status()).isEqualTo(401))
                .hasMessage(
                        "login attempt to http://" + registry.domain() + "/v2/ failed with status: 401 Unauthorized");
    }

    @Test
    void logsInForAnIdentityToken() throws IOException {
        try (TestRegistry realm = tokenRealm("{\"token\":\"t\",\"refresh_token\":\"r\"}")) {
            requireBearer("t", realm);
            assertThat(clients.login(new RegistryCredentials("u", "p", null, null, registry.domain())))
                    .contains("r");
            assertThat(realm.requests().getFirst().uri().getQuery()).contains("offline_token=true");
        }
    }

    @Test
    void reportsSilenceBeforeTheHeaders() {
        CountDownLatch done = new CountDownLatch(1);
        registry.fault(exchange -> {
            await(done);
            return true;
        });
        assertThatThrownBy(() -> client().contact())
                .hasMessageContaining("timeout awaiting response headers")
                .hasCauseInstanceOf(HttpTimeoutException.class);
        done.countDown();
    }
}
