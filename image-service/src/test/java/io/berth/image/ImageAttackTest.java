package io.berth.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.DockerJson;
import io.berth.docker.error.ApiException;
import io.berth.image.caller.Caller;
import io.berth.image.caller.CallerLeases;
import io.berth.image.content.BlobMismatch;
import io.berth.image.content.BlobSource;
import io.berth.image.exchange.ImageImporter;
import io.berth.image.exchange.ImageLoader;
import io.berth.image.layer.DiffIdMismatch;
import io.berth.image.layer.LayerStore;
import io.berth.image.lease.Lease;
import io.berth.image.progress.ProgressStream;
import io.berth.image.removal.ImageUsers;
import io.berth.image.store.ImageStore;
import io.berth.kernel.RawTar;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.oci.Platform;
import io.berth.unixhttp.PlatformKey;
import io.berth.unixhttp.UnixHttpClients;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.core.io.InputStreamResource;
import org.springframework.http.HttpMethod;
import org.springframework.web.client.RestClient;

/** Archives that mean harm, sent to the service over its socket. See docs/THREAT_MODEL.md. Needs root to set owners. */
@Tag("kernel")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImageAttackTest {
    private static final long MEGABYTE = 1 << 20;
    private static final long GIGABYTE = 1 << 30;
    private static final String OPERATOR = "name=root;role=operator;projects=;source=SOCKET;credential=0";
    private static final String SHOP = "name=ann;role=developer;projects=shop;source=TOKEN;credential=1";
    private static final String WEB = "name=bob;role=developer;projects=web;source=TOKEN;credential=2;hidden=shop";

    @TempDir
    static Path directory;

    private ConfigurableApplicationContext service;
    private RestClient client;
    private Set<String> before;

    @TestConfiguration(proxyBeanMethods = false)
    static class FakeEngine {
        @Bean
        @Primary
        ImageUsers fakeImageUsers() {
            return _ -> List.of();
        }
    }

    @BeforeAll
    void start() throws IOException {
        boolean root = Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        if (!root && !"required".equals(System.getProperty("kernel.tests"))) {
            Assumptions.abort("kernel tests need root");
        }
        assertThat(root).as("kernel tests are required here and need root").isTrue();
        Path key = Files.writeString(directory.resolve("key"), "k".repeat(40));
        Path socket = directory.resolve("image.sock");
        service = new SpringApplication(ImageServiceApplication.class, FakeEngine.class)
                .run(
                        "--berth.http.socket=" + socket,
                        "--berth.http.platform-key-file=" + key,
                        "--berth.image.data-dir=" + directory.resolve("data"),
                        "--berth.image.engine-socket=" + directory.resolve("engine.sock"));
        client = UnixHttpClients.builder(socket, PlatformKey.read(key), Duration.ofSeconds(60))
                .build();
        before = files();
    }

    @AfterAll
    void stop() {
        if (service != null) {
            service.close();
        }
    }

    @AfterEach
    void leavesNothing() throws IOException {
        assertThat(files()).isEqualTo(before);
        assertThat(send("GET", "/images/json", InputStream.nullInputStream()).body())
                .isEqualTo("[]");
    }

    /** Everything on disk except the database. */
    private static Set<String> files() throws IOException {
        try (var all = Files.walk(directory.resolve("data"))) {
            return all.map(Path::toString).filter(path -> !path.endsWith(".db")).collect(Collectors.toSet());
        }
    }

    private record Answer(int status, String body) {
        String message() {
            return DockerJson.MAPPER.readTree(body).path("message").asString();
        }
    }

    private Answer send(String method, String path, InputStream body) {
        return sendAs(OPERATOR, method, path, body);
    }

    /** As the gateway does for somebody. */
    private Answer sendAs(String identity, String method, String path, InputStream body) {
        return client.method(HttpMethod.valueOf(method))
                .uri(URI.create("http://localhost" + path))
                .header(Caller.HEADER, identity)
                .header("Content-Type", "application/x-tar")
                .body(new InputStreamResource(body))
                .exchange((_, response) -> new Answer(
                        response.getStatusCode().value(),
                        new String(response.getBody().readAllBytes(), StandardCharsets.UTF_8)));
    }

    private Answer load(byte[] archive) {
        return send("POST", "/images/load", new ByteArrayInputStream(archive));
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(content);
        }
        return out.toByteArray();
    }

    private static long liveHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** Ten gigabytes of zeros that were ten megabytes: a gzip file may have as many members as it likes. */
    private static InputStream bomb(String name) throws IOException {
        byte[] member = gzip(new byte[(int) (64 * MEGABYTE)]);
        List<InputStream> parts = new ArrayList<>();
        parts.add(new ByteArrayInputStream(gzip(new RawTar()
                .header('0', name, "", 0, 124, new byte[] {(byte) 0x80, 0, 0, 0, 0, 0, 0, 2, (byte) 0x80, 0, 0, 0})
                .withoutEnd())));
        for (long size = 0; size < 10 * GIGABYTE; size += 64 * MEGABYTE) {
            parts.add(new ByteArrayInputStream(member));
        }
        return new SequenceInputStream(Collections.enumeration(parts));
    }

    /** CVE-2017-14992: the disk and the heap are not the sender's to fill. */
    @Test
    void aBombIsStoppedEarly() throws IOException {
        long heap = liveHeap();
        assertThatThrownBy(() -> service.getBean(ImageImporter.class)
                        .importArchive(bomb("zeros"), Platform.current(), "", List.of(), Optional.empty()))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("expands to more than 200 times its size");
        assertThat(liveHeap() - heap).isLessThan(64 * MEGABYTE);
        assertThatThrownBy(() -> service.getBean(ImageLoader.class)
                        .load(
                                Caller.OPERATOR,
                                bomb("layer.tar"),
                                List.of(),
                                true,
                                new ProgressStream(OutputStream.nullOutputStream()),
                                _ -> {}))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("expands to more than 200 times its size");
        assertThat(liveHeap() - heap).isLessThan(64 * MEGABYTE);
    }

    /** CVE-2025-58183: a file of eight exabytes, of which one byte is in the archive. */
    @ParameterizedTest
    @ValueSource(strings = {"/images/create?fromSrc=-", "/images/load"})
    void aSparseFileIsNotWrittenOut(String path) throws IOException {
        byte[] archive = new RawTar()
                .pax("GNU.sparse.size", Long.toString(Long.MAX_VALUE), "GNU.sparse.map", "0,1")
                .entry('0', "manifest.json", "", new byte[1])
                .end();
        Answer answer = send("POST", path, new ByteArrayInputStream(archive));
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/images/create?fromSrc=-", "/images/load"})
    void aSparseMapWithoutEndIsNotRead(String path) throws IOException {
        byte[] map = ("1000000000\n" + "0\n1\n".repeat(200_000)).getBytes(StandardCharsets.US_ASCII);
        byte[] archive = new RawTar()
                .pax("GNU.sparse.major", "1", "GNU.sparse.minor", "0", "GNU.sparse.realsize", "1000000000")
                .entry('0', "manifest.json", "", map)
                .end();
        Answer answer = send("POST", path, new ByteArrayInputStream(archive));
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.message()).contains("pieces");
    }

    /** What is packed twice is unpacked once, and is then no archive. */
    @ParameterizedTest
    @ValueSource(strings = {"/images/create?fromSrc=-", "/images/load"})
    void aNestedOrTruncatedArchiveIsRefused(String path) throws IOException {
        byte[] tar = new RawTar().entry('0', "f", "", new byte[100_000]).end();
        byte[] twice = gzip(gzip(tar));
        assertThat(send("POST", path, new ByteArrayInputStream(twice)).status()).isEqualTo(400);
        byte[] whole = gzip(tar);
        byte[] cut = java.util.Arrays.copyOf(whole, whole.length - 20);
        assertThat(send("POST", path, new ByteArrayInputStream(cut)).status()).isEqualTo(400);
    }

    private static String descriptor(String mediaType, byte[] blob) {
        return "{\"mediaType\":\"" + mediaType + "\",\"digest\":\"" + Digest.sha256(blob) + "\",\"size\":" + blob.length
                + "}";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static RawTar blob(RawTar tar, byte[] content) {
        return tar.entry('0', "blobs/sha256/" + Digest.sha256(content).hex(), "", content);
    }

    /** An OCI layout of one image whose manifest, and the index that names it, are what is to be tried. */
    private static byte[] layout(String manifestFields, String manifestType, String indexFields) throws IOException {
        return layout(manifestFields, manifestType, indexFields, "");
    }

    private static byte[] layout(String manifestFields, String manifestType, String indexFields, String configFields)
            throws IOException {
        byte[] tar = new RawTar().entry('0', "f", "", new byte[3]).end();
        byte[] layer = gzip(tar);
        byte[] config = bytes("{\"architecture\":\"" + Platform.current().architecture()
                + "\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" + Digest.sha256(tar)
                + "\"]}" + configFields + "}");
        byte[] manifest = bytes("{\"schemaVersion\":2,\"config\":" + descriptor(MediaType.OCI_CONFIG, config)
                + ",\"layers\":[" + descriptor(MediaType.OCI_LAYER_GZIP, layer) + "]" + manifestFields + "}");
        byte[] index = bytes(
                "{\"schemaVersion\":2,\"manifests\":[" + descriptor(manifestType, manifest) + "]" + indexFields + "}");
        RawTar archive = new RawTar().entry('0', "index.json", "", index);
        for (byte[] each : List.of(layer, config, manifest)) {
            blob(archive, each);
        }
        return archive.end();
    }

    private static byte[] config(Digest diffId) {
        return bytes("{\"architecture\":\"" + Platform.current().architecture()
                + "\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" + diffId + "\"]}}");
    }

    /** As {@code docker save} writes it: a layer, and a configuration that says what it is. */
    private static byte[] saved(String name, Digest diffId, byte[] layer) throws IOException {
        return new RawTar()
                .entry('0', "config.json", "", config(diffId))
                .entry('0', "layer.tar", "", layer)
                .entry(
                        '0',
                        "manifest.json",
                        "",
                        bytes("[{\"Config\":\"config.json\",\"RepoTags\":[\"" + name
                                + "\"],\"Layers\":[\"layer.tar\"]}]"))
                .end();
    }

    /** The same as an OCI layout, with a name. */
    private static byte[] layoutOf(String name, Digest diffId, byte[] layer) throws IOException {
        byte[] config = config(diffId);
        byte[] manifest = bytes("{\"schemaVersion\":2,\"config\":" + descriptor(MediaType.OCI_CONFIG, config)
                + ",\"layers\":[" + descriptor(MediaType.OCI_LAYER_GZIP, layer) + "]}");
        String named = descriptor(MediaType.OCI_MANIFEST, manifest)
                .replaceAll("}$", ",\"annotations\":{\"io.containerd.image.name\":\"" + name + "\"}}");
        RawTar archive =
                new RawTar().entry('0', "index.json", "", bytes("{\"schemaVersion\":2,\"manifests\":[" + named + "]}"));
        for (byte[] each : List.of(layer, config, manifest)) {
            blob(archive, each);
        }
        return archive.end();
    }

    /** A configuration may name any layer: whose bytes are another's is no image, and nobody's files come with a digest. */
    @Test
    void aLayerIsNotGivenForItsDigest() throws IOException {
        byte[] secret =
                new RawTar().entry('0', "secret", "", bytes("the shop's")).end();
        Digest diffId = Digest.sha256(secret);
        Answer loaded =
                sendAs(SHOP, "POST", "/images/load", new ByteArrayInputStream(saved("shop/app:1", diffId, secret)));
        assertThat(loaded.status()).as(loaded.body()).isEqualTo(200);
        byte[] other = new RawTar().entry('0', "f", "", new byte[3]).end();
        byte[] packed = gzip(other);
        for (String caller : List.of(WEB, OPERATOR)) {
            for (byte[] archive : List.of(
                    saved("web/app:1", diffId, other),
                    saved("web/app:1", diffId, packed),
                    saved("web/app:1", diffId, new byte[0]),
                    saved("web/app:1", diffId, new byte[1024]),
                    saved("web/app:1", diffId, gzip(new byte[0])),
                    layoutOf("web/app:1", diffId, packed))) {
                Answer answer = sendAs(caller, "POST", "/images/load", new ByteArrayInputStream(archive));
                assertThat(answer.status()).as(answer.body()).isEqualTo(400);
                assertThat(status("GET", "/images/web/app:1/json")).isEqualTo(404);
            }
            assertThat(sendAs(
                                    caller,
                                    "POST",
                                    "/images/load",
                                    new ByteArrayInputStream(saved("web/app:1", diffId, packed)))
                            .message())
                    .isEqualTo("invalid diffID for layer 0: expected \"" + diffId + "\", got \"" + Digest.sha256(other)
                            + "\"");
        }
        // Whoever has the bytes may have the layer, which is not unpacked again.
        for (byte[] archive : List.of(saved("web/app:1", diffId, secret), saved("web/app:2", diffId, gzip(secret)))) {
            Answer own = sendAs(WEB, "POST", "/images/load", new ByteArrayInputStream(archive));
            assertThat(own.status()).as(own.body()).isEqualTo(200);
        }
        assertThat(service.getBean(LayerStore.class).list()).hasSize(1);
        for (String name : List.of("shop/app:1", "web/app:1", "web/app:2")) {
            assertThat(status("DELETE", "/images/" + name)).isEqualTo(200);
        }
    }

    /** What a registry, or a client's store, says that it has is not had by saying so. */
    @Test
    void aBlobThatIsHereIsReadFromWhoeverOffersIt() throws IOException {
        byte[] plain =
                new RawTar().entry('0', "secret", "", bytes("the shop's too")).end();
        byte[] packed = gzip(plain);
        Digest diffId = Digest.sha256(plain);
        Descriptor blob = Descriptor.of(MediaType.OCI_LAYER_GZIP, Digest.sha256(packed), packed.length);
        assertThat(sendAs(
                                SHOP,
                                "POST",
                                "/images/load",
                                new ByteArrayInputStream(layoutOf("shop/app:1", diffId, packed)))
                        .status())
                .isEqualTo(200);
        LayerStore layers = service.getBean(LayerStore.class);
        CallerLeases leases = service.getBean(CallerLeases.class);
        byte[] own = gzip(new RawTar().entry('0', "f", "", new byte[3]).end());
        Descriptor ownBlob = Descriptor.of(MediaType.OCI_LAYER_GZIP, Digest.sha256(own), own.length);
        BlobSource nothing = () -> {
            throw new IOException("there is no such blob");
        };
        try (Lease lease = leases.open(Caller.of(WEB))) {
            assertThatThrownBy(() -> layers.ensure(lease, blob, diffId, nothing))
                    .hasMessage("there is no such blob");
            assertThatThrownBy(() -> layers.ensure(lease, blob, diffId, () -> new ByteArrayInputStream(own)))
                    .isInstanceOf(BlobMismatch.class);
            assertThatThrownBy(() -> layers.ensure(lease, ownBlob, diffId, () -> new ByteArrayInputStream(own)))
                    .isInstanceOf(DiffIdMismatch.class);
            assertThat(layers.contains(lease, blob, diffId)).isFalse();
            assertThat(layers.ensure(lease, blob, diffId, () -> new ByteArrayInputStream(packed))
                            .diffId())
                    .isEqualTo(diffId);
            assertThat(layers.contains(lease, blob, diffId)).isTrue();
        }
        for (String caller : List.of(SHOP, OPERATOR)) {
            try (Lease lease = leases.open(Caller.of(caller))) {
                assertThat(layers.ensure(lease, blob, diffId, nothing).diffId()).isEqualTo(diffId);
                assertThatThrownBy(() -> layers.ensure(lease, ownBlob, diffId, () -> new ByteArrayInputStream(own)))
                        .isInstanceOf(DiffIdMismatch.class);
            }
        }
        assertThat(status("DELETE", "/images/shop/app:1")).isEqualTo(200);
    }

    /** CVE-2021-41190, GHSA-xmmx-7jpf-fx42: what two readers take for two different images is none. */
    @Test
    void anAmbiguousImageIsNotLoaded() throws IOException {
        String descriptor = descriptor(MediaType.OCI_LAYER_GZIP, new byte[1]);
        for (byte[] archive : List.of(
                layout(",\"manifests\":[]", MediaType.OCI_MANIFEST, ""),
                layout(",\"mediaType\":\"" + MediaType.OCI_INDEX + "\"", MediaType.OCI_MANIFEST, ""),
                layout(",\"mediaType\":\"" + MediaType.DOCKER_MANIFEST + "\"", MediaType.OCI_MANIFEST, ""),
                layout(",\"layers\":[" + descriptor + "]", MediaType.OCI_MANIFEST, ""),
                layout("", MediaType.OCI_INDEX, ""),
                layout("", MediaType.OCI_MANIFEST, ",\"layers\":[]"),
                layout("", MediaType.OCI_MANIFEST, ",\"config\":" + descriptor),
                layout("", MediaType.OCI_MANIFEST, ",\"manifests\":[]"),
                layout("", MediaType.OCI_MANIFEST, ",\"mediaType\":\"" + MediaType.OCI_MANIFEST + "\""))) {
            Answer answer = load(archive);
            assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        }
        Answer plain = load(layout(
                ",\"mediaType\":\"" + MediaType.OCI_MANIFEST + "\"",
                MediaType.OCI_MANIFEST,
                ",\"mediaType\":\"" + MediaType.OCI_INDEX + "\""));
        assertThat(plain.status()).as(plain.body()).isEqualTo(200);
        assertThat(status("DELETE", "/images/" + idOf(plain))).isEqualTo(200);
    }

    private static String idOf(Answer loaded) {
        assertThat(loaded.body()).contains("Loaded image ID: ");
        return loaded.body().replaceAll("(?s).*Loaded image ID: (sha256:[0-9a-f]{64}).*", "$1");
    }

    private int status(String method, String path) {
        return send(method, path, InputStream.nullInputStream()).status();
    }

    /** CVE-2021-21285: an image with an odd configuration is refused, or harms nobody but who starts it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                ",\"created\":\"yesterday\"",
                ",\"created\":\"+999999999-12-31T23:59:59Z\"",
                ",\"config\":{\"Labels\":{\"a\":null}}",
                ",\"config\":{\"Env\":[null]}",
                ",\"config\":{\"Cmd\":[null]}",
                ",\"config\":{\"ExposedPorts\":{\"\":null,\"x\":{}}}",
                ",\"config\":{\"Volumes\":{\"\":{},\"/\":{},\"../..\":null}}",
                ",\"config\":{\"Healthcheck\":{\"Test\":[null],\"Interval\":1,\"Retries\":-1}}",
                ",\"history\":[{\"created\":\"never\"}]",
                ",\"history\":[null]",
                ",\"os.features\":[null]",
                ",\"variant\":\"\\u0000\"",
                ",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}"
            })
    void anOddConfigurationHarmsNobodyElse(String fields) throws IOException {
        Answer loaded = load(layout("", MediaType.OCI_MANIFEST, "", fields));
        assertThat(loaded.status()).as(loaded.body()).isIn(200, 400);
        for (String filter : List.of(
                "", "?filters=%7B%22label%22%3A%5B%22a%22%5D%7D", "?filters=%7B%22until%22%3A%5B%2210m%22%5D%7D")) {
            assertThat(status("GET", "/images/json" + filter)).as(filter).isEqualTo(200);
        }
        if (loaded.body().contains("Loaded image ID: ")) {
            String id = idOf(loaded);
            assertThat(status("GET", "/images/" + id + "/json")).isEqualTo(200);
            assertThat(status("GET", "/images/" + id + "/history")).isEqualTo(200);
            assertThat(status("GET", "/images/" + id + "/get")).isEqualTo(200);
            assertThat(status("DELETE", "/images/" + id)).isEqualTo(200);
        }
    }

    /** CVE-2014-9356, CVE-2024-3727: neither names nor digests of an archive are paths of the host. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "sha256:../../../../etc/passwd",
                "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
                "md5:d41d8cd98f00b204e9800998ecf8427e",
                "sha256:00"
            })
    void aDigestIsNoPath(String digest) throws IOException {
        byte[] index = bytes("{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"" + MediaType.OCI_MANIFEST
                + "\",\"digest\":\"" + digest + "\",\"size\":1}]}");
        assertThat(load(new RawTar().entry('0', "index.json", "", index).end()).status())
                .isEqualTo(400);
    }

    /** CVE-2023-25153: documents are held in memory, so they have a limit. */
    @ParameterizedTest
    @ValueSource(strings = {"index.json", "manifest.json"})
    void aDocumentWithoutEndIsNotRead(String name) throws IOException {
        byte[] document = new byte[ImageStore.MAX_DOCUMENT_BYTES + 1];
        Arrays.fill(document, (byte) ' ');
        document[0] = '[';
        document[document.length - 1] = ']';
        Answer answer = load(new RawTar().entry('0', name, "", document).end());
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../../../etc/passwd", "/etc/passwd", "link", "hard"})
    void aNameLeadsToNoFileOfTheHost(String name) throws IOException {
        byte[] manifest =
                bytes("[{\"Config\":\"" + name + "\",\"RepoTags\":[\"evil:1\"],\"Layers\":[\"" + name + "\"]}]");
        byte[] archive = new RawTar()
                .entry('2', "link", "/etc/passwd", new byte[0])
                .entry('1', "hard", "/etc/passwd", new byte[0])
                .entry('0', "manifest.json", "", manifest)
                .end();
        assertThat(load(archive).status()).isEqualTo(400);
    }
}
