package io.berth.registry;

import static io.berth.registry.Answers.assertRefused;
import static io.berth.registry.Answers.json;
import static io.berth.registry.Answers.texts;
import static io.berth.registry.TestRegistry.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.registry.TestRegistry.Answer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Distribution specification: "Pushing Manifests", "Pushing Manifests with Subject". */
@RegistryTest
class ConformanceManifestIT {
    private static final String NAME = "conformance/manifest";
    private static final int LIMIT = 4 * 1024 * 1024;

    private final TestRegistry registry;

    ConformanceManifestIT(TestRegistry registry) {
        this.registry = registry;
    }

    @Test
    void aManifestIsPushedByTagAndByDigest() {
        TestImage image = TestImage.of(registry, NAME, "both");
        for (Object reference : new Object[] {"both", image.digest()}) {
            Answer pushed = image.put(registry, reference);
            assertThat(pushed.status()).as(pushed.text()).isEqualTo(201);
            assertThat(pushed.header("Docker-Content-Digest"))
                    .isEqualTo(image.digest().toString());
            assertThat(registry.get(pushed.header("Location")).body()).isEqualTo(image.content());
        }
    }

    @Test
    void aTagMovesToWhatIsPushedLast() {
        TestImage first = TestImage.of(registry, NAME, "first").push(registry, "moving");
        TestImage second = TestImage.of(registry, NAME, "second").push(registry, "moving");
        assertThat(registry.get(second.path("moving")).body()).isEqualTo(second.content());
        assertThat(registry.get(first.path(first.digest())).status()).isEqualTo(200);
    }

    @Test
    void theListOfLayersMayBeEmpty() {
        registry.blob(NAME, bytes("{}"));
        TestImage empty = new TestImage(
                NAME,
                MediaType.OCI_MANIFEST,
                "{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_MANIFEST
                        + "\",\"artifactType\":\"application/x-nothing\",\"config\":"
                        + TestImage.descriptor(MediaType.OCI_EMPTY, "{}") + ",\"layers\":[]}");
        empty.push(registry, "empty");
        assertThat(registry.get(empty.path("empty")).body()).isEqualTo(empty.content());
    }

    @Test
    void dockersDocumentsAreServedAsSuch() {
        TestImage oci = TestImage.of(registry, NAME, "docker");
        TestImage docker = new TestImage(
                        NAME,
                        MediaType.DOCKER_MANIFEST,
                        oci.json()
                                .replace(MediaType.OCI_MANIFEST, MediaType.DOCKER_MANIFEST)
                                .replace(MediaType.OCI_CONFIG, MediaType.DOCKER_CONFIG)
                                .replace(MediaType.OCI_LAYER, MediaType.DOCKER_LAYER_GZIP))
                .push(registry, "docker");
        TestImage ociIndex = TestImage.index(List.of(docker));
        TestImage list = new TestImage(
                        NAME,
                        MediaType.DOCKER_INDEX,
                        ociIndex.json().replace(MediaType.OCI_INDEX, MediaType.DOCKER_INDEX))
                .push(registry, "docker-list");
        assertThat(registry.get(docker.path("docker")).header("Content-Type")).isEqualTo(MediaType.DOCKER_MANIFEST);
        assertThat(registry.get(list.path("docker-list")).header("Content-Type"))
                .isEqualTo(MediaType.DOCKER_INDEX);
    }

    @Test
    void anIndexNamesManifestsAndIndexes() {
        TestImage one = TestImage.of(registry, NAME, "one").push(registry);
        TestImage two = TestImage.of(registry, NAME, "two").push(registry);
        TestImage inner = TestImage.index(List.of(one, two)).push(registry);
        TestImage outer = TestImage.index(List.of(inner, two)).push(registry, "outer");
        assertThat(registry.get(outer.path("outer")).body()).isEqualTo(outer.content());
    }

    @Test
    void manyTagsArePushedAtOnce() {
        TestImage image = TestImage.of(registry, NAME + "/tags", "tags");
        List<String> tags =
                IntStream.range(0, 300).mapToObj(i -> "t" + (100 + i)).toList();
        Answer pushed = image.put(registry, image.digest() + "?tag=" + String.join("&tag=", tags));
        assertThat(pushed.status()).as(pushed.text()).isEqualTo(201);
        assertThat(pushed.headers().get("OCI-Tag")).containsExactlyElementsOf(tags);
        assertThat(texts(json(registry.get("/v2/" + NAME + "/tags/tags/list")).get("tags")))
                .isEqualTo(tags);
        assertThat(registry.get(image.path("t399")).body()).isEqualTo(image.content());
    }

    @Test
    void oneWrongTagOfManyMeansNone() {
        TestImage image = TestImage.of(registry, NAME + "/none", "none");
        assertRefused(image.put(registry, image.digest() + "?tag=good&tag=-bad"), 400, "MANIFEST_INVALID");
        assertRefused(registry.get(image.path("good")), 404, "MANIFEST_UNKNOWN");
        assertRefused(registry.get(image.path(image.digest())), 404, "MANIFEST_UNKNOWN");
    }

