package io.berth.image.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.berth.docker.error.Forbidden;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.image.AttestationStatement;
import io.berth.docker.image.ManifestSummary;
import io.berth.image.caller.CallerLeases;
import io.berth.image.content.ContentStore;
import io.berth.image.layer.LayerStore;
import io.berth.image.progress.ProgressStream;
import io.berth.image.store.Image;
import io.berth.image.store.ImageAttestations;
import io.berth.image.store.ImageIndexes;
import io.berth.image.store.ImageStore;
import io.berth.image.store.ManifestSummaries;
import io.berth.image.store.PlatformImages;
import io.berth.oci.Digest;
import io.berth.oci.ImageReference;
import io.berth.oci.MediaType;
import io.berth.oci.Platform;
import io.berth.registryclient.Mirrors;
import io.berth.registryclient.RegistryClients;
import io.berth.registryclient.RegistryCredentials;
import io.berth.registryclient.TransferLimits;
import io.berth.registryclient.signature.SignaturePolicy;
import io.berth.registryclient.signature.SignatureVerification;
import io.berth.registryclient.signature.Trust;
import io.berth.testregistry.TestRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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

/** Where images come from and which are refused: mirrors, signatures, artifacts, manifests of old. Needs root. */
@Tag("kernel")
@DirtiesContext
@SpringBootTest
class PullSourcesTest {
    private static final String REPOSITORY = "team/app";

    @TempDir
    static Path directory;

    private final CallerLeases leases;
    private final ImageStore images;
    private final ImageIndexes indexes;
    private final PlatformImages platformImages;
    private final ManifestSummaries summaries;
    private final ImageAttestations attestations;
    private final LayerStore layers;
    private final ContentStore content;
    private final TestRegistry registry = new TestRegistry();
    private final TestRegistry mirror = new TestRegistry();
    private final ByteArrayOutputStream lines = new ByteArrayOutputStream();

    @Autowired
    PullSourcesTest(
            CallerLeases leases,
            ImageStore images,
            ImageIndexes indexes,
            PlatformImages platformImages,
            ManifestSummaries summaries,
            ImageAttestations attestations,
            LayerStore layers,
            ContentStore content) {
        this.summaries = summaries;
        this.attestations = attestations;
        this.indexes = indexes;
        this.platformImages = platformImages;
        this.leases = leases;
        this.images = images;
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
        mirror.close();
    }

    private ImageReference name(String tag) {
        return ImageReference.parse(registry.domain() + "/" + REPOSITORY + ":" + tag);
    }

    private void pull(
            ImageReference reference, RegistryCredentials credentials, SignaturePolicy.Mode mode, Path... keys)
            throws ClientGone {
        Mirrors mirrors = new Mirrors(List.of(
                new Mirrors.Rule(registry.domain(), List.of(URI.create("http://127.0.0.1:1"))),
                new Mirrors.Rule(
                        registry.domain() + "/team", List.of(URI.create("http://" + mirror.domain() + "/cache/")))));
        SignaturePolicy policy = new SignaturePolicy(
                List.of(new SignaturePolicy.Rule(registry.domain(), mode, Trust.keys(List.of(keys)))));
        TransferLimits limits = new TransferLimits(
                2, Duration.ofMillis(5), Duration.ofMillis(50), Duration.ofSeconds(5), Duration.ofSeconds(2));
        try (RegistryClients clients = new RegistryClients(List.of(), mirrors, null, limits)) {
            lines.reset();
            new ImagePuller(
                            clients,
                            leases,
                            images,
                            platformImages,
                            new SignatureVerification(policy),
                            new ImageDownload(content, layers, images, indexes, 4))
                    .pull(reference, null, credentials, new ProgressStream(lines));
        }
    }

    private void pull(ImageReference reference) throws ClientGone {
        pull(reference, RegistryCredentials.ANONYMOUS, SignaturePolicy.Mode.OFF);
    }

    private static SampleImage sample(String mark) throws IOException {
        return new SampleImage(Platform.current().architecture()).layer(MediaType.OCI_LAYER_GZIP, mark, 30_000);
    }

    private String lines() {
        return lines.toString(StandardCharsets.UTF_8);
    }

