package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.testcontainers.containers.BindMode;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * What {@link SharedStorageIT} runs where the daemon's published ports can be reached: a PostgreSQL server and an S3 service in containers, two registry
 * processes that share them, and scenarios that need both.
 */
final class SharedStorageMain {
    /** The root file system: busybox, PostgreSQL, and the libraries of a Java runtime. */
    static final String PROGRAMS = "berth-test/programs:1";

    static final String POSTGRESQL = "berth-test/postgresql:1";

    private static final String BUCKET = "bucket";
    private static final String ACCESS_KEY = "AKIDEXAMPLE";
    private static final String SECRET = "a secret of forty characters, or so it is";
    private static final String OBJECTS = "/data/" + BUCKET;
    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

    private final Random random = new Random(1);
    private final HttpClient http = HttpClient.newHttpClient();
    private final GenericContainer<?> postgresql;
    private final GenericContainer<?> s3;
    private final StorageProcess one;
    private StorageProcess two;

    private SharedStorageMain(Path directory, Path runDirectory, long registry, Path java, Path s3proxy)
            throws IOException, InterruptedException {
        postgresql = new GenericContainer<>(DockerImageName.parse(POSTGRESQL))
                .withEnv(Map.of("POSTGRES_DB", "registry", "POSTGRES_USER", "berth", "POSTGRES_PASSWORD", "berth"))
                .withExposedPorts(5432)
                .waitingFor(Wait.forListeningPort().withStartupTimeout(Duration.ofMinutes(3)));
        s3 = s3(java, s3proxy);
        Thread database = Thread.ofPlatform().start(postgresql::start);
        s3.start();
        database.join();
        Path secret = Files.writeString(directory.resolve("s3-secret"), SECRET + "\n");
        List<String> settings = List.of(
                "--spring.profiles.active=postgresql",
                "--spring.datasource.url=jdbc:postgresql://127.0.0.1:" + postgresql.getMappedPort(5432) + "/registry",
                "--spring.datasource.username=berth",
                "--spring.datasource.password=berth",
                "--berth.registry.access=open",
                "--berth.registry.storage=s3",
                "--berth.registry.s3.bucket=" + BUCKET,
                "--berth.registry.s3.endpoint=http://127.0.0.1:" + s3.getMappedPort(8080),
                "--berth.registry.s3.access-key=" + ACCESS_KEY,
                "--berth.registry.s3.secret-key-file=" + secret,
                "--berth.registry.s3.part-size=5MB",
                "--berth.registry.gc.grace=1ms",
                "--berth.registry.gc.delay=0s",
                "--berth.registry.gc.schedule.interval=1h");
        StorageProcess.Launcher launcher = new StorageProcess.Launcher(registry, runDirectory, directory, settings);
        one = launcher.start("one", 5101, false);
        two = launcher.start("two", 5102, true);
        one.await();
        two.await();
    }

