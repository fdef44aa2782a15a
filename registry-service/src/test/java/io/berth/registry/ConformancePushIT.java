package io.berth.registry;

import static io.berth.registry.Answers.assertRefused;
import static io.berth.registry.TestRegistry.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.registry.TestRegistry.Answer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Distribution specification: "Pushing a blob monolithically", "Pushing a blob in chunks", "Cancel a blob upload", "Mounting". */
@RegistryTest
class ConformancePushIT {
    private static final String NAME = "conformance/push";
    private static final String UPLOADS = "/v2/" + NAME + "/blobs/uploads/";
    private static final Map<String, String> OCTETS = Map.of("Content-Type", "application/octet-stream");

    private final TestRegistry registry;

    ConformancePushIT(TestRegistry registry) {
        this.registry = registry;
    }

    @Test
    void postThenPutStoresABlob() {
        byte[] content = bytes("post then put");
        String session = start(UPLOADS);
        assertCreated(registry.send("PUT", session + "?digest=" + Digest.sha256(content), OCTETS, content), content);
    }

    @Test
    void theSessionHasAUuidOfItsOwn() {
        String first = start(UPLOADS);
        String second = start(UPLOADS);
        assertThat(first).isNotEqualTo(second);
        String id = first.substring(first.lastIndexOf('/') + 1);
        assertThat(UUID.fromString(id)).hasToString(id);
    }

    @Test
    void aSinglePostStoresABlob() {
        byte[] content = bytes("single post");
        assertCreated(registry.send("POST", UPLOADS + "?digest=" + Digest.sha256(content), OCTETS, content), content);
    }

    @Test
    void aBlobThatIsThereAlreadyMayBePushedAgain() {
        byte[] content = bytes("twice");
        registry.blob(NAME, content);
        String session = start(UPLOADS);
        assertCreated(registry.send("PUT", session + "?digest=" + Digest.sha256(content), OCTETS, content), content);
        assertCreated(registry.send("POST", UPLOADS + "?digest=" + Digest.sha256(content), OCTETS, content), content);
    }

