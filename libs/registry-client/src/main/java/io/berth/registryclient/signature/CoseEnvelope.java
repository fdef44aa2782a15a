package io.berth.registryclient.signature;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Signatures in the form of COSE (RFC 9052; Notary Project, signature-envelope-cose.md).
 *
 * <pre>18([&lt;&lt;{1: alg, 2: crit, 3: content type, …}>>, {33: x5chain, …}, payload, signature])</pre>
 */
final class CoseEnvelope {
    static final String MEDIA_TYPE = "application/cose";
    private static final long SIGN1 = 18;
    private static final long EPOCH_TIME = 1;
    private static final long ALGORITHM = 1;
    private static final long CRITICAL = 2;
    private static final long CONTENT_TYPE = 3;
    private static final long X5CHAIN = 33;

    private CoseEnvelope() {}

    static SignedEnvelope read(byte[] content) throws InvalidSignature {
        if (!(Cbor.read(content) instanceof Cbor.Tagged(long tag, List<?> parts))
                || tag != SIGN1
                || parts.size() != 4) {
            throw InvalidSignature.malformed(null);
        }
        byte[] protectedBytes = bytes(parts.get(0));
        byte[] payload = bytes(parts.get(2));
        return new SignedEnvelope(
                attributes(map(Cbor.read(protectedBytes))),
                SigningChain.read(certificates(map(parts.get(1)).get(X5CHAIN))),
                payload,
                signed(protectedBytes, payload),
                bytes(parts.get(3)));
    }

    /** The {@code Sig_structure} of RFC 9052, section 4.4. */
    private static byte[] signed(byte[] protectedBytes, byte[] payload) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(Cbor.arrayOf(4));
        out.writeBytes(Cbor.text("Signature1"));
        out.writeBytes(Cbor.bytes(protectedBytes));
        out.writeBytes(Cbor.bytes(new byte[0]));
        out.writeBytes(Cbor.bytes(payload));
        return out.toByteArray();
    }

    private static SignedEnvelope.Attributes attributes(Map<?, ?> header) throws InvalidSignature {
        Set<String> critical = new HashSet<>();
        if (!(header.get(CRITICAL) instanceof List<?> names) || !(header.get(ALGORITHM) instanceof Long algorithm)) {
            throw InvalidSignature.malformed(null);
        }
        for (Object name : names) {
            critical.add(text(name));
        }
        return new SignedEnvelope.Attributes(
                Arrays.stream(SigningAlgorithm.values())
                        .filter(known -> known.coseNumber() == algorithm)
                        .findFirst()
                        .orElse(null),
                text(header.get(CONTENT_TYPE)),
                critical,
                text(header.get(SignedEnvelope.SCHEME)),
                time(header.get(SignedEnvelope.SIGNING_TIME)),
                time(header.get(SignedEnvelope.EXPIRY)));
    }

    private static Optional<Instant> time(@Nullable Object value) throws InvalidSignature {
        if (value == null) {
            return Optional.empty();
        }
        if (!(value instanceof Cbor.Tagged(long tag, Long seconds)) || tag != EPOCH_TIME) {
            throw InvalidSignature.malformed(null);
        }
        try {
            return Optional.of(Instant.ofEpochSecond(seconds));
        } catch (DateTimeException e) {
            throw InvalidSignature.malformed(e);
        }
    }

    private static List<byte[]> certificates(@Nullable Object value) throws InvalidSignature {
        List<byte[]> certificates = new ArrayList<>();
        if (value instanceof List<?> several) {
            for (Object one : several) {
                certificates.add(bytes(one));
            }
        } else {
            certificates.add(bytes(value));
        }
        return certificates;
    }

    private static Map<?, ?> map(Object value) throws InvalidSignature {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw InvalidSignature.malformed(null);
    }

    private static String text(@Nullable Object value) throws InvalidSignature {
        if (value instanceof String text) {
            return text;
        }
        throw InvalidSignature.malformed(null);
    }

    private static byte[] bytes(@Nullable Object value) throws InvalidSignature {
        if (value instanceof ByteBuffer buffer) {
            byte[] content = new byte[buffer.remaining()];
            buffer.duplicate().get(content);
            return content;
        }
        throw InvalidSignature.malformed(null);
    }
}
