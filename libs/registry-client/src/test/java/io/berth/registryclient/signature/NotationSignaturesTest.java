package io.berth.registryclient.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.OciJson;
import io.berth.testregistry.TestSigner;
import io.berth.testregistry.TestSigner.Shape;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.type.TypeReference;

/** Signatures with certificates: those that the Notary Project's own library has made, and what may be wrong with them. */
class NotationSignaturesTest {
    private static final Digest IMAGE = Digest.sha256("image".getBytes(StandardCharsets.UTF_8));
    private static final String PAYLOAD = TestSigner.payload(IMAGE, 5);
    private static final String EXPIRY = "io.cncf.notary.expiry";
    private static final String SCHEME = "io.cncf.notary.signingScheme";

    @TempDir
    Path directory;

    private final Referrers source = new Referrers();

    @SuppressWarnings("NullAway.Init") // set before each test
    private TestSigner root;

    @SuppressWarnings("NullAway.Init")
    private TestSigner authority;

    @SuppressWarnings("NullAway.Init")
    private TestSigner signer;

    /** A repository that has nothing but signatures of one image. */
    private static class Referrers implements SignatureSource {
        private final Map<Digest, byte[]> blobs = new HashMap<>();
        private final List<Descriptor> referrers = new ArrayList<>();

        void add(String mediaType, byte[] envelope) {
            Digest layer = Digest.sha256(envelope);
            blobs.put(layer, envelope);
            byte[] manifest = ("{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_MANIFEST
                            + "\",\"config\":{\"mediaType\":\"" + TestSigner.ARTIFACT_TYPE + "\",\"digest\":\""
                            + Digest.sha256("{}".getBytes(StandardCharsets.UTF_8))
                            + "\",\"size\":2},\"layers\":[{\"mediaType\":\"" + mediaType + "\",\"digest\":\"" + layer
                            + "\",\"size\":" + envelope.length + "}]}")
                    .getBytes(StandardCharsets.UTF_8);
            Digest digest = Digest.sha256(manifest);
            blobs.put(digest, manifest);
            referrers.add(Descriptor.of(MediaType.OCI_MANIFEST, digest, manifest.length));
        }

        @Override
        public Optional<Manifest> manifest(String reference) {
            return Optional.ofNullable(blobs.get(Digest.parse(reference)))
                    .map(content -> OciJson.MAPPER.readValue(content, Manifest.class));
        }

        @Override
        public List<Descriptor> referrers(Digest subject, String artifactType) {
            return artifactType.equals(TestSigner.ARTIFACT_TYPE) ? referrers : List.of();
        }

        @Override
        public InputStream blob(Descriptor blob) {
            return new ByteArrayInputStream(Objects.requireNonNull(blobs.get(blob.digest())));
        }
    }

    @BeforeEach
    void prepare() throws GeneralSecurityException {
        root = TestSigner.root(Shape.authority("O=Example,CN=Root"));
        authority = root.issue(Shape.authority("O=Example,CN=Between"));
        signer = authority.issue(Shape.signer("C=DE,O=Example,CN=Release"));
    }

    private Path file(TestSigner of) throws IOException {
        return Files.writeString(Files.createTempFile(directory, "trusted", ".crt"), of.pem());
    }

    private Trust trust(TestSigner of, String... subjects) throws IOException {
        return new Trust(List.of(), List.of(file(of)), List.of(subjects));
    }

    private String problem(Trust trust) throws IOException {
        return Signatures.problem(source, IMAGE, trust).orElse("");
    }

