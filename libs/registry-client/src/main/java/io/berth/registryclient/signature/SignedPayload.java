package io.berth.registryclient.signature;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.OciJson;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * What somebody has signed, and the signature (cosign: specs/SIGNATURE_SPEC.md).
 *
 * <pre>{"critical": {"identity": {"docker-reference": "…"}, "image": {"docker-manifest-digest": "sha256:…"},
 * "type": "cosign container image signature"}, "optional": {…}}</pre>
 */
final class SignedPayload {
    private static final String MEDIA_TYPE = "application/vnd.dev.cosign.simplesigning.v1+json";
    private static final String SIGNATURE = "dev.cosignproject.cosign/signature";
    private static final String TYPE = "cosign container image signature";
    static final int MAX_BYTES = 64 * 1024;

    private final byte[] payload;
    private final byte[] signature;

    private SignedPayload(byte[] payload, byte[] signature) {
        this.payload = payload;
        this.signature = signature;
    }

    /** Whether a layer can be one, and is not too large to be looked at. */
    static boolean isOne(Descriptor layer) {
        Map<String, String> annotations = layer.annotations();
        return layer.mediaType().equals(MEDIA_TYPE)
                && layer.size() <= MAX_BYTES
                && annotations != null
                && annotations.containsKey(SIGNATURE);
    }

    static SignedPayload of(Descriptor layer, byte[] payload) {
        Map<String, String> annotations = layer.annotations();
        String text = annotations == null ? "" : annotations.getOrDefault(SIGNATURE, "");
        byte[] signature;
        try {
            signature = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            signature = new byte[0]; // which nobody has made
        }
        return new SignedPayload(payload, signature);
    }

    /** Why it is no signature of exactly this digest with one of the keys; empty when it is. */
    Optional<String> problem(Digest digest, List<PublicKey> keys) {
        if (!isAbout(digest)) {
            return Optional.of("it is a signature of something else");
        }
        return keys.stream().anyMatch(this::isSignedBy)
                ? Optional.empty()
                : Optional.of("it was made with none of the trusted keys");
    }

    private boolean isAbout(Digest digest) {
        try {
            JsonNode critical = OciJson.MAPPER.readTree(payload).path("critical");
            return critical.path("type").asString("").equals(TYPE)
                    && critical.path("image")
                            .path("docker-manifest-digest")
                            .asString("")
                            .equals(digest.toString());
        } catch (JacksonException e) {
            return false;
        }
    }

    private boolean isSignedBy(PublicKey key) {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "EC" -> "SHA256withECDSA";
                    case "RSA" -> "SHA256withRSA";
                    default -> "Ed25519";
                };
        try {
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(key);
            verifier.update(payload);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            return false; // not a signature of this kind of key
        }
    }
}