    /** S3Proxy on a directory, whose owner alone may read it: signatures are asked for. */
    private static GenericContainer<?> s3(Path java, Path s3proxy) {
        String command = """
                umask 077; mkdir -p %s; printf '%%s\\n' s3proxy.endpoint=http://0.0.0.0:8080 s3proxy.authorization=aws-v2-or-v4 \
                s3proxy.identity=%s "s3proxy.credential=%s" jclouds.provider=filesystem-nio2 jclouds.filesystem.basedir=/data >/conf; \
                exec %s/bin/java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx256m -jar /s3proxy.jar --properties /conf""".formatted(OBJECTS, ACCESS_KEY, SECRET, java);
        GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse(PROGRAMS))
                .withFileSystemBind(java.toString(), java.toString(), BindMode.READ_ONLY)
                .withFileSystemBind(s3proxy.toString(), "/s3proxy.jar", BindMode.READ_ONLY)
                .withCommand("sh", "-c", command)
                .withExposedPorts(8080)
                .waitingFor(Wait.forHttp("/").forStatusCode(403).withStartupTimeout(Duration.ofMinutes(3)));
        // Debian's runtime has its settings there.
        for (String settings : List.of("/etc/java-25-openjdk", "/etc/ssl")) {
            if (Files.isDirectory(Path.of(settings))) {
                container.withFileSystemBind(settings, settings, BindMode.READ_ONLY);
            }
        }
        return container;
    }

    /** @param arguments directory, the platform's run directory, the process of its registry, the Java runtime, S3Proxy, and names of scenarios */
    public static void main(String... arguments) throws IOException, InterruptedException {
        SharedStorageMain suite = new SharedStorageMain(
                Path.of(arguments[0]),
                Path.of(arguments[1]),
                Long.parseLong(arguments[2]),
                Path.of(arguments[3]),
                Path.of(arguments[4]));
        Scenarios.run(suite.scenarios(), List.of(arguments).subList(5, arguments.length), suite::stop);
    }

    private void stop() {
        one.close();
        two.close();
    }

    private Map<String, Scenarios.Scenario> scenarios() {
        return Map.of(
                "an upload goes on in the other process", this::anUploadGoesOn,
                "a tag moves for both", this::aTagMoves,
                "clients are sent to the bucket", this::clientsAreSentToTheBucket,
                "content of another digest is not kept", this::anotherDigest,
                "a cancelled upload leaves nothing", this::cancelled,
                "what nothing names goes from the bucket", this::whatNothingNamesGoes,
                "a process that begins anew finds all of it", this::beginsAnew,
                "without the bucket a push fails and says so", this::withoutTheBucket);
    }

    private byte[] random(int size) {
        byte[] content = new byte[size];
        random.nextBytes(content);
        return content;
    }

    private static String digest(byte[] content) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void anUploadGoesOn() {
        byte[] content = random(12_500_000);
        String upload = one.begin("a/blob");
        assertThat(one.patch(upload, content, 0, 1_000_000)).isEqualTo(202);
        assertThat(two.send("GET", upload, Map.of(), new byte[0]).headers().firstValue("Range"))
                .hasValue("0-999999");
        assertThat(two.patch(upload, content, 1_000_000, 11_000_000)).isEqualTo(202);
        assertThat(one.patch(upload, content, 5_000_000, 6_000_000))
                .as("not where it ended")
                .isEqualTo(416);
        assertThat(one.patch(upload, content, 11_000_000, 12_500_000)).isEqualTo(202);
        assertThat(two.finish(upload, digest(content))).isEqualTo(201);
        String blob = "/v2/a/blob/blobs/" + digest(content);
        assertThat(one.get(blob).body()).isEqualTo(content);
        HttpResponse<byte[]> part = one.send("GET", blob, Map.of("Range", "bytes=7-1007"), new byte[0]);
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(content, 7, 1008));
        assertThat(one.work("scrub")).contains("\"damaged\":0");
    }

    private byte[] push(String repository, String tag, String text) {
        byte[] config = ("{\"text\":\"" + text + "\"}").getBytes(StandardCharsets.UTF_8);
        String upload = one.begin(repository);
        assertThat(one.patch(upload, config, 0, config.length)).isEqualTo(202);
        assertThat(one.finish(upload, digest(config))).isEqualTo(201);
        byte[] manifest = """
                {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%d},"layers":[]}""".formatted(MANIFEST, digest(config), config.length).getBytes(StandardCharsets.UTF_8);
        HttpResponse<byte[]> put =
                two.send("PUT", "/v2/" + repository + "/manifests/" + tag, Map.of("Content-Type", MANIFEST), manifest);
        assertThat(put.statusCode())
                .as(new String(put.body(), StandardCharsets.UTF_8))
                .isEqualTo(201);
        return manifest;
    }

    private void aTagMoves() {
        byte[] first = push("a/tag", "t", "first");
        assertThat(one.get("/v2/a/tag/manifests/t").body()).isEqualTo(first);
        byte[] second = push("a/tag", "t", "second");
        assertThat(one.get("/v2/a/tag/manifests/t").body()).isEqualTo(second);
        assertThat(two.get("/v2/a/tag/manifests/" + digest(first)).body()).isEqualTo(first);
        assertThat(one.send("DELETE", "/v2/a/tag/manifests/" + digest(second), Map.of(), new byte[0])
                        .statusCode())
                .isEqualTo(202);
        assertThat(two.get("/v2/a/tag/manifests/t").statusCode()).isEqualTo(404);
    }

    private void clientsAreSentToTheBucket() throws IOException, InterruptedException {
        byte[] content = random(100_000);
        String upload = one.begin("a/redirected");
        assertThat(one.patch(upload, content, 0, content.length)).isEqualTo(202);
        assertThat(one.finish(upload, digest(content))).isEqualTo(201);
        HttpResponse<byte[]> redirect = two.get("/v2/a/redirected/blobs/" + digest(content));
        assertThat(redirect.statusCode()).isEqualTo(307);
        String link = redirect.headers().firstValue("Location").orElseThrow();
        assertThat(link).contains(":" + s3.getMappedPort(8080) + "/", "X-Amz-Signature");
        assertThat(fetch(link).body()).isEqualTo(content);
        assertThat(fetch(link.substring(0, link.indexOf('?'))).statusCode())
                .as("without the signature")
                .isEqualTo(403);
        assertThat(fetch(link.replace("X-Amz-Expires=900", "X-Amz-Expires=9000"))
                        .statusCode())
                .as("with a life that was not signed")
                .isEqualTo(403);
    }

    private HttpResponse<byte[]> fetch(String link) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create(link)).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private void anotherDigest() {
        byte[] content = random(6_000_000);
        String upload = one.begin("a/bad");
        assertThat(one.patch(upload, content, 0, 3_000_000)).isEqualTo(202);
        assertThat(two.patch(upload, content, 3_000_000, content.length)).isEqualTo(202);
        assertThat(one.finish(upload, digest(random(10)))).isEqualTo(400);
        assertThat(two.send("GET", upload, Map.of(), new byte[0]).statusCode()).isEqualTo(404);
        assertThat(one.get("/v2/a/bad/blobs/" + digest(content)).statusCode()).isEqualTo(404);
    }

    private void cancelled() {
        byte[] content = random(7_000_000);
        String upload = one.begin("a/cancelled");
        assertThat(one.patch(upload, content, 0, content.length)).isEqualTo(202);
        assertThat(two.send("DELETE", upload, Map.of(), new byte[0]).statusCode())
                .isEqualTo(204);
        assertThat(one.send("GET", upload, Map.of(), new byte[0]).statusCode()).isEqualTo(404);
    }

    private void whatNothingNamesGoes() throws IOException, InterruptedException {
        byte[] kept = push("a/kept", "t", "kept");
        for (int i = 0; i < 4; i++) {
            Thread.sleep(10);
            one.work("run");
        }
        assertThat(two.get("/v2/a/kept/manifests/t").body()).isEqualTo(kept);
        // All blobs of the scenarios before have gone; manifests without a tag stay as they were set to.
        assertThat(objects().lines().mapToLong(Long::parseLong).sum()).isLessThan(10_000);
    }

    /** Sizes of the objects that S3Proxy keeps, one a line. */
    private String objects() throws IOException, InterruptedException {
        return s3.execInContainer("find", OBJECTS, "-type", "f", "-exec", "stat", "-c", "%s", "{}", ";")
                .getStdout();
    }

    private void beginsAnew() throws IOException, InterruptedException {
        byte[] manifest = push("a/stays", "t", "stays");
        two.close();
        two = two.again();
        two.await();
        assertThat(two.get("/v2/a/stays/manifests/t").body()).isEqualTo(manifest);
    }

    private void withoutTheBucket() {
        s3.stop();
        byte[] content = random(6_000_000);
        String upload = one.begin("a/gone");
        assertThat(one.patch(upload, content, 0, content.length)).isGreaterThanOrEqualTo(500);
        assertThat(one.get("/v2/a/gone/blobs/" + digest(content)).statusCode()).isEqualTo(404);
        postgresql.stop();
    }
}