    private String problem(byte[] envelope) throws IOException {
        source.referrers.clear();
        source.add(TestSigner.JWS, envelope);
        return problem(trust(root));
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(NotationSignaturesTest.class.getResourceAsStream("notation/" + name))) {
            return in.readAllBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"es256", "es384", "es512", "ps256", "ps384", "ps512"})
    void takesWhatTheNotaryProjectsLibraryHasSigned(String algorithm) throws IOException {
        Path trusted = Files.write(directory.resolve("root.crt"), resource("root.crt"));
        Trust trust = new Trust(List.of(), List.of(trusted), List.of("C=DE,O=Example,CN=Release"));
        for (String format : List.of("jws", "cose")) {
            String mediaType = format.equals("jws") ? TestSigner.JWS : "application/cose";
            byte[] envelope = resource(algorithm + "." + format);
            source.referrers.clear();
            source.add(mediaType, envelope);
            assertThat(problem(trust)).as(format).isEmpty();
            assertThat(problem(trust(root))).as(format).contains("none of its certificates is trusted");
            assertThat(Signatures.problem(source, Digest.sha256(new byte[1]), trust)
                            .orElse(""))
                    .as(format)
                    .contains("a signature of something else");
        }
    }

    /** Whatever bit of an envelope is changed, it either says the same as before or counts no longer. */
    @ParameterizedTest
    @ValueSource(strings = {"es256.cose", "es256.jws"})
    void noChangedBitMakesASignatureOfSomethingElse(String name) throws IOException {
        Path trusted = Files.write(directory.resolve("root.crt"), resource("root.crt"));
        Trust trust = new Trust(List.of(), List.of(trusted), List.of());
        byte[] envelope = resource(name);
        String mediaType = name.endsWith("jws") ? TestSigner.JWS : "application/cose";
        int tried = 0;
        int refused = 0;
        for (int i = 0; i < envelope.length; i += 5, tried++) {
            byte[] changed = envelope.clone();
            changed[i] ^= (byte) (1 << (i % 7));
            source.referrers.clear();
            source.add(mediaType, changed);
            assertThat(Signatures.problem(source, Digest.sha256(new byte[1]), trust))
                    .as("byte " + i)
                    .isPresent();
            refused += problem(trust).isEmpty() ? 0 : 1;
        }
        assertThat(refused).as("all but the name of the program that signed").isGreaterThan(tried * 9 / 10);
    }

    @ParameterizedTest
    @ValueSource(strings = {"es256.cose", "es256.jws"})
    void halfAnEnvelopeIsNone(String name) throws IOException {
        byte[] envelope = resource(name);
        String mediaType = name.endsWith("jws") ? TestSigner.JWS : "application/cose";
        for (int length = 0; length < envelope.length; length += 61) {
            source.referrers.clear();
            source.add(mediaType, Arrays.copyOf(envelope, length));
            assertThat(problem(trust(root))).as(length + " bytes").isNotEmpty();
        }
        source.add(mediaType, Arrays.copyOf(envelope, envelope.length + 1));
        assertThat(problem(trust(root))).isNotEmpty();
    }

    @Test
    void takesASignerOfWhomOneOfTheCertificatesVouches() throws Exception {
        assertThat(problem(signer.jws(PAYLOAD))).isEmpty();
        assertThat(problem(trust(authority))).isEmpty();
        assertThat(problem(trust(signer))).isEmpty();
        assertThat(problem(trust(TestSigner.root(Shape.authority("O=Example,CN=Root")))))
                .as("another root of the same name")
                .contains("none of its certificates is trusted");
    }

    @Test
    void takesACertificateThatIsItsOwnRoot() throws Exception {
        TestSigner alone = TestSigner.root(Shape.signer("CN=Alone"));
        source.add(TestSigner.JWS, alone.jws(PAYLOAD));
        assertThat(problem(trust(alone))).isEmpty();
        assertThat(problem(trust(root))).contains("trusted");
    }

    @Test
    void takesOnlyTheSubjectsThatMaySign() throws Exception {
        source.add(TestSigner.JWS, signer.jws(PAYLOAD));
        for (String named : List.of("CN=Release", "O=Example,CN=Release", "CN=Release,O=Example,C=DE")) {
            assertThat(problem(trust(root, "CN=Other", named))).as(named).isEmpty();
        }
        for (String other : List.of("CN=release", "CN=Rel", "CN=Release,O=Other", "CN=Release,OU=Example")) {
            assertThat(problem(trust(root, other))).as(other).contains("not one of those that may sign");
        }
        TestSigner split = authority.issue(Shape.signer("CN=\"x,CN=Release\""));
        source.referrers.clear();
        source.add(TestSigner.JWS, split.jws(PAYLOAD));
        assertThat(problem(trust(root, "CN=Release"))).as("a comma in a name").contains("may sign");
    }

    @Test
    void oneValidSignatureOfSeveralIsEnoughButNotBeyondTheFirst32() throws Exception {
        byte[] valid = signer.jws(PAYLOAD);
        IntStream.range(0, 31)
                .forEach(i -> source.add(TestSigner.JWS, ("{\"no\":" + i + "}").getBytes(StandardCharsets.UTF_8)));
        source.add(TestSigner.JWS, valid);
        assertThat(problem(trust(root))).isEmpty();
        source.referrers.clear();
        IntStream.range(0, 10_000)
                .forEach(i -> source.add(TestSigner.JWS, ("{\"no\":" + i + "}").getBytes(StandardCharsets.UTF_8)));
        source.add(TestSigner.JWS, valid);
        assertThat(problem(trust(root))).contains("none of its 32 signatures");
    }

    /** Keys and certificates: either kind is enough, and no key makes a certificate's signature count. */
    @Test
    void bothKindsCanBeTrusted() throws Exception {
        KeyPair keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        Path key = Files.writeString(
                directory.resolve("key.pub"),
                "-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getEncoder().encodeToString(keys.getPublic().getEncoded())
                        + "\n-----END PUBLIC KEY-----\n");
        Referrers none = new Referrers() {
            @Override
            public Optional<Manifest> manifest(String reference) {
                return reference.startsWith("sha256-") ? Optional.empty() : source.manifest(reference);
            }

            @Override
            public List<Descriptor> referrers(Digest subject, String artifactType) {
                return source.referrers(subject, artifactType);
            }

            @Override
            public InputStream blob(Descriptor blob) {
                return source.blob(blob);
            }
        };
        source.add(TestSigner.JWS, signer.jws(PAYLOAD));
        Trust both = new Trust(List.of(key), List.of(file(root)), List.of());
        assertThat(Signatures.problem(none, IMAGE, both)).isEmpty();
        assertThat(Signatures.problem(none, IMAGE, Trust.keys(List.of(key)))).contains("it has no signature");
    }

    @Test
    void whatCannotBeReadIsNotTrusted() {
        Path none = directory.resolve("none.crt");
        assertThatThrownBy(() -> problem(new Trust(List.of(), List.of(none), List.of())))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> problem(Trust.keys(List.of()))).hasMessageContaining("names no key");
    }

    @FunctionalInterface
    interface Maker {
        byte[] make(NotationSignaturesTest test) throws GeneralSecurityException;
    }

    record Wrong(String what, String reason, Maker maker) {
        @Override
        public String toString() {
            return what;
        }
    }

    private static Wrong attributes(String what, String reason, Map<String, Object> attributes) {
        return new Wrong(what, reason, test -> test.signer.jws(PAYLOAD, attributes, test.signer.chain()));
    }

    private static Wrong signedBy(String what, String reason, UnaryOperator<Shape> shape) {
        return new Wrong(
                what,
                reason,
                test -> test.authority
                        .issue(shape.apply(Shape.signer("CN=Release")))
                        .jws(PAYLOAD));
    }

    private static Wrong issuedBy(String what, String reason, UnaryOperator<Shape> shape) {
        return new Wrong(
                what,
                reason,
                test -> test.root
                        .issue(shape.apply(Shape.authority("CN=Between")))
                        .issue(Shape.signer("CN=Release"))
                        .jws(PAYLOAD));
    }

    private static Wrong certificates(
            String what, String reason, Function<NotationSignaturesTest, List<byte[]>> chain) {
        return new Wrong(what, reason, test -> test.signer.jws(PAYLOAD, Map.of(), chain.apply(test)));
    }

    private static Wrong envelope(String what, String reason, Consumer<Map<String, Object>> change) {
        return new Wrong(what, reason, test -> {
            Map<String, Object> envelope = new LinkedHashMap<>(
                    OciJson.MAPPER.readValue(test.signer.jws(PAYLOAD), new TypeReference<Map<String, Object>>() {}));
            change.accept(envelope);
            return OciJson.MAPPER.writeValueAsBytes(envelope);
        });
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Instant days(int days) {
        return Instant.now().plus(Duration.ofDays(days));
    }

    static Stream<Wrong> wrong() {
        String fits = "it does not fit what is signed";
        String critical = "critical attributes";
        return Stream.of(
                // payload and envelope
                envelope("another payload", fits, it -> it.put("payload", base64(PAYLOAD + " "))),
                envelope(
                        "another digest",
                        fits,
                        it -> it.put("payload", base64(TestSigner.payload(Digest.sha256(new byte[2]), 5)))),
                envelope("no signature", fits, it -> it.put("signature", "")),
                envelope(
                        "zeros as signature",
                        fits,
                        it -> it.put("signature", Base64.getUrlEncoder().encodeToString(new byte[64]))),
                envelope("more fields", "cannot be read", it -> it.put("signatures", List.of())),
                envelope("a field less", "cannot be read", it -> it.remove("header")),
                envelope("no certificates", "0 certificates", it -> it.put("header", Map.of())),
                envelope("no certificate", "cannot be read", it -> it.put("header", Map.of("x5c", List.of("AAAA")))),
                new Wrong("no JSON", "cannot be read", _ -> "eyJ.eyJ.AAA".getBytes(StandardCharsets.UTF_8)),
                new Wrong("a signed payload that is none", "something else", test -> test.signer.jws("{}")),
                new Wrong("a signed payload that is no JSON", "cannot be read", test -> test.signer.jws("image")),
                new Wrong(
                        "a signature of another image",
                        "something else",
                        test -> test.signer.jws(TestSigner.payload(Digest.sha256(new byte[1]), 5))),
                new Wrong(
                        "two digests",
                        "cannot be read",
                        test -> test.signer.jws(PAYLOAD.replace(
                                "\"size\"", "\"digest\":\"" + Digest.sha256(new byte[1]) + "\",\"size\""))),
                // attributes
                attributes("another algorithm", "algorithm", Map.of("alg", "ES384")),
                attributes("no algorithm", "algorithm", Map.of("alg", "none")),
                attributes("a shared secret's algorithm", "algorithm", Map.of("alg", "HS256")),
                attributes("a payload of another type", "no artifact", Map.of("cty", "application/json")),
                attributes("a scheme that is not known", "scheme", Map.of(SCHEME, "notary.x509.other")),
                attributes("a scheme with trusted times", "scheme", Map.of(SCHEME, "notary.x509.signingAuthority")),
                attributes("nothing critical", critical, Map.of("crit", List.of())),
                attributes("no list of what is critical", critical, Map.of("crit", "")),
                attributes("an expiry that is not critical", critical, Map.of(EXPIRY, days(1).toString())),
                attributes("a critical expiry that is not there", critical, Map.of("crit", List.of(SCHEME, EXPIRY))),
                attributes(
                        "a plugin that must verify",
                        critical,
                        Map.of(
                                "crit",
                                List.of(SCHEME, "io.cncf.notary.verificationPlugin"),
                                "io.cncf.notary.verificationPlugin",
                                "com.example.plugin")),
                attributes(
                        "an expiry that has passed",
                        "it has expired",
                        Map.of("crit", List.of(SCHEME, EXPIRY), EXPIRY, days(-1).toString())),
                attributes(
                        "an expiry that is no time",
                        "cannot be read",
                        Map.of("crit", List.of(SCHEME, EXPIRY), EXPIRY, "later")),
                attributes("no time", "when it was made", Map.of("io.cncf.notary.signingTime", "")),
                // the signer's certificate
                signedBy("a signer whose time is over", "expired", it -> it.valid(days(-3), days(-1))),
                signedBy("a signer whose time is to come", "not valid yet", it -> it.valid(days(1), days(3))),
                signedBy("a signer that is an authority", "an authority's", it -> it.constraints("30030101ff")),
                signedBy("a signer's key for certificates", "more than", it -> it.usage(0x84, true)),
                signedBy("a signer's key not for signatures", "not for signatures", it -> it.usage(0x04, true)),
                signedBy("a usage that may be overlooked", "not for signatures", it -> it.usage(0x80, false)),
                signedBy("a server's certificate", "something else", it -> it.purpose(1)),
                signedBy("a time stamper's certificate", "something else", it -> it.purpose(8)),
                signedBy("SHA-1", "not safe", it -> it.hash("SHA1")),
                // those of the authorities
                issuedBy("an authority whose time is over", "expired", it -> it.valid(days(-3), days(-1))),
                issuedBy("an authority that is none", "no authority's", it -> it.constraints("3000")),
                issuedBy("an authority that does not say so", "no authority's", it -> it.constraints("")),
                issuedBy("an authority's key not for certificates", "no authority's", it -> it.usage(0x80, true)),
                issuedBy("an authority by SHA-1", "not safe", it -> it.hash("SHA1")),
                new Wrong(
                        "more authorities than one allows",
                        "longer than",
                        test -> test.root
                                .issue(Shape.authority("CN=One").constraints("30060101ff020100"))
                                .issue(Shape.authority("CN=Two"))
                                .issue(Shape.signer("CN=Release"))
                                .jws(PAYLOAD)),
                new Wrong(
                        "a signer that issues",
                        "no authority's",
                        test -> test.signer.issue(Shape.signer("CN=Other")).jws(PAYLOAD)),
                // the chain
                certificates(
                        "no root",
                        "do not end with a root",
                        test -> test.signer.chain().subList(0, 2)),
                certificates(
                        "a gap",
                        "do not form a chain",
                        test -> List.of(
                                test.signer.chain().get(0), test.signer.chain().get(2))),
                certificates(
                        "another order",
                        "not for signatures",
                        test -> test.signer.chain().reversed().subList(1, 3)),
                certificates("somebody else's", fits, test -> {
                    try {
                        return test.authority.issue(Shape.signer("CN=Release")).chain();
                    } catch (GeneralSecurityException e) {
                        throw new IllegalStateException(e);
                    }
                }),
                certificates(
                        "something behind the root",
                        "behind a root",
                        test -> Stream.concat(test.signer.chain().stream(), test.root.chain().stream())
                                .toList()),
                certificates(
                        "too many",
                        "9 certificates",
                        test -> IntStream.range(0, 9)
                                .mapToObj(_ -> test.root.chain().getFirst())
                                .toList()),
                new Wrong(
                        "a stranger",
                        "trusted",
                        _ -> TestSigner.root(Shape.authority("O=Example,CN=Root"))
                                .issue(Shape.signer("CN=Release"))
                                .jws(PAYLOAD)),
                new Wrong("a stranger who adds the trusted root", "behind a root", test -> {
                    TestSigner stranger = TestSigner.root(Shape.signer("CN=Release"));
                    return stranger.jws(
                            PAYLOAD,
                            Map.of(),
                            List.of(
                                    stranger.chain().getFirst(),
                                    test.root.chain().getFirst()));
                }));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void doesNotTake(Wrong wrong) throws Exception {
        assertThat(problem(wrong.maker().make(this)))
                .startsWith("none of its 1 signatures is valid: ")
                .contains(wrong.reason());
    }

    @Test
    void anEnvelopeOfAnotherTypeOrSizeIsNone() throws Exception {
        source.add("application/json", signer.jws(PAYLOAD));
        assertThat(problem(trust(root))).contains("neither JWS nor COSE");
        source.referrers.clear();
        source.add(TestSigner.JWS, new byte[64 * 1024 + 1]);
        assertThat(problem(trust(root))).contains("no envelope that could be read");
    }
}
