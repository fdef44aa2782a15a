package io.berth.registry;

import static io.berth.registry.TestRegistry.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.registry.TestRegistry.Answer;
import io.berth.testregistry.TestSigner;
import io.berth.testregistry.TestSigner.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Repositories that hand out signed images only. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SignedImagesIT {
    private static final String SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json";
    private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";

    @TempDir
    static Path directory;

    @SuppressWarnings("NullAway.Init") // set before any test runs
    private TestRegistry registry;

    @SuppressWarnings("NullAway.Init")
    private KeyPair trusted;

    @SuppressWarnings("NullAway.Init")
    private KeyPair stranger;

    @SuppressWarnings("NullAway.Init")
    private TestSigner authority;

    @BeforeAll
    void start() throws IOException, GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        trusted = generator.generateKeyPair();
        stranger = generator.generateKeyPair();
        Path key = Files.writeString(
                directory.resolve("team.pub"),
                "-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'})
                                .encodeToString(trusted.getPublic().getEncoded())
                        + "\n-----END PUBLIC KEY-----\n");
        authority = TestSigner.root(Shape.authority("O=Example,CN=Root"));
        Path root = Files.writeString(directory.resolve("root.crt"), authority.pem());
        registry = TestRegistry.start(
                directory,
                "--berth.registry.signatures.rules[0].prefix=prod",
                "--berth.registry.signatures.rules[0].keys[0]=" + key,
                "--berth.registry.signatures.rules[1].prefix=prod/sandbox",
                "--berth.registry.signatures.rules[1].mode=off",
                "--berth.registry.signatures.rules[2].prefix=broken",
                "--berth.registry.signatures.rules[2].keys[0]=" + directory.resolve("none.pub"),
                "--berth.registry.signatures.rules[3].prefix=signing",
                "--berth.registry.signatures.rules[3].keys[0]=" + key,
                "--berth.registry.signatures.rules[3].signers[0]=user:signer",
                "--berth.registry.signatures.rules[4].prefix=released",
                "--berth.registry.signatures.rules[4].certificates[0]=" + root,
                "--berth.registry.signatures.rules[4].subjects[0]=O=Example,CN=Release",
                "--berth.registry.signatures.rules[5].prefix=either",
                "--berth.registry.signatures.rules[5].keys[0]=" + key,
                "--berth.registry.signatures.rules[5].certificates[0]=" + root);
    }

    @AfterAll
    void stop() {
        registry.close();
    }

    @Test
    void whoSignsMayReadWhatIsNotSignedYet() throws IOException {
        Digest image = image("signing/app", "t", "unsigned");
        assertThat(Person.administrator(registry)
                        .post("/berth/registry/accounts", "{\"name\":\"signer\",\"password\":\"correct horse\"}")
                        .status())
                .isEqualTo(201);
        Person signer = Person.login(registry, "signer", "correct horse");
        assertThat(signer.get("/v2/signing/app/manifests/t").status()).isEqualTo(200);
        assertThat(signer.get("/v2/signing/app/manifests/" + image).status()).isEqualTo(200);
        assertThat(registry.get("/v2/signing/app/manifests/t").status())
                .as("everybody else")
                .isEqualTo(403);
        image("prod/app-of-others", "t", "unsigned too");
        assertThat(signer.get("/v2/prod/app-of-others/manifests/t").status())
                .as("a rule that does not name the signer")
                .isEqualTo(403);
    }

    private Digest put(String name, String reference, String type, String content) {
        Answer answer = registry.put("/v2/" + name + "/manifests/" + reference, type, bytes(content));
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        return Digest.parse(answer.header("Docker-Content-Digest"));
    }

    private String manifest(String name, String more, String layerType, byte[] layer, String annotations) {
        Digest config = registry.blob(name, bytes("{}"));
        Digest content = registry.blob(name, layer);
        return """
            {"schemaVersion":2,"mediaType":"%s",%s
            "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":2},
            "layers":[{"mediaType":"%s","digest":"%s","size":%d%s}]}\
            """.formatted(MediaType.OCI_MANIFEST, more, config, layerType, content, layer.length, annotations);
    }

    private Digest image(String name, String tag, String layer) {
        return put(name, tag, MediaType.OCI_MANIFEST, manifest(name, "", LAYER, bytes(layer), ""));
    }

    private String signature(String name, KeyPair keys, Digest signed, String more) throws GeneralSecurityException {
        byte[] payload = bytes("{\"critical\":{\"identity\":{\"docker-reference\":\"\"},\"image\":"
                + "{\"docker-manifest-digest\":\"" + signed
                + "\"},\"type\":\"cosign container image signature\"},\"optional\":null}");
        Signature signer = Signature.getInstance("SHA256withECDSA");
        signer.initSign(keys.getPrivate());
        signer.update(payload);
        String text = Base64.getEncoder().encodeToString(signer.sign());
        return manifest(
                name,
                more,
                SIMPLE_SIGNING,
                payload,
                ",\"annotations\":{\"dev.cosignproject.cosign/signature\":\"" + text + "\"}");
    }

    private void sign(String name, KeyPair keys, Digest signed) throws GeneralSecurityException {
        put(name, signatureTag(signed), MediaType.OCI_MANIFEST, signature(name, keys, signed, ""));
    }

    private static String signatureTag(Digest signed) {
        return "sha256-" + signed.hex() + ".sig";
    }

    private Answer pull(String name, String reference) {
        return registry.get("/v2/" + name + "/manifests/" + reference);
    }

    private void assertDenied(Answer answer, String reason) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(403);
        assertThat(answer.text()).contains("DENIED").contains(reason);
    }

    @Test
    void handsOutASignedImageAndNoOther() throws GeneralSecurityException {
        Digest digest = image("prod/app", "1", "one");
        assertDenied(pull("prod/app", "1"), "it has no signature");
        assertDenied(pull("prod/app", digest.toString()), "it has no signature");
        assertThat(registry.head("/v2/prod/app/manifests/1").status())
                .as("what clients ask before they push")
                .isEqualTo(200);

        sign("prod/app", trusted, digest);
        assertThat(pull("prod/app", "1").status()).isEqualTo(200);
        assertThat(pull("prod/app", signatureTag(digest)).status())
                .as("the signature itself")
                .isEqualTo(200);

        image("prod/app", "1", "two"); // the tag moves to what nobody has signed
        assertDenied(pull("prod/app", "1"), "it has no signature");
        assertThat(pull("prod/app", digest.toString()).status()).isEqualTo(200);
    }

    @Test
    void takesAReferrer() throws GeneralSecurityException {
        Digest digest = image("prod/referrer", "1", "one");
        String subject =
                "\"artifactType\":\"application/vnd.dev.cosign.artifact.sig.v1+json\",\"subject\":{\"mediaType\":\""
                        + MediaType.OCI_MANIFEST + "\",\"digest\":\"" + digest + "\",\"size\":1},";
        put("prod/referrer", "any", MediaType.OCI_MANIFEST, signature("prod/referrer", trusted, digest, subject));
        assertThat(pull("prod/referrer", "1").status()).isEqualTo(200);
    }

    @Test
    void believesNoStrangerAndNoSignatureOfSomethingElse() throws GeneralSecurityException {
        Digest digest = image("prod/strange", "1", "one");
        sign("prod/strange", stranger, digest);
        assertDenied(pull("prod/strange", "1"), "none of its 1 signatures is valid");
        Digest other = image("prod/strange", "2", "two");
        put(
                "prod/strange",
                signatureTag(digest),
                MediaType.OCI_MANIFEST,
                signature("prod/strange", trusted, other, ""));
        assertDenied(pull("prod/strange", "1"), "none of its 1 signatures is valid");
    }

    @Test
    void aSignatureElsewhereDoesNotCount() throws GeneralSecurityException {
        Digest digest = image("prod/here", "1", "one");
        image("prod/there", "1", "one");
        sign("prod/there", trusted, digest);
        assertThat(pull("prod/there", "1").status()).isEqualTo(200);
        assertDenied(pull("prod/here", "1"), "it has no signature");
    }

    @Test
    void membersOfASignedIndexNeedNone() throws GeneralSecurityException {
        Digest member = image("prod/index", "amd64", "one");
        long size = registry.head("/v2/prod/index/manifests/amd64").headers().getContentLength();
        Digest index = put("prod/index", "1", MediaType.OCI_INDEX, """
            {"schemaVersion":2,"mediaType":"%s","manifests":[{"mediaType":"%s","digest":"%s","size":%d}]}\
            """.formatted(
                        MediaType.OCI_INDEX, MediaType.OCI_MANIFEST, member, size));
        assertDenied(pull("prod/index", "1"), "it has no signature");
        assertDenied(pull("prod/index", member.toString()), "it has no signature");
        sign("prod/index", trusted, index);
        assertThat(pull("prod/index", "1").status()).isEqualTo(200);
        assertThat(pull("prod/index", member.toString()).status()).isEqualTo(200);
    }

    @Test
    void anImageThatPretendsToBeASignatureIsAnImage() {
        Digest about = image("prod/pretends", "1", "one");
        String subject =
                "\"artifactType\":\"application/vnd.dev.cosign.artifact.sig.v1+json\",\"subject\":{\"mediaType\":\""
                        + MediaType.OCI_MANIFEST + "\",\"digest\":\"" + about + "\",\"size\":1},";
        put(
                "prod/pretends",
                signatureTag(about),
                MediaType.OCI_MANIFEST,
                manifest("prod/pretends", subject, LAYER, bytes("evil"), ""));
        assertDenied(pull("prod/pretends", signatureTag(about)), "it has no signature");
    }

    /** As notation pushes it: a referrer without a tag, whose config says what it is. */
    private Digest notation(String name, Digest signed, byte[] envelope) {
        Digest config = registry.blob(name, bytes("{}"));
        Digest layer = registry.blob(name, envelope);
        String manifest = """
            {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"%s","digest":"%s","size":2},
            "layers":[{"mediaType":"%s","digest":"%s","size":%d}],
            "subject":{"mediaType":"%s","digest":"%s","size":1},
            "annotations":{"io.cncf.notary.x509chain.thumbprint#S256":"[]"}}\
            """.formatted(
                        MediaType.OCI_MANIFEST,
                        TestSigner.ARTIFACT_TYPE,
                        config,
                        TestSigner.JWS,
                        layer,
                        envelope.length,
                        MediaType.OCI_MANIFEST,
                        signed);
        return put(name, Digest.sha256(bytes(manifest)).toString(), MediaType.OCI_MANIFEST, manifest);
    }

    private TestSigner release() throws GeneralSecurityException {
        return authority.issue(Shape.signer("C=DE,O=Example,CN=Release"));
    }

    @Test
    void takesTheSignatureOfACertificate() throws GeneralSecurityException {
        Digest digest = image("released/app", "1", "one");
        assertDenied(pull("released/app", "1"), "it has no signature");
        sign("released/app", trusted, digest);
        assertDenied(pull("released/app", "1"), "it has no signature"); // a key of another rule is none here

        Digest signature = notation("released/app", digest, release().jws(TestSigner.payload(digest, 1)));
        assertThat(pull("released/app", "1").status()).isEqualTo(200);
        assertThat(pull("released/app", signature.toString()).status())
                .as("the signature itself")
                .isEqualTo(200);
        image("released/app", "1", "two"); // the tag moves to what nobody has signed
        assertDenied(pull("released/app", "1"), "it has no signature");

        assertThat(registry.delete("/v2/released/app/manifests/" + signature).status())
                .isEqualTo(202);
        assertDenied(pull("released/app", digest.toString()), "it has no signature");
    }

    @Test
    void refusesCertificatesThatDoNotCount() throws GeneralSecurityException {
        Digest digest = image("released/bad", "1", "one");
        String payload = TestSigner.payload(digest, 1);
        TestSigner release = release();
        byte[] valid = release.jws(payload);
        Digest other = Digest.sha256(bytes("other"));
        TestSigner strange =
                TestSigner.root(Shape.authority("O=Example,CN=Root")).issue(Shape.signer("C=DE,O=Example,CN=Release"));
        TestSigner expired = authority.issue(Shape.signer("C=DE,O=Example,CN=Release")
                .valid(Instant.now().minusSeconds(7200), Instant.now().minusSeconds(3600)));
        String past = Instant.now().minusSeconds(1).toString();
        for (Map.Entry<String, byte[]> bad : Map.of(
                        "a signature of something else", release.jws(TestSigner.payload(other, 1)),
                        "does not fit",
                                new String(valid, StandardCharsets.US_ASCII)
                                        .replaceFirst("\"signature\":\"....", "\"signature\":\"AAAA")
                                        .getBytes(StandardCharsets.US_ASCII),
                        "none of its certificates is trusted", strange.jws(payload),
                        "one of its certificates has expired", expired.jws(payload),
                        "do not end with a root",
                                release.jws(payload, Map.of(), release.chain().subList(0, 1)),
                        "not one of those that may sign",
                                authority
                                        .issue(Shape.signer("O=Example,CN=Test"))
                                        .jws(payload),
                        "it has expired",
                                release.jws(
                                        payload,
                                        Map.of(
                                                "crit",
                                                List.of("io.cncf.notary.signingScheme", "io.cncf.notary.expiry"),
                                                "io.cncf.notary.expiry",
                                                past),
                                        release.chain()))
                .entrySet()) {
            Digest signature = notation("released/bad", digest, bad.getValue());
            assertDenied(pull("released/bad", "1"), bad.getKey());
            registry.delete("/v2/released/bad/manifests/" + signature);
        }
        notation("released/bad", digest, valid);
        assertThat(pull("released/bad", "1").status()).isEqualTo(200);
    }

    @Test
    void aRuleMayTakeBothKinds() throws GeneralSecurityException {
        Digest one = image("either/app", "1", "one");
        Digest two = image("either/app", "2", "two");
        sign("either/app", trusted, one);
        notation("either/app", two, authority.issue(Shape.signer("CN=Anybody")).jws(TestSigner.payload(two, 1)));
        assertThat(pull("either/app", "1").status()).isEqualTo(200);
        assertThat(pull("either/app", "2").status()).isEqualTo(200);
        image("either/app", "3", "three");
        assertDenied(pull("either/app", "3"), "it has no signature");
    }

    @Test
    void otherRepositoriesAskForNothing() {
        image("prod/sandbox/app", "1", "one");
        assertThat(pull("prod/sandbox/app", "1").status()).isEqualTo(200);
        image("production/app", "1", "one");
        assertThat(pull("production/app", "1").status()).isEqualTo(200);
    }

    @Test
    void whatCannotBeCheckedIsRefusedAndTheReasonNamesNoFile() throws GeneralSecurityException {
        Digest digest = image("broken/app", "1", "one");
        sign("broken/app", trusted, digest);
        Answer answer = pull("broken/app", "1");
        assertDenied(answer, "cannot be checked");
        assertThat(answer.text()).doesNotContain("none.pub");
    }
}
