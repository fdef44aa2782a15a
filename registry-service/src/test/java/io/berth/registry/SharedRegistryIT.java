package io.berth.registry;

import static io.berth.registry.TestRegistry.bytes;
import static io.berth.registry.TestRegistry.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.registry.TestRegistry.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several registry processes on one PostgreSQL and one bucket: one runs in this process, another beside it and is killed. */
class SharedRegistryIT {
    /** What one process changes is seen by the others after a second; the rest is for a busy machine. */
    private static final long SEEN_SECONDS = 10;

    private static final String PASSWORD = "correct horse";

    @TempDir
    static Path directory;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private static PostgresServer postgres;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private static MemoryS3 s3;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private static TestRegistry one;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private static TestRegistry two;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private static RegistryProcess process;

    @BeforeAll
    static void start() throws Exception {
        postgres = PostgresServer.start();
        s3 = new MemoryS3();
        // Both at the same moment, on an empty database: one makes its tables and the first administrator.
        Path second = Files.createDirectory(directory.resolve("two"));
        List<String> settings = settings(second);
        Future<RegistryProcess> started =
                Started.of(() -> RegistryProcess.start(second, settings.toArray(String[]::new)));
        Path first = Files.createDirectory(directory.resolve("one"));
        one = TestRegistry.start(first, settings(first).toArray(String[]::new));
        process = started.get();
        two = new TestRegistry(second);
    }

    /** Work in a thread of its own, whose failure its caller sees. */
    private static final class Started {
        static <T> Future<T> of(Callable<T> work) {
            FutureTask<T> task = new FutureTask<>(work);
            Thread.ofPlatform().daemon().start(task);
            return task;
        }
    }

    private static List<String> settings(Path own) throws IOException {
        List<String> settings = new ArrayList<>(s3.settings(own));
        settings.addAll(postgres.settings("shared"));
        settings.addAll(List.of(
                "--berth.registry.access=private",
                "--berth.registry.webhook.allow-private=true",
                "--berth.registry.gc.grace=5s",
                "--berth.registry.gc.delay=1s",
                "--berth.registry.gc.untagged=true",
                "--berth.registry.gc.schedule.interval=20ms"));
        return settings;
    }

    @AfterAll
    static void stop() {
        process.close();
        one.close();
        s3.close();
        postgres.close();
    }

    /** A killed process comes back for the next test. */
    @AfterEach
    void bothRun() throws Exception {
        if (!process.isAlive()) {
            Path second = directory.resolve("two");
            process = RegistryProcess.start(second, settings(second).toArray(String[]::new));
        }
    }

