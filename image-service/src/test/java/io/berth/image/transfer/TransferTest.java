package io.berth.image.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.berth.docker.error.ApiException;
import io.berth.docker.error.NotFound;
import io.berth.docker.error.SystemFailure;
import io.berth.image.content.ContentStore;
import io.berth.image.layer.LayerStore;
import io.berth.image.progress.ProgressStream;
import io.berth.image.store.Image;
import io.berth.image.store.ImageStore;
import io.berth.image.store.PlatformImages;
import io.berth.oci.Digest;
import io.berth.oci.ImageReference;
import io.berth.oci.MediaType;
import io.berth.oci.OciJson;
import io.berth.oci.Platform;
import io.berth.registryclient.RegistryCredentials;
import io.berth.testregistry.TestRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Pulls and pushes with the real stores, against a registry that misbehaves. Unpacking sets owners, so it needs root. */
@Tag("kernel")
@DirtiesContext
@SpringBootTest
class TransferTest {
    private static final String REPOSITORY = "team/app";
    private static final String OWN = Platform.current().architecture();

    @TempDir
    static Path directory;

    private final ImagePuller puller;
    private final ImagePusher pusher;
    private final DistributionInspection inspection;
    private final ImageStore images;
    private final PlatformImages platformImages;
    private final LayerStore layers;
    private final ContentStore content;
    private final TestRegistry registry = new TestRegistry();
    private final ByteArrayOutputStream lines = new ByteArrayOutputStream();

    @Autowired
    TransferTest(
            ImagePuller puller,
            ImagePusher pusher,
            DistributionInspection inspection,
            ImageStore images,
            PlatformImages platformImages,
            LayerStore layers,
            ContentStore content) {
        this.puller = puller;
        this.pusher = pusher;
        this.inspection = inspection;
        this.images = images;
        this.platformImages = platformImages;
        this.layers = layers;
        this.content = content;
    }

    @DynamicPropertySource
    static void properties(DynamicPropertyRegistry properties) throws IOException {
        Path key = Files.writeString(directory.resolve("key"), "k".repeat(64));
        properties.add("berth.image.data-dir", () -> directory.resolve("data").toString());
        properties.add(
                "berth.image.engine-socket",
                () -> directory.resolve("engine.sock").toString());
        properties.add(
                "berth.http.socket", () -> directory.resolve("image.sock").toString());
        properties.add("berth.http.platform-key-file", key::toString);
        properties.add("berth.image.transfer-attempts", () -> "3");
    }

