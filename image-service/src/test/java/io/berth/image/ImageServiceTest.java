package io.berth.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.berth.archive.OverlayMarks;
import io.berth.archive.TarEntry;
import io.berth.archive.TarWriter;
import io.berth.archive.TreeUsage;
import io.berth.docker.DockerJson;
import io.berth.image.removal.ImageUsers;
import io.berth.kernel.RawTar;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileType;
import io.berth.node.CommitRequest;
import io.berth.node.EngineNode.ImageUser;
import io.berth.node.ImageNode;
import io.berth.node.ImagesUsage;
import io.berth.node.ResolvedImage;
import io.berth.oci.Digest;
import io.berth.oci.ImageConfig;
import io.berth.oci.Platform;
import io.berth.unixhttp.PlatformKey;
import io.berth.unixhttp.UnixHttpClients;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.http.HttpMethod;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.RestClient;
import tools.jackson.databind.JsonNode;

/**
 * The service over its real socket, with a fake engine: from an archive to an image, out again, and gone without a rest.
 *
 * <p>Needs root to set owners. Not a {@code KernelTest}: connections that client and server keep between tests would look
 * like leaks; what is left on disk is asserted here.
 */
@Tag("kernel")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImageServiceTest {
    private static final List<ImageUser> USERS = new CopyOnWriteArrayList<>();

    @TempDir
    static Path directory;

    private ConfigurableApplicationContext service;
    private RestClient client;
    private ImageNode node;

    @TestConfiguration(proxyBeanMethods = false)
    static class FakeEngine {
        @Bean
        @Primary
        ImageUsers fakeImageUsers() {
            return _ -> List.copyOf(USERS);
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
        node = UnixHttpClients.proxy(client, ImageNode.class);
        assertThat(call("GET", "/actuator/health").status()).isEqualTo(200);
    }

    @AfterAll
    void stop() {
        if (service != null) {
            service.close();
        }
    }

    private record Answer(int status, String body) {
        JsonNode json() {
            return DockerJson.MAPPER.readTree(body);
        }

        String message() {
            return json().path("message").asString();
        }
    }

    private Answer call(String method, String path) {
        return call(method, path, new byte[0]);
    }

    private Answer call(String method, String path, byte[] body) {
        return client.method(HttpMethod.valueOf(method))
                .uri(URI.create("http://localhost" + path))
                .header("Content-Type", "application/x-tar")
                .body(body)
                .exchange((_, response) -> new Answer(
                        response.getStatusCode().value(),
                        new String(response.getBody().readAllBytes(), StandardCharsets.UTF_8)));
    }

    private static byte[] rootFs(String content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        try (TarWriter tar = new TarWriter(out)) {
            tar.write(TarEntry.directory("etc/", 0_755, Instant.EPOCH));
            tar.write(TarEntry.file("etc/motd", 0_644, bytes.length, Instant.EPOCH), new ByteArrayInputStream(bytes));
        }
        return out.toByteArray();
    }

    private Digest importImage(String name, String content) throws IOException {
        Answer imported = call(
                "POST",
                "/v1.45/images/create?fromSrc=-&repo=" + name + "&changes=CMD%20%5B%22sh%22%5D&changes=LABEL%20a=b",
                rootFs(content));
        assertThat(imported.status()).isEqualTo(200);
        return Digest.parse(imported.json().path("status").asString());
    }

    private Set<String> files() throws IOException {
        try (var all = Files.walk(directory.resolve("data"))) {
            return all.filter(path -> !path.toString().contains("/data/db"))
                    .map(path -> directory.relativize(path).toString())
                    .collect(Collectors.toSet());
        }
    }

    @Test
    void anImageLivesAndDies() throws IOException {
        Set<String> before = files();
        Digest id = importImage("localhost:5000/team/app:1", "one");
        assertThat(call("POST", "/images/" + id + "/tag?repo=other&tag=2").status())
                .isEqualTo(201);

        JsonNode listed = call("GET", "/v1.43/images/json?filters=%7B%22reference%22%3A%5B%22other%22%5D%7D")
                .json();
        assertThat(listed.size()).isEqualTo(1);
        assertThat(listed.path(0).path("RepoTags").toString()).isEqualTo("[\"other:2\"]");
        assertThat(listed.path(0).path("VirtualSize").asLong()).isEqualTo(3);
        assertThat(call("GET", "/images/json").json().path(0).has("VirtualSize"))
                .isFalse();

        JsonNode inspected =
                call("GET", "/images/localhost:5000/team/app:1/json").json();
        assertThat(inspected)
                .isEqualTo(call("GET", "/images/localhost:5000%2Fteam%2Fapp:1/json")
                        .json());
        assertThat(inspected)
                .isEqualTo(call("GET", "/images/" + id.shortHex() + "/json").json());
        assertThat(inspected.path("Config").toString()).isEqualTo("{\"Cmd\":[\"sh\"],\"Labels\":{\"a\":\"b\"}}");
        assertThat(call("GET", "/images/other:2/history")
                        .json()
                        .path(0)
                        .path("Size")
                        .asLong())
                .isEqualTo(3);

        ResolvedImage resolved = node.resolve("other:2", null);
        assertThat(resolved.imageId()).isEqualTo(id);
        assertThat(Path.of(resolved.layers().getFirst(), "etc/motd")).hasContent("one");

        byte[] saved = client.get().uri("/images/get?names=other:2").retrieve().body(byte[].class);
        assertThat(call("DELETE", "/images/" + id).message()).endsWith("image is referenced in multiple repositories");
        assertThat(call("DELETE", "/images/localhost:5000/team/app:1").body())
                .isEqualTo("[{\"Untagged\":\"localhost:5000/team/app:1\"}]");
        assertThat(call("DELETE", "/images/other:2")
                        .json()
                        .path(1)
                        .path("Deleted")
                        .asString())
                .isEqualTo(id.toString());
        assertThat(call("GET", "/images/json").body()).isEqualTo("[]");
        // The engine has resolved it a moment ago: gone for clients, there for a container that is being made.
        assertThat(Path.of(resolved.layers().getFirst(), "etc/motd")).exists();

        assertThat(call("POST", "/images/load?quiet=1", java.util.Objects.requireNonNull(saved))
                        .body())
                .contains("Loaded image: other:2");
        assertThat(call("GET", "/images/other:2/json").json().path("Id").asString())
                .isEqualTo(id.toString());

        Digest second = importImage("two", "two");
        assertThat(call("DELETE", "/images/two").json().path(1).path("Deleted").asString())
                .isEqualTo(second.toString());
        assertThat(files()).filteredOn(file -> file.contains(second.hex())).isEmpty();
        assertThat(files()).containsAll(before);
    }

    @Test
    void aPlatformThatAnImageIsNotForIsRefused() throws IOException {
        Digest id = importImage("of-platform:1", "platform");
        String own = json(
                "{\"os\":\"linux\",\"architecture\":\"" + Platform.current().architecture() + "\"}");
        String other = json("{\"os\":\"linux\",\"architecture\":\"s390x\"}");
        String refusal = "image with reference of-platform:1 was found but its platform (" + Platform.current()
                + ") does not match the specified platform (linux/s390x)";
        for (String path : List.of(
                "/images/of-platform:1/json?platform=",
                "/images/of-platform:1/history?platform=",
                "/images/of-platform:1/get?platform=",
                "/images/get?names=of-platform:1&platform=",
                "/images/of-platform:1/attestations?platform=")) {
            assertThat(call("GET", path + own).status()).as(path).isEqualTo(200);
            Answer refused = call("GET", path + other);
            assertThat(refused.status()).as(path).isEqualTo(404);
            assertThat(refused.message()).as(path).isEqualTo(refusal);
            assertThat(call("GET", path + json("{")).status()).as(path).isEqualTo(400);
        }
        assertThat(call("DELETE", "/images/of-platform:1?platforms=" + other).message())
                .isEqualTo(refusal);
        assertThat(call("GET", "/v1.48/images/of-platform:1/json?platform=" + other)
                        .status())
                .as("unknown before 1.49")
                .isEqualTo(200);
        assertThat(call("GET", "/images/of-platform:1/json?manifests=1&platform=" + own)
                        .message())
                .isEqualTo("conflicting options: manifests and platform options cannot both be set");

        byte[] saved =
                client.get().uri("/images/get?names=of-platform:1").retrieve().body(byte[].class);
        byte[] archive = java.util.Objects.requireNonNull(saved);
        assertThat(call("POST", "/images/load?platform=" + other, archive).status())
                .isEqualTo(400);
        assertThat(call("POST", "/images/load?platform=" + own + "&platform=" + other, archive)
                        .body())
                .contains("Loaded image: of-platform:1");
        assertThat(call("DELETE", "/images/of-platform:1?platforms=" + own).body())
                .contains("\"Deleted\":\"" + id);
    }

    private static String json(String text) {
        return java.net.URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Test
    void tellsTheManifestsOfAnImage() throws IOException {
        Digest id = importImage("of-manifests:1", "manifests");
        JsonNode inspected =
                call("GET", "/images/of-manifests:1/json?manifests=true").json();
        JsonNode manifest = inspected.path("Manifests").path(0);
        assertThat(manifest.path("ID").asString())
                .isEqualTo(inspected.path("Descriptor").path("digest").asString());
        assertThat(manifest.path("Kind").asString()).isEqualTo("image");
        assertThat(manifest.path("Available").asBoolean()).isTrue();
        assertThat(manifest.path("ImageData").path("Size").path("Unpacked").asLong())
                .isEqualTo("manifests".length());
        assertThat(manifest.path("Size").path("Total").asLong())
                .isEqualTo(manifest.path("Size").path("Content").asLong() + "manifests".length());
        assertThat(call("GET", "/v1.47/images/of-manifests:1/json?manifests=true")
                        .json()
                        .has("Manifests"))
                .isFalse();
        String filter = "filters=" + json("{\"reference\":[\"of-manifests\"]}");
        assertThat(call("GET", "/v1.47/images/json?manifests=1&" + filter)
                        .json()
                        .path(0)
                        .path("Manifests")
                        .size())
                .isEqualTo(1);
        assertThat(call("GET", "/v1.46/images/json?manifests=1&" + filter)
                        .json()
                        .path(0)
                        .has("Manifests"))
                .isFalse();
        assertThat(call("GET", "/images/of-manifests:1/attestations").body()).isEqualTo("[]");
        assertThat(call("DELETE", "/images/" + id).status()).isEqualTo(200);
    }

    @Test
    void commitsAContainersChanges() throws IOException {
        Digest parent = importImage("parent", "below");
        Path upper = Files.createDirectories(directory.resolve("upper"));
        Files.createDirectories(upper.resolve("etc"));
        Files.writeString(upper.resolve("new"), "new");
        try (Directory at = Directory.open(upper)) {
            at.mknod("etc/motd", FileType.CHARACTER_DEVICE, 0, 0, 0);
        }
        ImageConfig.Execution config = node.resolve("parent", null).config().execution();
        CommitRequest request = new CommitRequest(
                parent, upper.toString(), List.of("sh"), config, List.of("ENV A=1"), "why", "me", "child", "");
        CommitRequest.Committed committed = node.commit(request);
        assertThat(committed.reference()).isEqualTo("child:latest");

        ResolvedImage child = node.resolve("child", null);
        assertThat(child.imageId()).isEqualTo(committed.imageId());
        assertThat(child.layers())
                .hasSize(2)
                .startsWith(node.resolve("parent", null).layers().getFirst());
        Path layer = Path.of(child.layers().get(1));
        assertThat(layer.resolve("new")).hasContent("new");
        try (Directory at = Directory.open(layer)) {
            assertThat(OverlayMarks.isWhiteout(at.stat("etc/motd"))).isTrue();
        }
        assertThat(child.config().execution().env()).containsExactly("A=1");
        assertThat(child.config().execution().cmd()).containsExactly("sh");
        assertThat(java.util.Objects.requireNonNull(child.config().history()).getLast())
                .satisfies(step -> {
                    assertThat(step.createdBy()).isEqualTo("sh");
                    assertThat(step.comment()).isEqualTo("why");
                    assertThat(step.author()).isEqualTo("me");
                });

        // Without any change there is no further layer.
        Path untouched = Files.createDirectories(directory.resolve("untouched"));
        CommitRequest.Committed same = node.commit(
                new CommitRequest(parent, untouched.toString(), List.of(), config, List.of(), "", "", "same", "tag"));
        assertThat(node.resolve(same.reference(), null).layers()).hasSize(1);
        assertThatThrownBy(() -> node.commit(new CommitRequest(
                        parent, untouched.toString(), List.of(), config, List.of("RUN x"), "", "", "", "")))
                .isInstanceOf(HttpClientErrorException.BadRequest.class)
                .hasMessageContaining("RUN is not a valid change command");

        ImagesUsage usage = node.usage();
        assertThat(usage.totalBytes())
                .as("what du says of the directories")
                .isCloseTo(
                        TreeUsage.of(directory.resolve("data/content/blobs"))
                                + TreeUsage.of(directory.resolve("data/layers")),
                        within(4096L));
        assertThat(usage.images())
                .filteredOn(image -> image.repoTags().contains("parent:latest"))
                .singleElement()
                .satisfies(image -> assertThat(image.sharedBytes()).isEqualTo(image.bytes()));
        for (String name : List.of("child", "same:tag", "parent")) {
            assertThat(call("DELETE", "/images/" + name).status()).isEqualTo(200);
        }
    }

    @Test
    void containersKeepTheirImage() throws IOException {
        importImage("used", "used");
        String running = "a".repeat(64);
        USERS.add(new ImageUser(running, true, "used"));
        try {
            assertThat(call("DELETE", "/images/used").message())
                    .startsWith("conflict: unable to remove repository reference \"used\" (must force) - container "
                            + "aaaaaaaaaaaa is using its referenced image ");
            String id = call("GET", "/images/used/json").json().path("Id").asString();
            Answer byId = call("DELETE", "/images/" + id + "?force=1");
            assertThat(byId.status()).isEqualTo(409);
            assertThat(byId.message())
                    .isEqualTo("conflict: unable to delete " + Digest.parse(id).shortHex()
                            + " (cannot be forced) - image is being used by running container aaaaaaaaaaaa");
            assertThat(call("POST", "/images/prune?filters=%7B%22dangling%22%3A%5B%22false%22%5D%7D")
                            .body())
                    .contains("\"ImagesDeleted\":null");
            USERS.set(0, new ImageUser(running, false, "used"));
            assertThat(call("DELETE", "/images/used?force=1").status()).isEqualTo(200);
            assertThat(node.resolve(id, null).imageId()).hasToString(id);
        } finally {
            USERS.clear();
        }
    }

    /** What is known of images is kept between their changes. */
    @Test
    void aChangeIsSeenAtOnceHoweverManyLook() throws Exception {
        String id = importImage("busy", "looked at").toString();
        AtomicBoolean done = new AtomicBoolean();
        List<Future<?>> lookers = new ArrayList<>();
        try (ExecutorService looking = Executors.newVirtualThreadPerTaskExecutor()) {
            for (String path : List.of("/images/json", "/images/busy/json", "/images/busy:new/json")) {
                lookers.add(looking.submit(() -> {
                    while (!done.get()) {
                        assertThat(call("GET", path).status()).isIn(200, 404);
                    }
                }));
            }
            try {
                for (int i = 0; i < 50; i++) {
                    assertThat(call("POST", "/images/busy/tag?repo=busy&tag=new")
                                    .status())
                            .isEqualTo(201);
                    assertThat(call("GET", "/images/busy:new/json")
                                    .json()
                                    .path("Id")
                                    .asString())
                            .isEqualTo(id);
                    assertThat(call("GET", "/images/json").body()).contains("busy:new");
                    assertThat(call("DELETE", "/images/busy:new").status()).isEqualTo(200);
                    assertThat(call("GET", "/images/busy:new/json").status()).isEqualTo(404);
                    assertThat(call("GET", "/images/json").body()).doesNotContain("busy:new");
                }
            } finally {
                done.set(true);
            }
        }
        for (Future<?> looker : lookers) {
            looker.get();
        }
        assertThat(call("DELETE", "/images/busy").status()).isEqualTo(200);
        assertThat(call("GET", "/images/" + id + "/json").status()).isEqualTo(404);
    }

    @Test
    void refusesInDockersWords() {
        assertThat(call("GET", "/images/foo/json"))
                .isEqualTo(new Answer(404, "{\"message\":\"No such image: foo:latest\"}"));
        assertThat(call("GET", "/nothing")).isEqualTo(new Answer(404, "{\"message\":\"page not found\"}"));
        assertThat(call("PATCH", "/images/json").status()).isEqualTo(405);
        assertThat(call("GET", "/images/json?filters=zz").message()).isEqualTo("invalid filter");
        assertThat(call("POST", "/images/foo/tag?repo=Foo").status()).isEqualTo(400);
        assertThat(call("POST", "/images/load", "no archive".getBytes(StandardCharsets.UTF_8))
                        .status())
                .isEqualTo(400);
        assertThatThrownBy(() -> node.resolve("foo", null))
                .isInstanceOf(HttpClientErrorException.NotFound.class)
                .hasMessageContaining("No such image: foo:latest");
    }

    @Test
    void hostileArchivesLeaveNothing() throws IOException {
        call("POST", "/images/prune");
        Set<String> before = files();
        byte[] climbing = new RawTar().entry('0', "../x", "", new byte[3]).end();
        assertThat(call("POST", "/images/create?fromSrc=-", climbing).message()).contains("outside of the root");
        assertThat(call("POST", "/images/load", climbing).message()).contains("outside of the archive");
        byte[] manifestTraversal = new RawTar()
                .entry(
                        '0',
                        "manifest.json",
                        "",
                        "[{\"Config\":\"../../../../etc/passwd\",\"Layers\":[]}]".getBytes(StandardCharsets.UTF_8))
                .end();
        assertThat(call("POST", "/images/load", manifestTraversal).status()).isEqualTo(400);
        byte[] huge =
                new RawTar().entry('0', "manifest.json", "", new byte[5 << 20]).end();
        assertThat(call("POST", "/images/load", huge).message()).contains("more than 4194304 bytes");
        assertThat(call(
                                "POST",
                                "/images/load",
                                new RawTar().entry('0', "x", "", new byte[9]).withoutEnd())
                        .message())
                .contains("neither manifest.json nor index.json");
        assertThat(files()).isEqualTo(before);
    }
}
