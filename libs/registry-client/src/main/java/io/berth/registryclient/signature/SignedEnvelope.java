package io.berth.registryclient.signature;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A signature as notation makes it, of whichever format, read but not verified (Notary Project signature specification,
 * "Signature Envelope"). Immutable.
 */
final class SignedEnvelope {
    static final String SCHEME = "io.cncf.notary.signingScheme";
    static final String SIGNING_TIME = "io.cncf.notary.signingTime";
    static final String EXPIRY = "io.cncf.notary.expiry";
    static final String CONTENT_TYPE = "application/vnd.cncf.notary.payload.v1+json";

    /**
     * What is signed beside the payload.
     *
     * @param algorithm as the signature names it; null for one that is not known
     * @param critical names of attributes that must be understood
     * @param signingTime as the signer says; decides nothing
     * @param expiry from when on the signature counts no longer
     */
    record Attributes(
            @Nullable SigningAlgorithm algorithm,
            String contentType,
            Set<String> critical,
            String scheme,
            Optional<Instant> signingTime,
            Optional<Instant> expiry) {
        Attributes {
            critical = Set.copyOf(critical);
        }
    }

    private final Attributes attributes;
    private final SigningChain chain;
    private final byte[] payload;
    private final byte[] signed;
    private final byte[] signature;

    /**
     * Puts one together.
     *
     * @param payload what is said
     * @param signed the bytes that are signed: payload and attributes, as the format has it
     */
    SignedEnvelope(Attributes attributes, SigningChain chain, byte[] payload, byte[] signed, byte[] signature) {
        this.attributes = attributes;
        this.chain = chain;
        this.payload = payload;
        this.signed = signed;
        this.signature = signature;
    }

    SigningChain chain() {
        return chain;
    }

    /** Only once {@link #check} has found nothing wrong is it worth anything. */
    byte[] payload() {
        return payload;
    }

    /**
     * Whether the signer's key has signed payload and attributes, and whether all of these are understood.
     *
     * @param now for the time of expiry
     */
    void check(Instant now) throws InvalidSignature {
        SigningAlgorithm algorithm = SigningAlgorithm.of(chain.signer().getPublicKey());
        if (attributes.algorithm() != algorithm) {
            throw new InvalidSignature("its algorithm is not that of its signer's key");
        }
        if (!algorithm.verifies(chain.signer().getPublicKey(), signed, signature)) {
            throw new InvalidSignature("it does not fit what is signed");
        }
        if (!attributes.contentType().equals(CONTENT_TYPE)) {
            throw new InvalidSignature("it is a signature of something that is no artifact");
        }
        // A scheme with trusted times of signing needs a trust of its own and is not served.
        if (!attributes.scheme().equals("notary.x509")) {
            throw new InvalidSignature("its signing scheme is not supported");
        }
        Set<String> expected = attributes.expiry().isPresent() ? Set.of(SCHEME, EXPIRY) : Set.of(SCHEME);
        if (!attributes.critical().equals(expected)) {
            throw new InvalidSignature("its critical attributes are not those that are understood");
        }
        if (attributes.signingTime().isEmpty()) {
            throw new InvalidSignature("it does not say when it was made");
        }
        if (attributes.expiry().isPresent() && !now.isBefore(attributes.expiry().get())) {
            throw new InvalidSignature("it has expired");
        }
    }
}