    @Test
    void theEmptyBlobIsABlob() {
        String session = start(UPLOADS);
        assertCreated(
                registry.send("PUT", session + "?digest=" + Digest.sha256(new byte[0]), Map.of(), new byte[0]),
                new byte[0]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?digest-algorithm=sha512", "?digest-algorithm=sha256"})
    void sha512WorksWhateverWasAnnounced(String announced) throws NoSuchAlgorithmException {
        byte[] content = bytes("sha512 after " + announced);
        Digest digest = sha512(content);
        String session = start(UPLOADS + announced);
        assertThat(registry.send("PATCH", session, OCTETS, content).status()).isEqualTo(202);
        Answer done = registry.send("PUT", session + "?digest=" + digest, Map.of(), new byte[0]);
        assertThat(done.status()).as(done.text()).isEqualTo(201);
        assertThat(done.header("Docker-Content-Digest")).isEqualTo(digest.toString());
        Answer pulled = registry.get(done.header("Location"));
        assertThat(pulled.body()).isEqualTo(content);
        assertThat(pulled.header("Docker-Content-Digest")).isEqualTo(digest.toString());
        assertRefused(registry.get("/v2/" + NAME + "/blobs/" + Digest.sha256(content)), 404, "BLOB_UNKNOWN");
    }

    @Test
    void aManifestCanHaveASha512Digest() throws NoSuchAlgorithmException {
        TestImage image = TestImage.of(registry, NAME, "sha512");
        Digest digest = sha512(image.content());
        Answer pushed = image.put(registry, digest + "?tag=sha512");
        assertThat(pushed.status()).as(pushed.text()).isEqualTo(201);
        assertThat(pushed.header("Docker-Content-Digest")).isEqualTo(digest.toString());
        for (Object reference : new Object[] {digest, "sha512"}) {
            Answer pulled = registry.get(image.path(reference));
            assertThat(pulled.body()).isEqualTo(image.content());
            assertThat(pulled.header("Docker-Content-Digest")).isEqualTo(digest.toString());
        }
        assertRefused(image.put(registry, sha512(bytes("other"))), 400, "DIGEST_INVALID");
    }

    @Test
    void chunksFollowEachOther() {
        byte[] content = bytes("hello world");
        String session = start(UPLOADS);
        session = chunk(session, "0-4", "hello", "0-4");
        session = chunk(session, "5-5", " ", "0-5");
        session = chunk(session, "6-10", "world", "0-10");
        assertCreated(
                registry.send("PUT", session + "?digest=" + Digest.sha256(content), Map.of(), new byte[0]), content);
        assertRefused(registry.get(session), 404, "BLOB_UPLOAD_UNKNOWN");
    }

    @Test
    void theLastChunkMayComeWithThePut() {
        byte[] content = bytes("hello chunk");
        String session = chunk(start(UPLOADS), "0-5", "hello ", "0-5");
        assertCreated(
                registry.send(
                        "PUT",
                        session + "?digest=" + Digest.sha256(content),
                        Map.of("Content-Type", "application/octet-stream", "Content-Range", "6-10"),
                        bytes("chunk")),
                content);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0-4", "4-8", "6-10", "100-104"})
    void aChunkOutOfOrderIs416AndGetSaysWhereToGoOn(String range) {
        String session = chunk(start(UPLOADS), "0-4", "hello", "0-4");
        Map<String, String> headers = Map.of("Content-Type", "application/octet-stream", "Content-Range", range);
        assertRefused(registry.send("PATCH", session, headers, bytes("wrong")), 416, "BLOB_UPLOAD_INVALID");
        String digest = Digest.sha256(bytes("hellowrong")).toString();
        assertRefused(
                registry.send("PUT", session + "?digest=" + digest, headers, bytes("wrong")),
                416,
                "BLOB_UPLOAD_INVALID");
        Answer status = registry.get(session);
        assertThat(status.status()).isEqualTo(204);
        assertThat(status.header("Range")).isEqualTo("0-4");
        assertThat(status.header("Location")).isEqualTo(session);
        assertCreated(
                registry.send(
                        "PUT",
                        chunk(session, "5-9", "right", "0-9") + "?digest=" + Digest.sha256(bytes("helloright")),
                        Map.of(),
                        new byte[0]),
                bytes("helloright"));
    }

    @Test
    void theFirstChunkBeginsWithZero() {
        String session = start(UPLOADS);
        Map<String, String> headers = Map.of("Content-Type", "application/octet-stream", "Content-Range", "1-5");
        assertRefused(registry.send("PATCH", session, headers, bytes("hello")), 416, "BLOB_UPLOAD_INVALID");
        assertThat(registry.delete(session).status()).isEqualTo(204);
    }

    @Test
    void aCancelledUploadIsOver() {
        String session = chunk(start(UPLOADS), "0-4", "hello", "0-4");
        assertThat(registry.delete(session).status()).isEqualTo(204);
        assertRefused(registry.get(session), 404, "BLOB_UPLOAD_UNKNOWN");
        assertRefused(registry.send("PATCH", session, OCTETS, bytes("x")), 404, "BLOB_UPLOAD_UNKNOWN");
        assertRefused(
                registry.send("PUT", session + "?digest=" + Digest.sha256(bytes("x")), OCTETS, bytes("x")),
                404,
                "BLOB_UPLOAD_UNKNOWN");
        assertRefused(registry.delete(session), 404, "BLOB_UPLOAD_UNKNOWN");
    }

    @Test
    void aBlobIsMountedFromAnotherRepository() {
        byte[] content = bytes("to be mounted");
        Digest digest = registry.blob("conformance/source", content);
        Answer mounted = registry.post(UPLOADS + "?mount=" + digest + "&from=conformance/source");
        assertCreated(mounted, content);
    }

    @Test
    void whatCannotBeMountedBecomesAnUpload() {
        byte[] content = bytes("cannot be mounted");
        Digest digest = Digest.sha256(content);
        for (String query : new String[] {"&from=conformance/nobody", "&from=conformance/source", ""}) {
            Answer begun = registry.post(UPLOADS + "?mount=" + digest + query);
            assertThat(begun.status()).isEqualTo(202);
            String session = begun.header("Location");
            assertRefused(registry.get("/v2/" + NAME + "/blobs/" + digest), 404, "BLOB_UNKNOWN");
            assertThat(registry.delete(session).status()).isEqualTo(204);
        }
    }

    private String start(String path) {
        Answer begun = registry.post(path);
        assertThat(begun.status()).as(begun.text()).isEqualTo(202);
        assertThat(begun.header("Location")).startsWith(UPLOADS);
        return begun.header("Location");
    }

    private String chunk(String session, String range, String content, String expected) {
        Answer answer = registry.send(
                "PATCH",
                session,
                Map.of("Content-Type", "application/octet-stream", "Content-Range", range),
                bytes(content));
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        assertThat(answer.header("Range")).isEqualTo(expected);
        return answer.header("Location");
    }

    private void assertCreated(Answer answer, byte[] content) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        assertThat(answer.header("Docker-Content-Digest"))
                .isEqualTo(Digest.sha256(content).toString());
        assertThat(registry.get(answer.header("Location")).body()).isEqualTo(content);
    }

    private static Digest sha512(byte[] content) throws NoSuchAlgorithmException {
        byte[] computed = MessageDigest.getInstance("SHA-512").digest(content);
        return new Digest("sha512", HexFormat.of().formatHex(computed));
    }
}
