package io.berth.registry;

import static io.berth.registry.Answers.assertRefused;
import static io.berth.registry.TestRegistry.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.registry.TestRegistry.Answer;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Distribution specification: "Determining Support", "Pull", "Checking if content exists in the registry". */
@RegistryTest
class ConformancePullIT {
    private static final String NAME = "conformance/pull";
    private static final Digest ABSENT = Digest.sha256(bytes("nobody pushed this"));

    private final TestRegistry registry;

    ConformancePullIT(TestRegistry registry) {
        this.registry = registry;
    }

    @Test
    void theBaseAnswers200() {
        assertThat(registry.get("/v2/").status()).isEqualTo(200);
        assertThat(registry.head("/v2/").status()).isEqualTo(200);
    }

    @Test
    void aManifestIsServedByTagAndDigestExactlyAsItWasPushed() {
        TestImage image = TestImage.of(registry, NAME, "exact").push(registry, "exact");
        for (Object reference : new Object[] {"exact", image.digest()}) {
            Answer pulled = registry.get(image.path(reference));
            assertThat(pulled.status()).isEqualTo(200);
            assertThat(pulled.body()).isEqualTo(image.content());
            assertThat(pulled.header("Docker-Content-Digest"))
                    .isEqualTo(image.digest().toString());
            assertThat(pulled.header("Content-Type")).isEqualTo(MediaType.OCI_MANIFEST);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                MediaType.OCI_MANIFEST,
                "application/vnd.docker.distribution.manifest.v2+json, */*",
                "application/vnd.oci.image.index.v1+json",
                "text/html"
            })
    void whatAClientAcceptsDoesNotChangeWhatItGets(String accept) {
        TestImage image = TestImage.of(registry, NAME, "accept").push(registry, "accept");
        Answer pulled = registry.send("GET", image.path("accept"), Map.of("Accept", accept), null);
        assertThat(pulled.status()).isEqualTo(200);
        assertThat(pulled.header("Content-Type")).isEqualTo(MediaType.OCI_MANIFEST);
        assertThat(pulled.body()).isEqualTo(image.content());
    }

    @Test
    void theContentTypeHasNoParametersThoughThePushHadSome() {
        TestImage image = TestImage.of(registry, NAME, "parameters");
        Answer pushed =
                registry.put(image.path("parameters"), MediaType.OCI_MANIFEST + "; charset=utf-8", image.content());
        assertThat(pushed.status()).as(pushed.text()).isEqualTo(201);
        assertThat(registry.get(image.path("parameters")).header("Content-Type"))
                .isEqualTo(MediaType.OCI_MANIFEST);
    }

    @Test
    void aBlobIsServedWithItsDigest() {
        byte[] content = new byte[300_000]; // more than what is copied instead of sent by the kernel
        new Random(1).nextBytes(content);
        Digest digest = registry.blob(NAME, content);
        Answer pulled = registry.get(blob(digest));
        assertThat(pulled.status()).isEqualTo(200);
        assertThat(pulled.body()).isEqualTo(content);
        assertThat(pulled.header("Docker-Content-Digest")).isEqualTo(digest.toString());
        assertThat(pulled.header("Content-Length")).isEqualTo("300000");
        Answer part = registry.send("GET", blob(digest), Map.of("Range", "bytes=100000-249999"), null);
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.header("Docker-Content-Digest")).isEqualTo(digest.toString());
        assertThat(part.body()).isEqualTo(java.util.Arrays.copyOfRange(content, 100_000, 250_000));
    }

    @Test
    void whatIsNotThereIs404() {
        registry.blob(NAME, bytes("something"));
        assertRefused(registry.get(blob(ABSENT)), 404, "BLOB_UNKNOWN");
        assertRefused(registry.get("/v2/" + NAME + "/manifests/absent"), 404, "MANIFEST_UNKNOWN");
        assertRefused(registry.get("/v2/" + NAME + "/manifests/" + ABSENT), 404, "MANIFEST_UNKNOWN");
        assertThat(registry.get("/v2/conformance/nobody/manifests/latest").status())
                .isEqualTo(404);
        assertThat(registry.get("/v2/conformance/nobody/blobs/" + ABSENT).status())
                .isEqualTo(404);
    }

    @Test
    void headSaysWhatGetWouldSend() {
        TestImage image = TestImage.of(registry, NAME, "head").push(registry, "head");
        for (Object reference : new Object[] {"head", image.digest()}) {
            Answer head = registry.head(image.path(reference));
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.body()).isEmpty();
            assertThat(head.header("Content-Length")).isEqualTo(String.valueOf(image.content().length));
            assertThat(head.header("Content-Type")).isEqualTo(MediaType.OCI_MANIFEST);
            assertThat(head.header("Docker-Content-Digest"))
                    .isEqualTo(image.digest().toString());
        }
        Digest digest = registry.blob(NAME, bytes("0123456789"));
        Answer head = registry.head(blob(digest));
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(head.header("Content-Length")).isEqualTo("10");
        assertThat(head.header("Docker-Content-Digest")).isEqualTo(digest.toString());
    }

    @Test
    void headOfWhatIsNotThereIs404() {
        assertThat(registry.head(blob(ABSENT)).status()).isEqualTo(404);
        assertThat(registry.head("/v2/" + NAME + "/manifests/absent").status()).isEqualTo(404);
        assertThat(registry.head("/v2/" + NAME + "/manifests/" + ABSENT).status())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({
        "bytes=0-0, 206, 0, bytes 0-0/10",
        "bytes=2-4, 206, 234, bytes 2-4/10",
        "bytes=7-, 206, 789, bytes 7-9/10",
        "bytes=-3, 206, 789, bytes 7-9/10",
        "bytes=-30, 206, 0123456789, bytes 0-9/10",
        "bytes=8-100, 206, 89, bytes 8-9/10",
        "bytes=10-, 416, , bytes */10",
        "bytes=100-200, 416, , bytes */10",
        "bytes=-0, 416, , bytes */10",
        "'bytes=0-1,3-4', 200, 0123456789, null",
        "bytes=4-2, 200, 0123456789, null",
        "lines=1-2, 200, 0123456789, null",
        "bytes=a-b, 200, 0123456789, null"
    })
    void partsOfABlobAreServed(String range, int status, String expected, String contentRange) {
        Digest digest = registry.blob(NAME, bytes("0123456789"));
        Answer part = registry.send("GET", blob(digest), Map.of("Range", range), null);
        assertThat(part.status()).isEqualTo(status);
        assertThat(part.header("Content-Range")).isEqualTo(contentRange);
        if (expected == null) {
            assertRefused(part, 416, "SIZE_INVALID");
        } else {
            assertThat(part.text()).isEqualTo(expected);
            assertThat(part.header("Docker-Content-Digest")).isEqualTo(digest.toString());
        }
    }

    @Test
    void whatTheClientHasIsNotSentAgain() {
        TestImage image = TestImage.of(registry, NAME, "cached").push(registry, "cached");
        Digest digest = registry.blob(NAME, bytes("cached"));
        for (String path : new String[] {image.path("cached"), blob(digest)}) {
            Answer first = registry.get(path);
            Answer again = registry.send("GET", path, Map.of("If-None-Match", first.header("ETag")), null);
            assertThat(again.status()).isEqualTo(304);
            assertThat(again.body()).isEmpty();
            assertThat(again.header("Docker-Content-Digest")).isEqualTo(first.header("Docker-Content-Digest"));
        }
    }

    private static String blob(Digest digest) {
        return "/v2/" + NAME + "/blobs/" + digest;
    }
}