    @Test
    void asksTheMirrorOfTheLongestPrefixFirst() throws IOException {
        SampleImage image = sample("mirrored");
        Digest digest = image.publish(mirror, "cache/" + REPOSITORY, "1", MediaType.OCI_MANIFEST);
        pull(
                name("1"),
                new RegistryCredentials("user", "secret", null, null, registry.domain()),
                SignaturePolicy.Mode.OFF);
        assertThat(images.findByReference(name("1")).orElseThrow().digests())
                .containsExactly(name("1").withDigest(digest));
        assertThat(registry.requests())
                .extracting(request -> request.uri().getPath())
                .containsOnly("/v2/");
        assertThat(mirror.requests())
                .isNotEmpty()
                .allSatisfy(
                        request -> assertThat(request.header("Authorization")).isEmpty());
        assertThat(lines()).startsWith("{\"status\":\"Pulling from " + REPOSITORY + "\",\"id\":\"1\"}");
    }

    @Test
    void asksTheRegistryWhenTheMirrorFails() throws IOException {
        SampleImage image = sample("unmirrored");
        image.publish(registry, REPOSITORY, "2", MediaType.OCI_MANIFEST);
        pull(name("2"));
        assertThat(images.findByReference(name("2")).orElseThrow().id()).isEqualTo(image.id());
        assertThat(mirror.count("GET", "/v2/cache/" + REPOSITORY + "/manifests/2"))
                .isEqualTo(1);

        SampleImage lying = sample("lying");
        lying.publish(registry, REPOSITORY, "3", MediaType.OCI_MANIFEST);
        lying.publish(mirror, "cache/" + REPOSITORY, "3", MediaType.OCI_MANIFEST);
        mirror.addBlob("cache/" + REPOSITORY, lying.layers().getFirst().digest(), new byte[30]);
        pull(name("3"));
        assertThat(images.findByReference(name("3")).orElseThrow().id()).isEqualTo(lying.id());
    }

    @Test
    void refusesAnUnsignedImageOrWarnsOfIt() throws IOException {
        SampleImage image = sample("unsigned");
        image.publish(registry, REPOSITORY, "4", MediaType.OCI_MANIFEST);
        Path key = directory.resolve("none.pub");
        assertThatThrownBy(() -> pull(name("4"), RegistryCredentials.ANONYMOUS, SignaturePolicy.Mode.ENFORCE, key))
                .isInstanceOf(Forbidden.class)
                .hasMessageContaining("is not signed as the policy for \"" + registry.domain() + "\" asks for");
        assertThat(lines()).isEmpty();
        assertThat(images.find(image.id())).isEmpty();
        assertThat(content.exists(image.id())).isFalse();
        assertThat(registry.count("GET", "/blobs/")).isZero();

        pull(name("4"), RegistryCredentials.ANONYMOUS, SignaturePolicy.Mode.WARN, key);
        assertThat(lines().lines().skip(1).findFirst().orElseThrow())
                .startsWith("{\"status\":\"WARNING: image " + name("4") + " (sha256:");
        assertThat(images.find(image.id())).isPresent();
    }

    @Test
    void saysThatAnArtifactIsNoImageAndKeepsNothing() throws IOException {
        byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
        String type = "application/vnd.cncf.helm.config.v1+json";
        registry.addBlob(REPOSITORY, config);
        Digest digest = registry.addManifest(
                REPOSITORY,
                "chart",
                MediaType.OCI_MANIFEST,
                ("{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_MANIFEST + "\",\"config\":{\"mediaType\":\""
                                + type + "\",\"digest\":\"" + Digest.sha256(config) + "\",\"size\":2},\"layers\":[]}")
                        .getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> pull(name("chart")))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("Encountered remote \"" + type + "\"(unknown) when fetching");
        assertThat(lines()).isEmpty();
        assertThat(content.exists(digest)).isFalse();
        assertThat(content.exists(Digest.sha256(config))).isFalse();
    }