    @Test
    void fourMebibytesAreTakenAndNotOneByteMore() {
        byte[] manifest = TestImage.of(registry, NAME, "large").content();
        byte[] full = Arrays.copyOf(manifest, LIMIT);
        Arrays.fill(full, manifest.length, LIMIT, (byte) ' ');
        String path = "/v2/" + NAME + "/manifests/large";
        assertThat(registry.put(path, MediaType.OCI_MANIFEST, full).status()).isEqualTo(201);
        assertThat(registry.get(path).body()).isEqualTo(full);
        byte[] over = Arrays.copyOf(full, LIMIT + 1);
        over[LIMIT] = ' ';
        assertRefused(registry.put(path, MediaType.OCI_MANIFEST, over), 413, "MANIFEST_INVALID");
        assertThat(registry.get(path).body()).isEqualTo(full);
    }

    /** 4 MiB of whatever passes the bounds, some at once: none takes long, and the registry answers meanwhile. */
    @Test
    @Timeout(60)
    void theWorstManifestsTakeNoTime() {
        TestImage image = TestImage.of(registry, NAME, "worst");
        String json = image.json();
        String digests = IntStream.range(0, 20_000)
                .mapToObj(i -> "{\"mediaType\":\"" + MediaType.OCI_LAYER_GZIP + "\",\"size\":1,\"digest\":\""
                        + Digest.sha256(bytes("absent" + i)) + "\"}")
                .collect(Collectors.joining(","));
        String annotations =
                IntStream.range(0, 90_000).mapToObj(i -> "\"a" + i + "\":\"\"").collect(Collectors.joining(","));
        // All of one hash code.
        String colliding = IntStream.range(0, 1 << 16)
                .mapToObj(i -> IntStream.range(0, 16)
                        .mapToObj(bit -> (i >> bit & 1) == 0 ? "Aa" : "BB")
                        .collect(Collectors.joining("", "\"", "\":\"\"")))
                .collect(Collectors.joining(","));
        Map<String, Integer> worst = Map.of(
                json.replaceFirst("\\{", "{\"annotations\":{" + colliding + "},"),
                201,
                json.replaceFirst("\"layers\": *\\[", "$0" + digests + ","),
                400,
                json.replaceFirst("\\{", "{\"annotations\":{" + annotations + "},"),
                201);
        worst.forEach((manifest, status) -> {
            List<CompletableFuture<Integer>> answers = IntStream.range(0, 4)
                    .mapToObj(i -> CompletableFuture.supplyAsync(() -> registry.put(
                                    "/v2/" + NAME + "/manifests/worst" + i, MediaType.OCI_MANIFEST, bytes(manifest))
                            .status()))
                    .toList();
            assertThat(registry.get("/v2/").status()).isEqualTo(200);
            assertThat(answers.stream().map(CompletableFuture::join)).containsOnly(status);
        });
    }

    @Test
    void everyMissingReferenceIsAnErrorOfItsOwn() {
        TestImage elsewhere = TestImage.of(registry, NAME, "references");
        TestImage here = new TestImage(NAME + "/without", elsewhere.mediaType(), elsewhere.json());
        registry.blob(here.repository(), bytes("something else"));
        Answer refused = here.put(registry, "v");
        assertRefused(refused, 400, "MANIFEST_BLOB_UNKNOWN");
        assertThat(json(refused).get("errors")).hasSize(2);
        TestImage index = TestImage.index(List.of(here));
        assertRefused(index.put(registry, "v"), 400, "MANIFEST_BLOB_UNKNOWN");
    }

    @Test
    void theSubjectNeedNotExistAndIsConfirmed() {
        TestImage subject = TestImage.of(registry, NAME, "subject, pushed later");
        TestImage referrer =
                TestImage.of(registry, NAME, "referrer, pushed first").referringTo(subject);
        Answer pushed = referrer.put(registry, referrer.digest());
        assertThat(pushed.status()).as(pushed.text()).isEqualTo(201);
        assertThat(pushed.header("OCI-Subject")).isEqualTo(subject.digest().toString());
        TestImage member = TestImage.of(registry, NAME, "member").push(registry);
        TestImage index = TestImage.index(List.of(member)).referringTo(subject);
        assertThat(index.put(registry, "index-with-subject").header("OCI-Subject"))
                .isEqualTo(subject.digest().toString());
        assertThat(subject.put(registry, "subject").headers().get("OCI-Subject"))
                .isNull();
    }

    @Test
    void theDigestHasToBeThatOfTheBody() {
        TestImage image = TestImage.of(registry, NAME, "other digest");
        Digest other = Digest.sha256(bytes("other"));
        assertRefused(image.put(registry, other), 400, "DIGEST_INVALID");
        assertRefused(registry.get(image.path(other)), 404, "MANIFEST_UNKNOWN");
    }
}
