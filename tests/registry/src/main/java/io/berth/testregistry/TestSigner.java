package io.berth.testregistry;

import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.oci.OciJson;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Somebody with a certificate, who issues others and signs images as notation does (Notary Project signature specification): an
 * elliptic curve key on P-256, envelopes of JWS.
 */
public final class TestSigner {
    /** The media type of the envelopes that {@link #jws} makes. */
    public static final String JWS = "application/jose+json";
    /** Of the manifests that have such envelopes as their layer. */
    public static final String ARTIFACT_TYPE = "application/vnd.cncf.notary.signature";

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final String CRITICAL = "0101ff";

    /** Bits of a certificate's key usage. */
    public static final int DIGITAL_SIGNATURE = 0x80;

    public static final int KEY_CERT_SIGN = 0x04;

    /**
     * What a certificate says.
     *
     * @param subject a distinguished name
     * @param constraints whether it is of an authority, in DER; empty leaves it out
     * @param usage bits, {@link #DIGITAL_SIGNATURE} first
     * @param usageCritical whether its readers must understand that
     * @param purpose the last number of an extended key usage, 3 for signed code; 0 leaves it out
     * @param hash that it is signed with, {@code SHA256} or {@code SHA1}
     */
    public record Shape(
            String subject,
            Instant from,
            Instant to,
            String constraints,
            int usage,
            boolean usageCritical,
            int purpose,
            String hash) {
        /** Of somebody who signs, from a day ago for a day. */
        public static Shape signer(String subject) {
            return new Shape(subject, day(-1), day(1), "", DIGITAL_SIGNATURE, true, 3, "SHA256");
        }

        /** Of an authority. */
        public static Shape authority(String subject) {
            return new Shape(subject, day(-1), day(1), "30030101ff", KEY_CERT_SIGN, true, 0, "SHA256");
        }

        private static Instant day(int days) {
            return Instant.now().plus(Duration.ofDays(days));
        }

        public Shape valid(Instant earliest, Instant latest) {
            return new Shape(subject, earliest, latest, constraints, usage, usageCritical, purpose, hash);
        }

        public Shape constraints(String der) {
            return new Shape(subject, from, to, der, usage, usageCritical, purpose, hash);
        }

        public Shape usage(int bits, boolean critical) {
            return new Shape(subject, from, to, constraints, bits, critical, purpose, hash);
        }

        public Shape purpose(int last) {
            return new Shape(subject, from, to, constraints, usage, usageCritical, last, hash);
        }

        public Shape hash(String name) {
            return new Shape(subject, from, to, constraints, usage, usageCritical, purpose, name);
        }
    }

    private final KeyPair keys;
    private final X500Principal name;
    private final List<byte[]> chain = new ArrayList<>();

    private TestSigner(Shape shape, @Nullable TestSigner issuer) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        keys = generator.generateKeyPair();
        name = new X500Principal(shape.subject());
        chain.add(certificate(shape, issuer == null ? this : issuer));
        if (issuer != null) {
            chain.addAll(issuer.chain);
        }
    }

    /** Somebody whom nobody else vouches for. */
    public static TestSigner root(Shape shape) throws GeneralSecurityException {
        return new TestSigner(shape, null);
    }

    /** Somebody whom this one vouches for. */
    public TestSigner issue(Shape shape) throws GeneralSecurityException {
        return new TestSigner(shape, this);
    }

    /** The certificates in DER: the own one, that of its issuer, and so on. */
    public List<byte[]> chain() {
        return List.copyOf(chain);
    }

    /** The own certificate as a PEM file has it. */
    public String pem() {
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(chain.getFirst())
                + "\n-----END CERTIFICATE-----\n";
    }

    /** What notation signs of an image. */
    public static String payload(Digest digest, long size) {
        return "{\"targetArtifact\":{\"mediaType\":\"" + MediaType.OCI_MANIFEST + "\",\"digest\":\"" + digest
                + "\",\"size\":" + size + "}}";
    }

    /** Signs as notation does by default. */
    public byte[] jws(String payload) throws GeneralSecurityException {
        return jws(payload, Map.of(), chain);
    }

    /**
     * Signs.
     *
     * @param attributes other signed attributes than the usual ones; an empty text leaves one out
     * @param certificates that go with the signature
     */
    public byte[] jws(String payload, Map<String, Object> attributes, List<byte[]> certificates)
            throws GeneralSecurityException {
        Map<String, Object> header = new LinkedHashMap<>(Map.of(
                "alg", "ES256",
                "cty", "application/vnd.cncf.notary.payload.v1+json",
                "crit", List.of("io.cncf.notary.signingScheme"),
                "io.cncf.notary.signingScheme", "notary.x509",
                "io.cncf.notary.signingTime", "2026-07-01T00:00:00Z"));
        header.putAll(attributes);
        header.values().removeIf(""::equals);
        String protectedText = base64(OciJson.MAPPER.writeValueAsBytes(header));
        String payloadText = base64(payload.getBytes(StandardCharsets.UTF_8));
        String signed = protectedText + "." + payloadText;
        return OciJson.MAPPER.writeValueAsBytes(Map.of(
                "protected",
                protectedText,
                "payload",
                payloadText,
                "header",
                Map.of("x5c", certificates, "io.cncf.notary.signingAgent", "test/1.0"),
                "signature",
                base64(sign("SHA256withECDSAinP1363Format", signed.getBytes(StandardCharsets.US_ASCII)))));
    }

    private static String base64(byte[] content) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(content);
    }

    private byte[] sign(String algorithm, byte[] content) throws GeneralSecurityException {
        Signature signer = Signature.getInstance(algorithm);
        signer.initSign(keys.getPrivate());
        signer.update(content);
        return signer.sign();
    }

    /** A certificate (RFC 5280, section 4.1). */
    private byte[] certificate(Shape shape, TestSigner issuer) throws GeneralSecurityException {
        byte[] algorithm =
                der(0x30, hex("06" + (shape.hash().equals("SHA1") ? "072a8648ce3d0401" : "082a8648ce3d040302")));
        byte[] extensions = der(
                0x30,
                shape.constraints().isEmpty() ? new byte[0] : extension("551d13", CRITICAL, hex(shape.constraints())),
                extension(
                        "551d0f",
                        shape.usageCritical() ? CRITICAL : "",
                        hex("0302" + (shape.usage() == DIGITAL_SIGNATURE ? "07" : "02")
                                + HexFormat.of().toHexDigits((byte) shape.usage()))),
                shape.purpose() == 0
                        ? new byte[0]
                        : extension("551d25", "", der(0x30, hex("06082b0601050507030" + shape.purpose()))));
        byte[] content = der(
                0x30,
                hex("a003020102020101"),
                algorithm,
                issuer.name.getEncoded(),
                der(0x30, time(shape.from()), time(shape.to())),
                name.getEncoded(),
                keys.getPublic().getEncoded(),
                der(0xa3, extensions));
        byte[] signature = issuer.sign(shape.hash() + "withECDSA", content);
        return der(0x30, content, algorithm, der(0x03, new byte[1], signature));
    }

    private static byte[] extension(String id, String critical, byte[] value) {
        return der(0x30, hex("0603" + id), hex(critical), der(0x04, value));
    }

    private static byte[] time(Instant time) {
        return der(0x18, TIME.format(time).getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    private static byte[] der(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.size() < 0x80) {
            out.write(content.size());
        } else if (content.size() < 0x100) {
            out.write(0x81);
            out.write(content.size());
        } else {
            out.write(0x82);
            out.write(content.size() >> 8);
            out.write(content.size());
        }
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }
}
