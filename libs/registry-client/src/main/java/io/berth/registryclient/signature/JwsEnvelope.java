package io.berth.registryclient.signature;

import io.berth.oci.OciJson;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Signatures in the flattened JSON form of JWS (Notary Project, signature-envelope-jws.md).
 *
 * <pre>{"payload": "&lt;base64url>", "protected": "&lt;base64url>", "header": {"x5c": ["&lt;base64>", …]}, "signature": "&lt;base64url>"}</pre>
 */
final class JwsEnvelope {
    static final String MEDIA_TYPE = "application/jose+json";
    private static final Set<String> FIELDS = Set.of("payload", "protected", "header", "signature");

    private JwsEnvelope() {}

    static SignedEnvelope read(byte[] content) throws InvalidSignature {
        JsonNode envelope = json(content);
        if (!FIELDS.equals(Set.copyOf(envelope.propertyNames()))) {
            throw InvalidSignature.malformed(null);
        }
        String protectedText = text(envelope.path("protected"));
        String payloadText = text(envelope.path("payload"));
        List<byte[]> certificates = new ArrayList<>();
        for (JsonNode certificate : envelope.path("header").path("x5c")) {
            certificates.add(decode(Base64.getDecoder(), text(certificate)));
        }
        return new SignedEnvelope(
                attributes(json(decode(Base64.getUrlDecoder(), protectedText))),
                SigningChain.read(certificates),
                decode(Base64.getUrlDecoder(), payloadText),
                (protectedText + "." + payloadText).getBytes(StandardCharsets.US_ASCII),
                decode(Base64.getUrlDecoder(), text(envelope.path("signature"))));
    }

    private static SignedEnvelope.Attributes attributes(JsonNode header) throws InvalidSignature {
        Set<String> critical = new HashSet<>();
        for (JsonNode name : header.path("crit")) {
            critical.add(text(name));
        }
        String algorithm = text(header.path("alg"));
        return new SignedEnvelope.Attributes(
                Arrays.stream(SigningAlgorithm.values())
                        .filter(known -> known.name().equals(algorithm))
                        .findFirst()
                        .orElse(null),
                text(header.path("cty")),
                critical,
                text(header.path(SignedEnvelope.SCHEME)),
                time(header.path(SignedEnvelope.SIGNING_TIME)),
                time(header.path(SignedEnvelope.EXPIRY)));
    }

    private static Optional<Instant> time(JsonNode value) throws InvalidSignature {
        if (value.isMissingNode()) {
            return Optional.empty();
        }
        try {
            return Optional.of(OffsetDateTime.parse(text(value)).toInstant());
        } catch (DateTimeException e) {
            throw InvalidSignature.malformed(e);
        }
    }

    private static JsonNode json(byte[] content) throws InvalidSignature {
        try {
            JsonNode read = OciJson.MAPPER.readTree(content);
            if (read.isObject()) {
                return read;
            }
        } catch (JacksonException e) {
            throw InvalidSignature.malformed(e);
        }
        throw InvalidSignature.malformed(null);
    }

    private static String text(JsonNode value) throws InvalidSignature {
        if (!value.isString()) {
            throw InvalidSignature.malformed(null);
        }
        return value.stringValue();
    }

    private static byte[] decode(Base64.Decoder decoder, String text) throws InvalidSignature {
        try {
            return decoder.decode(text);
        } catch (IllegalArgumentException e) {
            throw InvalidSignature.malformed(e);
        }
    }
}
