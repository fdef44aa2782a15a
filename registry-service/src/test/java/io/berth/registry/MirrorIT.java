package io.berth.registry;

import static io.berth.registry.TestRegistry.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.registry.TestRegistry.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Copies from and to another registry. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MirrorIT {
    private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";
    private static final String RULE = "--berth.registry.mirror.rules[%d].%s=%s";

    @TempDir
    static Path directory;

    private final io.berth.testregistry.TestRegistry other = new io.berth.testregistry.TestRegistry();
    /** On an address that no rule allows. */
    private final io.berth.testregistry.TestRegistry inside = new io.berth.testregistry.TestRegistry("127.0.0.2");

    @SuppressWarnings("NullAway.Init") // set before any test runs
    private TestRegistry registry;

    @BeforeAll
    void start() throws IOException {
        registry = TestRegistry.start(
                directory,
                RULE.formatted(0, "direction", "pull"),
                RULE.formatted(0, "repository", "mirror/app"),
                RULE.formatted(0, "registry", other.domain()),
                RULE.formatted(0, "remote-repository", "team/app"),
                RULE.formatted(0, "tags", "v.*"),
                RULE.formatted(0, "allowed-addresses", "127.0.0.1/32"),
                RULE.formatted(1, "direction", "push"),
                RULE.formatted(1, "repository", "own/app"),
                RULE.formatted(1, "registry", other.domain()),
                RULE.formatted(1, "remote-repository", "copies/app"),
                RULE.formatted(1, "allowed-addresses", "127.0.0.1/32"),
                RULE.formatted(2, "direction", "pull"),
                RULE.formatted(2, "repository", "mirror/inside"),
                RULE.formatted(2, "registry", inside.domain()),
                RULE.formatted(2, "remote-repository", "team/app"));
    }

    @AfterEach
    void behave() {
        other.clearFaults();
    }

    @AfterAll
    void stop() {
        registry.close();
        other.close();
        inside.close();
    }

    private String run() {
        Answer answer =
                registry.send("POST", "/actuator/mirrors", Map.of("Content-Type", "application/json"), bytes("{}"));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.text();
    }

    private static String manifest(byte[] config, byte[] layer) {
        return """
            {"schemaVersion":2,"mediaType":"%s",
            "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%d},
            "layers":[{"mediaType":"%s","digest":"%s","size":%d}]}\
            """.formatted(
                        MediaType.OCI_MANIFEST,
                        Digest.sha256(config),
                        config.length,
                        LAYER,
                        Digest.sha256(layer),
                        layer.length);
    }

    private static String index(Digest member, int size) {
        return """
            {"schemaVersion":2,"mediaType":"%s","manifests":[{"mediaType":"%s","digest":"%s","size":%d}]}\
            """.formatted(MediaType.OCI_INDEX, MediaType.OCI_MANIFEST, member, size);
    }

    private Digest remote(String tag, String layer) {
        other.addBlob("team/app", bytes("{}"));
        other.addBlob("team/app", bytes(layer));
        return other.addManifest("team/app", tag, MediaType.OCI_MANIFEST, bytes(manifest(bytes("{}"), bytes(layer))));
    }

    @Test
    void copiesFromAnotherRegistryWhatMatchesAndOnce() {
        Digest single = remote("v1", "one");
        Digest member = remote("unmatched", "two");
        Digest index = other.addManifest(
                "team/app",
                "v2",
                MediaType.OCI_INDEX,
                bytes(index(member, other.manifest("team/app", "unmatched").length)));
        remote("sha256-" + single.hex() + ".sig", "a signature");

        run();
        assertThat(registry.get("/v2/mirror/app/manifests/v1").header("Docker-Content-Digest"))
                .isEqualTo(single.toString());
        assertThat(registry.get("/v2/mirror/app/manifests/v2").header("Docker-Content-Digest"))
                .isEqualTo(index.toString());
        assertThat(registry.get("/v2/mirror/app/blobs/" + Digest.sha256(bytes("two")))
                        .body())
                .isEqualTo(bytes("two"));
        assertThat(registry.get("/v2/mirror/app/manifests/unmatched").status()).isEqualTo(404);
        assertThat(registry.get("/v2/mirror/app/manifests/sha256-" + single.hex() + ".sig")
                        .status())
                .as("signatures come along")
                .isEqualTo(200);

        long before = other.count("GET", "/blobs/");
        assertThat(run()).contains("\"copied\":0");
        assertThat(other.count("GET", "/blobs/")).isEqualTo(before);
    }

    @Test
    void copiesToAnotherRegistry() {
        byte[] layer = bytes("pushed");
        registry.blob("own/app", bytes("{}"));
        registry.blob("own/app", layer);
        String content = manifest(bytes("{}"), layer);
        registry.put("/v2/own/app/manifests/1", MediaType.OCI_MANIFEST, bytes(content));

        run();
        assertThat(other.manifest("copies/app", "1")).isEqualTo(bytes(content));
        assertThat(other.blob("copies/app", Digest.sha256(layer))).isEqualTo(layer);

        registry.put(
                "/v2/own/app/manifests/1",
                MediaType.OCI_INDEX,
                bytes(index(Digest.sha256(bytes(content)), bytes(content).length)));
        run();
        assertThat(other.manifest("copies/app", "1")).asString().contains("manifests");
    }

    @Test
    void aBlobOfAnotherDigestIsNotTakenAndTheOtherTagsAre() {
        byte[] layer = bytes("true");
        remote("v-lie", "true");
        other.addBlob("team/app", Digest.sha256(layer), bytes("fals"));
        remote("v-true", "another");

        assertThat(run()).contains("tag v-lie");
        assertThat(registry.get("/v2/mirror/app/manifests/v-lie").status()).isEqualTo(404);
        assertThat(registry.get("/v2/mirror/app/manifests/v-true").status()).isEqualTo(200);
        other.addBlob("team/app", Digest.sha256(layer), layer);
        run();
        assertThat(registry.get("/v2/mirror/app/manifests/v-lie").status()).isEqualTo(200);
    }

    @Test
    void speaksToNoPrivateAddressThatIsNotAllowed() {
        assertThat(run()).contains("private address");
        assertThat(inside.requests()).isEmpty();
    }
}
