package io.berth.registryclient.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.oci.Digest;
import io.berth.oci.ImageReference;
import io.berth.oci.MediaType;
import io.berth.registryclient.Mirrors;
import io.berth.registryclient.PullSource;
import io.berth.registryclient.RegistryClients;
import io.berth.registryclient.RegistryCredentials;
import io.berth.registryclient.TransferLimits;
import io.berth.testregistry.TestRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SignatureVerificationTest {
    private static final String REPOSITORY = "team/app";
    private static final Digest IMAGE = Digest.sha256("image".getBytes(StandardCharsets.UTF_8));
    private static final Map<String, String> SIGNATURES =
            Map.of("EC", "SHA256withECDSA", "RSA", "SHA256withRSA", "Ed25519", "Ed25519");

    @TempDir
    Path directory;

    private final TestRegistry registry = new TestRegistry();
    private final RegistryClients clients = new RegistryClients(
            List.of(),
            Mirrors.NONE,
            null,
            new TransferLimits(
                    1, Duration.ofMillis(5), Duration.ofMillis(50), Duration.ofSeconds(5), Duration.ofSeconds(2)));

    @AfterEach
    void stop() {
        clients.close();
        registry.close();
    }

    private ImageReference reference() {
        return ImageReference.parse(registry.domain() + "/" + REPOSITORY + ":1");
    }

    private static KeyPair keys(String algorithm) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (!algorithm.equals("Ed25519")) {
            generator.initialize(algorithm.equals("EC") ? 256 : 2048);
        }
        return generator.generateKeyPair();
    }

    private Path publicKey(KeyPair keys) throws IOException {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'})
                .encodeToString(keys.getPublic().getEncoded());
        Path file = directory.resolve("key-" + System.identityHashCode(keys) + ".pub");
        return Files.writeString(file, "-----BEGIN PUBLIC KEY-----\n" + text + "\n-----END PUBLIC KEY-----\n");
    }

    private static byte[] payload(Digest digest) {
        return ("{\"critical\":{\"identity\":{\"docker-reference\":\"\"},\"image\":{\"docker-manifest-digest\":\""
                        + digest + "\"},\"type\":\"cosign container image signature\"},\"optional\":null}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] sign(KeyPair keys, byte[] payload) throws GeneralSecurityException {
        Signature signer =
                Signature.getInstance(SIGNATURES.getOrDefault(keys.getPublic().getAlgorithm(), "Ed25519"));
        signer.initSign(keys.getPrivate());
        signer.update(payload);
        return signer.sign();
    }

    /** A signature manifest; with a subject it is a referrer. */
    private byte[] signatureManifest(byte[] payload, byte[] signature, boolean referrer) {
        byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
        registry.addBlob(REPOSITORY, config);
        registry.addBlob(REPOSITORY, payload);
        String subject = referrer
                ? "\"artifactType\":\"application/vnd.dev.cosign.artifact.sig.v1+json\",\"subject\":{\"mediaType\":\""
                        + MediaType.OCI_MANIFEST + "\",\"digest\":\"" + IMAGE + "\",\"size\":5},"
                : "";
        return ("{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_MANIFEST + "\"," + subject
                        + "\"config\":{\"mediaType\":\"" + MediaType.OCI_CONFIG + "\",\"digest\":\""
                        + Digest.sha256(config) + "\",\"size\":2},\"layers\":[{\"mediaType\":"
                        + "\"application/vnd.dev.cosign.simplesigning.v1+json\",\"digest\":\""
                        + Digest.sha256(payload) + "\",\"size\":" + payload.length
                        + ",\"annotations\":{\"dev.cosignproject.cosign/signature\":\""
                        + Base64.getEncoder().encodeToString(signature) + "\"}}]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private void tag(byte[] manifest) {
        registry.addManifest(REPOSITORY, "sha256-" + IMAGE.hex() + ".sig", MediaType.OCI_MANIFEST, manifest);
    }

    private java.util.Optional<String> check(SignaturePolicy.Mode mode, Path... keys) throws SignatureRefused {
        return new SignatureVerification(new SignaturePolicy(List.of(
                        new SignaturePolicy.Rule("", SignaturePolicy.Mode.OFF, Trust.keys(List.of())),
                        new SignaturePolicy.Rule(registry.domain() + "/team", mode, Trust.keys(List.of(keys))))))
                .check(
                        new PullSource(clients.open(registry.domain(), RegistryCredentials.ANONYMOUS), REPOSITORY),
                        reference(),
                        IMAGE);
    }

    @ParameterizedTest
    @CsvSource({"EC,false", "RSA,false", "Ed25519,false", "EC,true", "RSA,true", "Ed25519,true"})
    void takesASignatureOfTheKey(String algorithm, boolean referrer) throws Exception {
        KeyPair keys = keys(algorithm);
        byte[] manifest = signatureManifest(payload(IMAGE), sign(keys, payload(IMAGE)), referrer);
        if (referrer) {
            registry.serveReferrers();
            registry.addManifest(REPOSITORY, "x", MediaType.OCI_MANIFEST, manifest);
        } else {
            tag(manifest);
        }
        assertThat(check(SignaturePolicy.Mode.ENFORCE, publicKey(keys("EC")), publicKey(keys)))
                .isEmpty();
    }

    @Test
    void refusesWhatNobodyHasSigned() throws Exception {
        assertThatThrownBy(() -> check(SignaturePolicy.Mode.ENFORCE, publicKey(keys("EC"))))
                .isInstanceOf(SignatureRefused.class)
                .hasMessage("image " + reference() + " (" + IMAGE + ") is not signed as the policy for \""
                        + registry.domain() + "/team\" asks for: it has no signature");
        assertThat(check(SignaturePolicy.Mode.WARN, publicKey(keys("EC"))).orElseThrow())
                .contains("it has no signature");
    }

    @Test
    void refusesASignatureOfAnotherKeyOfAnotherImageAndABrokenOne() throws Exception {
        KeyPair keys = keys("EC");
        tag(signatureManifest(payload(IMAGE), sign(keys("EC"), payload(IMAGE)), false));
        assertThatThrownBy(() -> check(SignaturePolicy.Mode.ENFORCE, publicKey(keys)))
                .hasMessageContaining("none of its 1 signatures is valid");
        byte[] other = payload(Digest.sha256(new byte[1]));
        tag(signatureManifest(other, sign(keys, other), false));
        assertThatThrownBy(() -> check(SignaturePolicy.Mode.ENFORCE, publicKey(keys)))
                .hasMessageContaining("none of its 1 signatures is valid");
        byte[] flipped = sign(keys, payload(IMAGE));
        flipped[flipped.length - 1] ^= 1;
        tag(signatureManifest(payload(IMAGE), flipped, false));
        assertThatThrownBy(() -> check(SignaturePolicy.Mode.ENFORCE, publicKey(keys)))
                .hasMessageContaining("none of its 1 signatures is valid");
    }

    @Test
    void whatCannotBeCheckedIsRefused() throws Exception {
        assertThatThrownBy(() -> check(SignaturePolicy.Mode.ENFORCE)).hasMessageContaining("names no key");
        assertThatThrownBy(() -> check(SignaturePolicy.Mode.ENFORCE, directory.resolve("none")))
                .hasMessageContaining("cannot be checked");
        KeyPair keys = keys("EC");
        tag(signatureManifest(payload(IMAGE), sign(keys, payload(IMAGE)), false));
        registry.fault(exchange -> {
            if (!exchange.getRequestURI().getPath().contains("/blobs/")) {
                return false;
            }
            exchange.sendResponseHeaders(500, -1);
            return true;
        });
        assertThatThrownBy(() -> check(SignaturePolicy.Mode.ENFORCE, publicKey(keys)))
                .isInstanceOf(SignatureRefused.class)
                .hasMessageContaining("cannot be checked");
    }

    @Test
    void asksForNothingWhereNoRuleDoes() throws Exception {
        assertThat(check(SignaturePolicy.Mode.OFF)).isEmpty();
        assertThat(registry.count("GET", "manifests")).isZero();
    }
}
