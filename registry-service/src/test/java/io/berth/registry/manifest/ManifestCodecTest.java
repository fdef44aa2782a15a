package io.berth.registry.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.oci.MediaType;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestCodecTest {
    private static final String DIGEST = "sha256:" + "a".repeat(64);
    private static final String CONFIG =
            "{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"size\":2,\"digest\":\"" + DIGEST + "\"}";

    private static ManifestDocument parse(@Nullable String contentType, String json) {
        return ManifestCodec.parse(contentType, json.getBytes(StandardCharsets.UTF_8));
    }

    private static void assertInvalid(@Nullable String contentType, String json) {
        assertThatThrownBy(() -> parse(contentType, json)).isInstanceOfSatisfying(RegistryException.class, e -> {
            assertThat(e.status()).isEqualTo(400);
            assertThat(e.errors().getFirst().code()).isEqualTo(ErrorCode.MANIFEST_INVALID);
        });
    }

    @Test
    void readsAManifest() {
        ManifestDocument document = parse(
                MediaType.OCI_MANIFEST + "; charset=utf-8",
                "{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_MANIFEST + "\",\"config\":" + CONFIG
                        + ",\"layers\":[" + CONFIG + "],\"subject\":" + CONFIG
                        + ",\"annotations\":{\"k\":\"v\"},\"unknown\":1}");
        assertThat(document.blobs()).hasSize(2);
        assertThat(document.subject()).isNotNull();
        assertThat(document.artifactType()).isEqualTo(MediaType.OCI_CONFIG);
        assertThat(document.annotations()).containsEntry("k", "v");
    }

    @Test
    void readsAnIndexWithoutMediaTypeByItsContentType() {
        ManifestDocument document = parse(MediaType.OCI_INDEX, "{\"schemaVersion\":2,\"manifests\":[" + CONFIG + "]}");
        assertThat(document.members()).hasSize(1);
        assertThat(document.artifactType()).isNull();
    }

    @Test
    void doesNotAskForLayersThatAreElsewhere() {
        String foreign = CONFIG.replace(MediaType.OCI_CONFIG, MediaType.DOCKER_FOREIGN_LAYER_GZIP);
        ManifestDocument document = parse(
                MediaType.DOCKER_MANIFEST,
                "{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.DOCKER_MANIFEST + "\",\"config\":" + CONFIG
                        + ",\"layers\":[" + foreign + "]}");
        assertThat(document.blobs()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{",
                "{}",
                "{\"schemaVersion\":1,\"config\":C,\"layers\":[]}",
                "{\"config\":C,\"layers\":[]}",
                "{\"schemaVersion\":2,\"layers\":[]}",
                "{\"schemaVersion\":2,\"config\":C}",
                "{\"schemaVersion\":2,\"config\":C,\"layers\":{}}",
                "{\"schemaVersion\":2,\"config\":C,\"layers\":[null]}",
                "{\"schemaVersion\":2,\"config\":C,\"layers\":[{}]}",
                "{\"schemaVersion\":2,\"config\":C,\"layers\":[],\"manifests\":[]}",
                "{\"schemaVersion\":2,\"config\":C,\"layers\":[],\"Layers\":[C]}",
                "{\"schemaVersion\":2,\"config\":C,\"layers\":[],\"layers\":[C]}",
                "{\"schemaVersion\":2,\"config\":C,\"layers\":[],\"fsLayers\":[]}",
                "{\"schemaVersion\":2,\"config\":C,\"layers\":[]} {}",
                "{\"schemaVersion\":2,\"config\":C,\"layers\":[],\"mediaType\":7}",
                "{\"schemaVersion\":2,\"config\":C,\"layers\":[],\"mediaType\":\"application/vnd.oci.image.index.v1+json\"}",
                "{\"schemaVersion\":2,\"config\":C,\"layers\":[],\"subject\":{}}"
            })
    void refusesAmbiguousAndIncompleteManifests(String json) {
        assertInvalid(MediaType.OCI_MANIFEST, json.replace("C", CONFIG));
    }

    @Test
    void refusesDescriptorsThatAreNone() {
        for (String wrong : new String[] {
            CONFIG.replace("\"size\":2", "\"size\":-1"),
            CONFIG.replace("\"size\":2", "\"size\":\"2\""),
            CONFIG.replace("\"size\":2", "\"size\":1.5"),
            CONFIG.replace("\"size\":2", "\"size\":99999999999999999999"),
            CONFIG.replace(DIGEST, "sha256:../../../etc/passwd"),
            CONFIG.replace(DIGEST, "md5:" + "a".repeat(32)),
            CONFIG.replace(DIGEST, "sha256:" + "A".repeat(64))
        }) {
            assertInvalid(MediaType.OCI_MANIFEST, "{\"schemaVersion\":2,\"config\":" + wrong + ",\"layers\":[]}");
        }
    }

    @Test
    void refusesIndexesWithManifestFieldsAndUnknownTypes() {
        assertInvalid(MediaType.OCI_INDEX, "{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}");
        assertInvalid(MediaType.OCI_INDEX, "{\"schemaVersion\":2,\"manifests\":[],\"config\":" + CONFIG + "}");
        assertInvalid("application/json", "{\"schemaVersion\":2,\"manifests\":[]}");
        assertInvalid(null, "{\"schemaVersion\":2,\"manifests\":[]}");
        assertInvalid(MediaType.DOCKER_INDEX, "{\"schemaVersion\":2,\"manifests\":[]}");
        assertInvalid(MediaType.OCI_INDEX, "{\"schemaVersion\":2,\"manifests\":" + "[".repeat(100_000) + "}");
    }
}