    private static Person administrator(TestRegistry registry) throws IOException {
        TestRegistry first = Files.exists(one.data().resolve("admin-password")) ? one : two;
        String password = Files.readString(first.data().resolve("admin-password"));
        return Person.login(registry, "admin", password.strip());
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SEEN_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            Thread.sleep(100);
        }
    }

    @Test
    void thereIsOneFirstAdministrator() throws IOException {
        assertThat(List.of(one, two))
                .filteredOn(registry -> Files.exists(registry.data().resolve("admin-password")))
                .hasSize(1);
        for (TestRegistry registry : List.of(one, two)) {
            assertThat(administrator(registry).get("/berth/registry/accounts").status())
                    .isEqualTo(200);
        }
    }

    @Test
    void whatOneHasTheOtherHas() throws Exception {
        Digest config = one.blob("shared/image", bytes("{}"));
        byte[] manifest = manifest(config, 2, "");
        assertThat(two.put("/v2/shared/image/manifests/t", MediaType.OCI_MANIFEST, manifest)
                        .status())
                .isEqualTo(201);
        assertThat(one.get("/v2/shared/image/manifests/t").body()).isEqualTo(manifest);
        byte[] next = manifest(config, 2, ",\"annotations\":{\"n\":\"2\"}");
        assertThat(one.put("/v2/shared/image/manifests/t", MediaType.OCI_MANIFEST, next)
                        .status())
                .isEqualTo(201);
        assertThat(two.get("/v2/shared/image/manifests/t").body())
                .as("a tag that has moved")
                .isEqualTo(next);
        assertThat(two.get("/v2/shared/image/blobs/" + config).text()).isEqualTo("{}");
        assertThat(one.delete("/v2/shared/image/manifests/" + Digest.sha256(next))
                        .status())
                .isEqualTo(202);
        assertThat(two.get("/v2/shared/image/manifests/t").status()).isEqualTo(404);
    }

    @Test
    void whatIsTakenOnOneIsDeniedByTheOther() throws Exception {
        one.put("/v2/team/app/manifests/t", MediaType.OCI_MANIFEST, manifest(one.blob("team/app", bytes("{}")), 2, ""));
        Person admin = administrator(one);
        assertThat(admin.post(
                                "/berth/registry/accounts",
                                "{\"name\":\"alice\",\"password\":\"" + PASSWORD + "\",\"groups\":[\"devs\"]}")
                        .status())
                .isEqualTo(201);
        Person alice = Person.login(two, "alice", PASSWORD);
        await("the account", () -> alice.get("/v2/").status() == 200);
        assertThat(alice.get("/v2/team/app/manifests/t").status()).isEqualTo(403);

        Answer granted = admin.post(
                "/berth/registry/policies",
                "{\"repositories\":\"team/**\",\"grantee\":\"group:devs\",\"actions\":[\"pull\"]}");
        assertThat(granted.status()).as(granted.text()).isEqualTo(201);
        await("the policy", () -> alice.get("/v2/team/app/manifests/t").status() == 200);

        // A token that one has signed opens the other, until its owner has lost the right.
        String token = Person.login(one, "alice", PASSWORD).token("repository:team/app:pull");
        Person bearer = Person.anonymous(two).with("Bearer " + token);
        assertThat(bearer.get("/v2/team/app/manifests/t").status()).isEqualTo(200);
        assertThat(admin.patch("/berth/registry/accounts/alice", "{\"groups\":[]}")
                        .status())
                .isBetween(200, 204);
        await("the group", () -> alice.get("/v2/team/app/manifests/t").status() == 403);
        assertThat(bearer.get("/v2/team/app/manifests/t").status())
                .as("a token from before")
                .isBetween(401, 403);

        assertThat(administrator(two).delete("/berth/registry/accounts/alice").status())
                .isEqualTo(204);
        await(
                "the account that went",
                () -> Person.login(one, "alice", PASSWORD).get("/v2/").status() == 401);
    }

    @Test
    void keysThatSignAreReplacedEverywhere() throws Exception {
        String before = header(administrator(two).token("registry:catalog:*"));
        assertThat(administrator(one).post("/berth/registry/keys", "").status()).isEqualTo(201);
        await("a new key", () -> {
            try {
                return !header(administrator(two).token("registry:catalog:*")).equals(before);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        String keys = administrator(one).get("/berth/registry/keys").text();
        assertThat(administrator(two).get("/berth/registry/keys").text()).isEqualTo(keys);
    }

    /** Names the key of a token. */
    private static String header(String token) {
        return token.substring(0, token.indexOf('.'));
    }

    @Test
    void eachHookIsToldOnce() throws Exception {
        ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();
        HttpServer listener = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        listener.createContext("/", exchange -> {
            told.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        listener.start();
        try {
            Answer made = administrator(one)
                    .post(
                            "/berth/registry/webhooks",
                            "{\"name\":\"ci\",\"url\":\"http://127.0.0.1:"
                                    + listener.getAddress().getPort()
                                    + "/\",\"secret\":\"s\",\"repositories\":\"hooked/**\",\"changes\":[\"blob.push\"]}");
            assertThat(made.status()).as(made.text()).isEqualTo(201);
            int pushes = 20;
            for (int i = 0; i < pushes; i++) {
                (i % 2 == 0 ? one : two).blob("hooked/app", bytes("blob " + i));
            }
            await("all of them", () -> told.size() >= pushes);
            Thread.sleep(1500); // both processes look again
            assertThat(told).hasSize(pushes);
            assertThat(Set.copyOf(told)).hasSize(pushes);
        } finally {
            listener.stop(0);
        }
    }

    @Test
    void bothCollectWhileBothArePushedTo() throws Exception {
        Pushers first = new Pushers(one, 1, false);
        Pushers second = new Pushers(two, 2, false);
        first.start(0, 2);
        second.start(2, 2);
        Thread.sleep(TimeUnit.SECONDS.toMillis(Long.getLong("berth.test.shared-soak-seconds", 4)));
        first.stop();
        second.stop();
        assertThat(first.errors()).isEmpty();
        assertThat(second.errors()).isEmpty();
        assertThat(first.pushes()).isPositive();
        assertThat(second.pushes()).isPositive();
        first.checkAll();
        second.checkAll();
        assertThat(one.send("POST", "/actuator/collection/scrub", Map.of(), null)
                        .text())
                .contains("\"damaged\":0");
    }

    @Test
    void anUploadGoesOnAfterItsProcessWasKilled() throws Exception {
        byte[] content = new byte[13_000_000];
        new Random(1).nextBytes(content);
        String upload = two.post("/v2/killed/app/blobs/uploads/").header("Location");
        assertThat(two.patch(upload, content, 0, 6_000_000)).isEqualTo(202);
        Future<Object> interrupted = Started.of(() -> {
            RawClient.sendAndVanish(
                    directory.resolve("two"),
                    "PATCH " + upload + " HTTP/1.1\r\nContent-Range: 6000000-12999999\r\nContent-Length: 7000000\r\n",
                    Arrays.copyOfRange(content, 6_000_000, 9_000_000),
                    () -> {
                        process.kill();
                        return null;
                    });
            return upload;
        });
        assertThat(interrupted.get()).isEqualTo(upload);

        String range = one.get(upload).header("Range");
        int from = Integer.parseInt(range.substring("0-".length())) + 1;
        assertThat(from).isBetween(6_000_000, 9_000_000);
        long begun = System.nanoTime();
        assertThat(one.patch(upload, content, from, 12_000_000))
                .as("waits for the dead one's claim")
                .isEqualTo(202);
        assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun)).isLessThan(30);
        Digest digest = Digest.sha256(content);
        Answer finished = one.send(
                "PUT",
                upload + "?digest=" + digest,
                Map.of("Content-Range", "12000000-12999999"),
                Arrays.copyOfRange(content, 12_000_000, content.length));
        assertThat(finished.status()).as(finished.text()).isEqualTo(201);
        assertThat(one.get("/v2/killed/app/blobs/" + digest).body()).isEqualTo(content);
    }
}