    @Test
    void refusesSchemaOneInDockersWords() {
        registry.addManifest(
                REPOSITORY,
                "old",
                "application/vnd.docker.distribution.manifest.v1+prettyjws",
                "{\"schemaVersion\":1,\"fsLayers\":[],\"history\":[]}".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> pull(name("old")))
                .hasMessage("Docker Image Format v1 and Docker Image manifest version 2, schema 1 support has been"
                        + " removed. Suggest the author of " + name("old")
                        + " to upgrade the image to the OCI Format or Docker Image manifest v2, schema 2. More"
                        + " information at https://docs.docker.com/go/deprecated-image-specs/");
        assertThat(lines()).isEqualTo("{\"status\":\"Pulling from " + REPOSITORY + "\",\"id\":\"old\"}\r\n");
    }

    @Test
    void keepsTheIndexAndWhatItAttests() throws IOException {
        SampleImage image = sample("attested");
        byte[] manifest = image.manifest(MediaType.OCI_MANIFEST, image.config());
        Digest own = image.publish(registry, REPOSITORY, "own", MediaType.OCI_MANIFEST);
        byte[] statement = "{\"_type\":\"https://in-toto.io/Statement/v0.1\"}".getBytes(StandardCharsets.UTF_8);
        byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
        registry.addBlob(REPOSITORY, statement);
        registry.addBlob(REPOSITORY, config);
        byte[] attestation = ("{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_MANIFEST
                        + "\",\"config\":{\"mediaType\":\"" + MediaType.OCI_CONFIG + "\",\"digest\":\""
                        + Digest.sha256(config)
                        + "\",\"size\":2},\"layers\":[{\"mediaType\":\"application/vnd.in-toto+json\","
                        + "\"digest\":\"" + Digest.sha256(statement) + "\",\"size\":" + statement.length
                        + ",\"annotations\":{\"in-toto.io/predicate-type\":\"https://slsa.dev/provenance/v0.2\"}}]}")
                .getBytes(StandardCharsets.UTF_8);
        Digest attested = registry.addManifest(REPOSITORY, "a", MediaType.OCI_MANIFEST, attestation);
        byte[] index = ("{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_INDEX + "\",\"manifests\":["
                        + "{\"mediaType\":\"" + MediaType.OCI_MANIFEST + "\",\"digest\":\"" + own + "\",\"size\":"
                        + manifest.length + ",\"platform\":{\"os\":\"linux\",\"architecture\":\""
                        + Platform.current().architecture() + "\"}},{\"mediaType\":\"" + MediaType.OCI_MANIFEST
                        + "\",\"digest\":\"" + attested + "\",\"size\":" + attestation.length
                        + ",\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"},\"annotations\":"
                        + "{\"vnd.docker.reference.type\":\"attestation-manifest\",\"vnd.docker.reference.digest\":\""
                        + own + "\"}}]}")
                .getBytes(StandardCharsets.UTF_8);
        Digest indexDigest = registry.addManifest(REPOSITORY, "many", MediaType.OCI_INDEX, index);
        pull(name("many"));
        Image pulled = images.findByReference(name("many")).orElseThrow();
        assertThat(pulled.digests()).containsExactly(name("many").withDigest(indexDigest));
        assertThat(summaries.target(pulled).path("digest").asString()).isEqualTo(indexDigest.toString());
        assertThat(summaries.of(pulled)).extracting(ManifestSummary::kind).containsExactly("image", "attestation");
        assertThat(summaries.of(pulled)).extracting(ManifestSummary::available).containsExactly(true, true);
        List<AttestationStatement> statements = attestations.statements(pulled, Set.of(), true);
        assertThat(statements)
                .extracting(AttestationStatement::predicateType)
                .containsExactly("https://slsa.dev/provenance/v0.2");
        assertThat(String.valueOf(statements.getFirst().statement()))
                .isEqualTo(new String(statement, StandardCharsets.UTF_8));
        assertThat(attestations.statements(pulled, Set.of("other"), true)).isEmpty();
        assertThat(images.usedContent().blobs()).contains(indexDigest, attested, Digest.sha256(statement));

        assertThat(images.retire(pulled.id(), namesOf(pulled))).isTrue();
        images.erase(pulled.id());
        assertThat(images.usedContent().blobs()).doesNotContain(indexDigest, attested);
    }

    private static List<ImageReference> namesOf(Image image) {
        List<ImageReference> names = new ArrayList<>(image.tags());
        names.addAll(image.digests());
        return names;
    }
}
