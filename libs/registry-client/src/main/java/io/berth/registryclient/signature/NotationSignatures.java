package io.berth.registryclient.signature;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Manifest;
import io.berth.oci.OciJson;
import java.io.IOException;
import java.io.InputStream;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;

/**
 * Signatures as notation makes them with a certificate: envelopes of JWS or COSE, kept as referrers of the image's manifest (Notary
 * Project signature specification). All is checked that its level "strict" asks for, but for two things: nobody is asked whether a
 * certificate was revoked, and time stamps are not believed, so that a signature ends with its certificates.
 *
 * @param trusted certificates one of which each chain must have
 * @param subjects whom of those that they vouch for to believe; all, when it is empty
 */
record NotationSignatures(List<X509Certificate> trusted, List<SubjectName> subjects) implements SignatureKind {
    private static final String ARTIFACT_TYPE = "application/vnd.cncf.notary.signature";
    private static final int MAX_BYTES = 64 * 1024;

    NotationSignatures {
        trusted = List.copyOf(trusted);
        subjects = List.copyOf(subjects);
    }

    @Override
    public List<Claim> find(SignatureSource source, Digest digest) throws IOException {
        List<Claim> found = new ArrayList<>();
        for (Manifest manifest : SignatureKind.referrers(source, digest, ARTIFACT_TYPE)) {
            found.add(claim(source, manifest.layers()));
        }
        return found;
    }

    private Claim claim(SignatureSource source, List<Descriptor> layers) throws IOException {
        if (layers.size() != 1 || layers.getFirst().size() > MAX_BYTES) {
            return _ -> Optional.of("it has no envelope that could be read");
        }
        Descriptor layer = layers.getFirst();
        try (InputStream in = source.blob(layer)) {
            byte[] envelope = in.readNBytes(MAX_BYTES);
            return digest -> problem(layer.mediaType(), envelope, digest);
        }
    }

    private Optional<String> problem(String mediaType, byte[] content, Digest digest) {
        try {
            SignedEnvelope envelope =
                    switch (mediaType) {
                        case JwsEnvelope.MEDIA_TYPE -> JwsEnvelope.read(content);
                        case CoseEnvelope.MEDIA_TYPE -> CoseEnvelope.read(content);
                        default -> throw new InvalidSignature("its envelope is neither JWS nor COSE");
                    };
            envelope.chain().check(trusted);
            envelope.check(Instant.now());
            if (!subjects.isEmpty()
                    && subjects.stream()
                            .noneMatch(name -> name.isOf(envelope.chain().signer()))) {
                throw new InvalidSignature("its signer is not one of those that may sign");
            }
            if (!signedDigest(envelope.payload()).equals(digest.toString())) {
                throw new InvalidSignature("it is a signature of something else");
            }
            return Optional.empty();
        } catch (InvalidSignature e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** Of <code>{"targetArtifact": {"mediaType": …, "digest": …, "size": …}}</code>. */
    private static String signedDigest(byte[] payload) throws InvalidSignature {
        try {
            return OciJson.MAPPER
                    .readTree(payload)
                    .path("targetArtifact")
                    .path("digest")
                    .asString("");
        } catch (JacksonException e) {
            throw new InvalidSignature("what it signs cannot be read", e);
        }
    }
}