    @BeforeAll
    static void needsRoot() throws IOException {
        boolean root = Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        if ("required".equals(System.getProperty("kernel.tests"))) {
            assertThat(root).as("running as root").isTrue();
        }
        assumeThat(root).as("running as root").isTrue();
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    private ImageReference name(String tag) {
        return ImageReference.parse(registry.domain() + "/" + REPOSITORY + ":" + tag);
    }

    private static SampleImage sample(String mark) throws IOException {
        return new SampleImage(OWN)
                .layer(MediaType.OCI_LAYER_GZIP, mark + "-a", 300_000)
                .layer(MediaType.OCI_LAYER_ZSTD, mark + "-b", 2000)
                .layer(MediaType.OCI_LAYER, mark + "-c", 3000);
    }

    private void pull(ImageReference reference, @Nullable Platform platform) throws ClientGone {
        lines.reset();
        puller.pull(reference, platform, RegistryCredentials.ANONYMOUS, new ProgressStream(lines));
    }

    private void push(ImageReference reference) throws ClientGone {
        lines.reset();
        pusher.push(reference, List.of(), RegistryCredentials.ANONYMOUS, new ProgressStream(lines));
    }

    private List<String> lines() {
        return lines.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private List<String> statuses() {
        return lines().stream()
                .map(line -> OciJson.MAPPER.readTree(line))
                .map(line -> (line.has("id") ? line.path("id").asString() + ": " : "")
                        + line.path("status").asString(""))
                .filter(line -> !line.contains(": Downloading") && !line.contains(": Pushing"))
                .toList();
    }

    private void assertNothingOf(SampleImage image) {
        assertThat(images.find(image.id())).isEmpty();
        assertThat(images.findByReference(name("latest"))).isEmpty();
    }

    @Test
    void pullsEveryCompressionAndTellsItAsDockerDoes() throws IOException {
        SampleImage image = sample("every");
        Digest digest = image.publish(registry, REPOSITORY, "latest", MediaType.OCI_MANIFEST);
        pull(name("latest"), null);
        Image pulled = images.findByReference(name("latest")).orElseThrow();
        assertThat(pulled.id()).isEqualTo(image.id());
        assertThat(pulled.digests()).containsExactly(name("latest").withDigest(digest));
        for (int i = 0; i < 3; i++) {
            assertThat(layers.find(image.diffIds().get(i))).isPresent();
            assertThat(content.exists(image.layers().get(i).digest())).isTrue();
        }
        Path unpacked = layers.find(image.diffIds().getFirst()).orElseThrow().directory();
        assertThat(Files.size(unpacked.resolve("every-a"))).isEqualTo(300_000);
        String layer = image.layers().getFirst().digest().shortHex();
        assertThat(statuses()).startsWith("latest: Pulling from " + REPOSITORY, layer + ": Pulling fs layer");
        assertThat(statuses())
                .containsSubsequence(
                        layer + ": Verifying Checksum",
                        layer + ": Download complete",
                        layer + ": Extracting",
                        layer + ": Pull complete");
        assertThat(statuses())
                .endsWith(
                        "Digest: " + digest,
                        "Status: Downloaded newer image for " + name("latest").familiar());
        assertThat(lines().getFirst()).isEqualTo("{\"status\":\"Pulling from team/app\",\"id\":\"latest\"}");
        assertThat(lines())
                .anySatisfy(line -> assertThat(line).contains("\"progressDetail\":{\"current\":", "[=", "kB/"));

        pull(name("latest"), null);
        assertThat(statuses())
                .containsExactly(
                        "latest: Pulling from " + REPOSITORY,
                        "Digest: " + digest,
                        "Status: Image is up to date for " + name("latest").familiar());
    }

    @Test
    void fetchesOnlyLayersThatAreNotHere() throws IOException {
        SampleImage base = sample("base");
        base.publish(registry, REPOSITORY, "base", MediaType.DOCKER_MANIFEST);
        pull(name("base"), null);
        SampleImage derived = sample("base").layer(MediaType.DOCKER_LAYER_GZIP, "more", 100);
        derived.publish(registry, REPOSITORY, "derived", MediaType.DOCKER_MANIFEST);
        long before = registry.count("GET", "/blobs/");
        pull(name("derived"), null);
        assertThat(registry.count("GET", "/blobs/")).isEqualTo(before + 2);
        assertThat(statuses()).contains(base.layers().getFirst().digest().shortHex() + ": Already exists");
    }

    @Test
    void choosesThePlatformFromAnIndex() throws IOException {
        SampleImage own = sample("own");
        SampleImage other = new SampleImage("s390x").layer(MediaType.OCI_LAYER_GZIP, "other", 10);
        Digest ownDigest = own.publish(registry, REPOSITORY, "own", MediaType.OCI_MANIFEST);
        Digest otherDigest = other.publish(registry, REPOSITORY, "other", MediaType.OCI_MANIFEST);
        Digest index = registry.addManifest(
                REPOSITORY,
                "multi",
                MediaType.OCI_INDEX,
                OciJson.MAPPER.writeValueAsBytes(Map.of(
                        "schemaVersion",
                        2,
                        "mediaType",
                        MediaType.OCI_INDEX,
                        "manifests",
                        List.of(entry("unknown", otherDigest), entry("s390x", otherDigest), entry(OWN, ownDigest)))));
        pull(name("multi"), null);
        assertThat(images.findByReference(name("multi")).orElseThrow().id()).isEqualTo(own.id());
        assertThat(images.findByReference(name("multi").withDigest(index))).isPresent();
        pull(name("multi"), Platform.parse("linux/s390x"));
        assertThat(images.findByReference(name("multi")).orElseThrow().id())
                .as("another platform comes to lie beside this machine's")
                .isEqualTo(own.id());
        assertThat(platformImages
                        .resolve(name("multi").toString(), List.of(Platform.parse("linux/s390x")))
                        .id())
                .isEqualTo(other.id());
        assertThatThrownBy(() -> pull(name("multi"), Platform.parse("linux/riscv64")))
                .isInstanceOf(NotFound.class)
                .hasMessage("no matching manifest for linux/riscv64 in the manifest list entries");
        pull(name("own"), Platform.parse("linux/riscv64"));
        assertThat(statuses()).anySatisfy(line -> assertThat(line).startsWith("WARNING: image with reference"));

        ImageReference pinned = new ImageReference(registry.domain(), REPOSITORY, "own", otherDigest);
        pull(pinned, null);
        assertThat(images.findByReference(pinned.withDigest(otherDigest))
                        .orElseThrow()
                        .id())
                .isEqualTo(other.id());
        assertThat(images.findByReference(name("own")).orElseThrow().id()).isEqualTo(own.id());
        assertThat(inspection
                        .inspect(name("multi"), RegistryCredentials.ANONYMOUS)
                        .platforms())
                .hasSize(3);
        assertThat(inspection
                        .inspect(name("own"), RegistryCredentials.ANONYMOUS)
                        .descriptor()
                        .digest())
                .isEqualTo(ownDigest.toString());
    }

    private static Map<String, Object> entry(String architecture, Digest digest) {
        return Map.of(
                "mediaType",
                MediaType.OCI_MANIFEST,
                "digest",
                digest,
                "size",
                100,
                "platform",
                Map.of("architecture", architecture, "os", architecture.equals("unknown") ? "unknown" : "linux"));
    }

    @Test
    void refusesAFlippedByteInAnyPart() throws IOException {
        for (int i = 0; i < 3; i++) {
            SampleImage image = sample("flip" + i);
            image.publish(registry, REPOSITORY, "latest", MediaType.OCI_MANIFEST);
            Digest blob = image.layers().get(i).digest();
            registry.addBlob(REPOSITORY, blob, flipped(image.blob(i)));
            assertThatThrownBy(() -> pull(name("latest"), null)).isInstanceOf(ApiException.class);
            assertNothingOf(image);
            assertThat(layers.find(image.diffIds().get(i))).isEmpty();
            assertThat(content.exists(blob)).isFalse();
        }
        SampleImage image = sample("flip");
        image.publish(registry, REPOSITORY, "latest", MediaType.OCI_MANIFEST);
        registry.addBlob(REPOSITORY, image.id(), flipped(image.config()));
        assertThatThrownBy(() -> pull(name("latest"), null)).isInstanceOf(ApiException.class);
        assertNothingOf(image);
        registry.addBlob(REPOSITORY, image.id(), image.config());
        pull(name("latest"), null);
        assertThat(images.find(image.id())).isPresent();
    }

    private static byte[] flipped(byte[] content) {
        byte[] copy = content.clone();
        copy[copy.length / 2] ^= 1;
        return copy;
    }

    @Test
    void refusesLayersThatAreNotTheConfigurations() throws IOException {
        SampleImage image = sample("lie");
        image.publish(registry, REPOSITORY, "latest", MediaType.OCI_MANIFEST);
        List<Digest> swapped = image.diffIds().reversed();
        byte[] config = image.config(swapped);
        registry.addBlob(REPOSITORY, config);
        registry.addManifest(
                REPOSITORY, "latest", MediaType.OCI_MANIFEST, image.manifest(MediaType.OCI_MANIFEST, config));
        assertThatThrownBy(() -> pull(name("latest"), null)).isInstanceOf(ApiException.class);
        assertThat(images.find(Digest.sha256(config))).isEmpty();
        assertThat(layers.find(swapped.getFirst())).isEmpty();
        byte[] fewer = image.config(image.diffIds().subList(0, 2));
        registry.addBlob(REPOSITORY, fewer);
        registry.addManifest(
                REPOSITORY, "latest", MediaType.OCI_MANIFEST, image.manifest(MediaType.OCI_MANIFEST, fewer));
        assertThatThrownBy(() -> pull(name("latest"), null))
                .hasMessage("layers from manifest don't match image configuration");
    }

    /** 20.10.20: a digest decides, and is looked up in its own repository; the tag beside it is not moved. */
    @Test
    void aTagBesideADigestIsNotBelieved() throws IOException {
        SampleImage harmless = sample("harmless");
        harmless.publish(registry, REPOSITORY, "v1", MediaType.OCI_MANIFEST);
        pull(name("v1"), null);
        SampleImage evil = sample("evil");
        Digest other = evil.publish(registry, "some/other", "v1", MediaType.OCI_MANIFEST);
        assertThatThrownBy(() -> pull(name("v1").withDigest(other), null)).isInstanceOf(ApiException.class);
        assertThat(images.find(evil.id())).isEmpty();
        Digest second = evil.publish(registry, REPOSITORY, "v2", MediaType.OCI_MANIFEST);
        pull(name("v1").withDigest(second), null);
        assertThat(images.findByReference(name("v1")).orElseThrow().id()).isEqualTo(harmless.id());
        assertThat(images.findByReference(name("v1").withDigest(second))
                        .orElseThrow()
                        .id())
                .isEqualTo(evil.id());
    }

    /** The kernel's file systems have bugs that a made-up image of one finds: layers are archives and nothing else. */
    @Test
    void takesNoFileSystemForALayer() throws IOException {
        for (String type : List.of(
                "application/vnd.erofs.layer.v1",
                "application/vnd.oci.image.layer.v1.squashfs",
                "application/x-ext4")) {
            SampleImage image = sample(type);
            String config = new String(image.manifest(MediaType.OCI_MANIFEST, image.config()), StandardCharsets.UTF_8);
            byte[] manifest = config.replace(MediaType.OCI_LAYER_GZIP, type).getBytes(StandardCharsets.UTF_8);
            image.publish(registry, REPOSITORY, "latest", MediaType.OCI_MANIFEST);
            registry.addManifest(REPOSITORY, "latest", MediaType.OCI_MANIFEST, manifest);
            assertThatThrownBy(() -> pull(name("latest"), null)).hasMessageContaining("unsupported layer media type");
            assertNothingOf(image);
        }
    }

    @Test
    void survivesABrokenConnection() throws IOException {
        SampleImage image = sample("drop");
        image.publish(registry, REPOSITORY, "latest", MediaType.OCI_MANIFEST);
        AtomicInteger gets = new AtomicInteger();
        registry.fault(exchange -> {
            if (exchange.getRequestURI()
                            .getPath()
                            .endsWith(image.layers().getFirst().digest().toString())
                    && gets.getAndIncrement() == 0) {
                TestRegistry.sendPart(exchange, image.blob(0), 120_000);
                return true;
            }
            return false;
        });
        pull(name("latest"), null);
        assertThat(images.findByReference(name("latest"))).isPresent();
        assertThat(gets).hasValue(2);
    }

    @Test
    void leavesNothingWhenTheClientGoesAway() throws Exception {
        SampleImage image = sample("gone");
        image.publish(registry, REPOSITORY, "latest", MediaType.OCI_MANIFEST);
        CountDownLatch blocked = new CountDownLatch(1);
        registry.fault(exchange -> {
            // The last layer never comes: only its interruption can end it.
            if (exchange.getRequestURI()
                    .getPath()
                    .endsWith(image.layers().getLast().digest().toString())) {
                exchange.sendResponseHeaders(200, image.blob(2).length);
                exchange.getResponseBody().flush();
                await(blocked);
                return true;
            }
            return false;
        });
        OutputStream leaving = new OutputStream() {
            private int lines;

            @Override
            public void write(int b) throws IOException {
                throw new IOException("not used");
            }

            @Override
            public void write(byte[] source, int offset, int length) throws IOException {
                String text = new String(source, offset, length, StandardCharsets.UTF_8);
                if (text.contains("Download complete") || lines > 0) {
                    lines++;
                    throw new IOException("broken pipe");
                }
            }
        };
        assertThatThrownBy(() ->
                        puller.pull(name("latest"), null, RegistryCredentials.ANONYMOUS, new ProgressStream(leaving)))
                .isInstanceOf(ClientGone.class);
        assertNothingOf(image);
        blocked.countDown();
        registry.clearFaults();
        pull(name("latest"), null);
        assertThat(images.find(image.id())).isPresent();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void fetchesALayerOnceForConcurrentPulls() throws Exception {
        SampleImage image = sample("shared");
        image.publish(registry, REPOSITORY, "latest", MediaType.OCI_MANIFEST);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> pulls = List.of(
                    threads.submit(() -> pullQuietly()),
                    threads.submit(() -> pullQuietly()),
                    threads.submit(() -> pullQuietly()),
                    threads.submit(() -> pullQuietly()));
            for (Future<?> pull : pulls) {
                pull.get(30, TimeUnit.SECONDS);
            }
        }
        for (int i = 0; i < 3; i++) {
            assertThat(registry.count("GET", image.layers().get(i).digest().toString()))
                    .isEqualTo(1);
        }
    }

    private Boolean pullQuietly() throws ClientGone {
        puller.pull(
                name("latest"),
                null,
                RegistryCredentials.ANONYMOUS,
                new ProgressStream(OutputStream.nullOutputStream()));
        return true;
    }

    @Test
    void wordsRefusalsAsDockerDoesBeforeAnyLine() {
        assertThatThrownBy(() -> pull(name("none"), null))
                .isInstanceOf(NotFound.class)
                .hasMessage(
                        "manifest for " + name("none").familiar() + " not found: manifest unknown: manifest unknown");
        registry.fault(exchange -> {
            TestRegistry.error(exchange, 403, "DENIED", "requested access to the resource is denied");
            return true;
        });
        assertThatThrownBy(() -> pull(name("none"), null))
                .isInstanceOf(NotFound.class)
                .hasMessage("pull access denied for " + registry.domain() + "/" + REPOSITORY
                        + ", repository does not exist or may require 'docker login': denied: requested access to the"
                        + " resource is denied");
        assertThat(lines()).isEmpty();
        registry.close();
        assertThatThrownBy(() -> pull(name("none"), null))
                .isInstanceOf(SystemFailure.class)
                .hasMessageContaining("connect: connection refused");
    }

    @Test
    void pullsAndPushesAllTags() throws IOException {
        sample("one").publish(registry, REPOSITORY, "one", MediaType.OCI_MANIFEST);
        sample("two").publish(registry, REPOSITORY, "two", MediaType.OCI_MANIFEST);
        pull(name("x").repository(), null);
        assertThat(images.findByReference(name("one"))).isPresent();
        assertThat(images.findByReference(name("two"))).isPresent();
        assertThat(statuses().getLast())
                .isEqualTo("Status: Downloaded newer image for " + name("x").familiarName());
        push(name("x").repository());
        assertThat(lines().stream().filter(line -> line.contains("\"aux\""))).hasSize(2);
    }

    @Test
    void pushesTheSameBytes() throws IOException {
        SampleImage image = sample("push");
        Digest digest = image.publish(registry, REPOSITORY, "latest", MediaType.DOCKER_MANIFEST);
        pull(name("latest"), null);
        try (TestRegistry other = new TestRegistry()) {
            ImageReference target = ImageReference.parse(other.domain() + "/copy/of:v1");
            images.addReference(image.id(), target);
            push(target);
            assertThat(Digest.sha256(other.manifest("copy/of", "v1"))).isEqualTo(digest);
            for (int i = 0; i < 3; i++) {
                assertThat(other.blob("copy/of", image.layers().get(i).digest()))
                        .isEqualTo(image.blob(i));
            }
            assertThat(other.blob("copy/of", image.id())).isEqualTo(image.config());
            String top = image.diffIds().getLast().shortHex();
            assertThat(statuses())
                    .startsWith("The push refers to repository [" + target.name() + "]", top + ": Preparing")
                    .contains(top + ": Pushed");
            int size = other.manifest("copy/of", "v1").length;
            assertThat(lines())
                    .endsWith(
                            "{\"status\":\"v1: digest: " + digest + " size: " + size + "\"}",
                            "{\"progressDetail\":{},\"aux\":{\"Tag\":\"v1\",\"Digest\":\"" + digest + "\",\"Size\":"
                                    + size + "}}");
            assertThat(images.findByReference(target.withDigest(digest))).isPresent();

            long patches = other.count("PATCH", "/blobs/");
            push(target);
            assertThat(statuses()).contains(top + ": Layer already exists");
            assertThat(other.count("PATCH", "/blobs/")).isEqualTo(patches);

            ImageReference third = ImageReference.parse(other.domain() + "/third:v1");
            images.addReference(image.id(), third);
            push(third);
            assertThat(statuses()).contains(top + ": Mounted from copy/of");
            assertThat(other.hasBlob("third", image.layers().getFirst().digest()))
                    .isTrue();
        }
    }

    @Test
    void tellsWhyAPushFails() throws IOException {
        assertThatThrownBy(() -> push(name("none")))
                .hasMessage("An image does not exist locally with the tag: "
                        + name("none").familiarName());
        sample("refused").publish(registry, REPOSITORY, "latest", MediaType.OCI_MANIFEST);
        pull(name("latest"), null);
        assertThatThrownBy(() -> push(name("other")))
                .hasMessage("tag does not exist: " + name("other").familiar());
        registry.removeBlobs(REPOSITORY);
        registry.fault(exchange -> {
            if (exchange.getRequestMethod().equals("POST")) {
                TestRegistry.error(exchange, 403, "DENIED", "requested access to the resource is denied");
                return true;
            }
            return false;
        });
        assertThatThrownBy(() -> push(name("latest"))).hasMessage("denied: requested access to the resource is denied");
        assertThat(statuses())
                .startsWith("The push refers to repository [" + name("latest").name() + "]");
    }
}
