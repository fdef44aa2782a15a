package io.berth.registry;

import static io.berth.registry.Answers.assertRefused;
import static io.berth.registry.Answers.json;
import static io.berth.registry.TestRegistry.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import org.junit.jupiter.api.Test;

/** Distribution specification: "Content Management". */
@RegistryTest
class ConformanceManagementIT {
    private static final String NAME = "conformance/management";

    private final TestRegistry registry;

    ConformanceManagementIT(TestRegistry registry) {
        this.registry = registry;
    }

    @Test
    void aDeletedTagIsGoneAndItsManifestStays() {
        TestImage image = TestImage.of(registry, NAME, "tag");
        image.push(registry, "tag-1").push(registry, "tag-2");
        assertThat(registry.delete(image.path("tag-1")).status()).isEqualTo(202);
        assertRefused(registry.get(image.path("tag-1")), 404, "MANIFEST_UNKNOWN");
        assertRefused(registry.delete(image.path("tag-1")), 404, "MANIFEST_UNKNOWN");
        assertThat(registry.get(image.path("tag-2")).status()).isEqualTo(200);
        assertThat(registry.get(image.path(image.digest())).status()).isEqualTo(200);
        assertThat(registry.get("/v2/" + NAME + "/tags/list").text())
                .doesNotContain("\"tag-1\"")
                .contains("\"tag-2\"");
    }

    @Test
    void aDeletedManifestTakesItsTagsAlong() {
        TestImage image = TestImage.of(registry, NAME, "manifest");
        image.push(registry, "manifest-1").push(registry, "manifest-2");
        assertThat(registry.delete(image.path(image.digest())).status()).isEqualTo(202);
        for (Object reference : new Object[] {"manifest-1", "manifest-2", image.digest()}) {
            assertRefused(registry.get(image.path(reference)), 404, "MANIFEST_UNKNOWN");
            assertRefused(registry.delete(image.path(reference)), 404, "MANIFEST_UNKNOWN");
        }
        image.push(registry, "manifest-1");
        assertThat(registry.get(image.path("manifest-1")).body()).isEqualTo(image.content());
    }

    @Test
    void aDeletedReferrerIsListedNoMore() {
        TestImage subject = TestImage.of(registry, NAME, "subject").push(registry);
        TestImage referrer =
                TestImage.of(registry, NAME, "referrer").referringTo(subject).push(registry);
        String referrers = "/v2/" + NAME + "/referrers/" + subject.digest();
        assertThat(json(registry.get(referrers)).get("manifests")).hasSize(1);
        assertThat(registry.delete(referrer.path(referrer.digest())).status()).isEqualTo(202);
        assertThat(json(registry.get(referrers)).get("manifests")).isEmpty();
    }

    @Test
    void aDeletedBlobIsGoneHereAndStaysElsewhere() {
        byte[] content = bytes("blob of two repositories");
        Digest digest = registry.blob(NAME, content);
        registry.blob(NAME + "/other", content);
        String path = "/v2/" + NAME + "/blobs/" + digest;
        assertThat(registry.delete(path).status()).isEqualTo(202);
        assertRefused(registry.get(path), 404, "BLOB_UNKNOWN");
        assertThat(registry.head(path).status()).isEqualTo(404);
        assertRefused(registry.delete(path), 404, "BLOB_UNKNOWN");
        assertThat(registry.get("/v2/" + NAME + "/other/blobs/" + digest).body())
                .isEqualTo(content);
        registry.blob(NAME, content);
        assertThat(registry.get(path).body()).isEqualTo(content);
    }

    @Test
    void whatAnUnknownRepositoryHasCannotBeDeleted() {
        Digest digest = Digest.sha256(bytes("nobody has this"));
        for (String path : new String[] {"/manifests/latest", "/manifests/" + digest, "/blobs/" + digest}) {
            assertThat(registry.delete("/v2/conformance/nobody" + path).status())
                    .isEqualTo(404);
        }
    }
}
