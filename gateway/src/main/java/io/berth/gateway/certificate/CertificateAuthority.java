package io.berth.gateway.certificate;

import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * A certificate authority that lives as long as this object: what it has issued can be checked with its certificate, and
 * nothing more can be issued when it is gone. Keys are on the curve P-256, signatures ECDSA with SHA-256 (RFC 5280, 5480).
 */
public final class CertificateAuthority {
    private static final String ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
    private static final String BASIC_CONSTRAINTS = "2.5.29.19";
    private static final String KEY_USAGE = "2.5.29.15";
    private static final String EXTENDED_KEY_USAGE = "2.5.29.37";
    private static final String ALTERNATIVE_NAME = "2.5.29.17";
    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    private static final int DNS_NAME = 0x82;
    private static final int IP_ADDRESS = 0x87;
    /** keyCertSign and cRLSign, with one unused bit. */
    private static final byte[] SIGNS_CERTIFICATES = {0x06};
    /** digitalSignature, with seven unused bits. */
    private static final byte[] SIGNS = {(byte) 0x80};

    /** Clocks differ. */
    private static final Duration BACKDATED = Duration.ofHours(1);

    private final SecureRandom random = new SecureRandom();
    private final X500Principal name;
    private final KeyPair keys;
    private final Instant from;
    private final Instant until;
    private final byte[] certificate;

    /**
     * Makes an authority.
     *
     * @param commonName its name
     * @param validFor how long its certificate, and each that it issues, is valid
     */
    public CertificateAuthority(String commonName, Duration validFor) {
        name = principal(commonName);
        keys = newKeys();
        from = Instant.now().minus(BACKDATED);
        until = Instant.now().plus(validFor);
        certificate = sign(
                name,
                keys,
                extension(BASIC_CONSTRAINTS, true, Der.sequence(Der.yes())),
                extension(KEY_USAGE, true, Der.bits(1, SIGNS_CERTIFICATES)));
    }

    /**
     * A certificate and its key, as PEM.
     *
     * @param certificate {@code BEGIN CERTIFICATE}
     * @param key {@code BEGIN PRIVATE KEY} (PKCS #8); its text is a secret
     */
    public record Issued(String certificate, String key) {
        @Override
        public String toString() {
            return "Issued[" + certificate + "]";
        }
    }

    /** The authority's own certificate, as PEM. */
    public String certificate() {
        return pem("CERTIFICATE", certificate);
    }

    /**
     * Issues a certificate for a server.
     *
     * @param hosts names and IP addresses that clients call it by, at least one
     */
    public Issued server(List<String> hosts) {
        List<byte[]> names = new ArrayList<>();
        for (String host : hosts) {
            byte[] address = address(host);
            names.add(
                    address == null
                            ? Der.tagged(DNS_NAME, host.getBytes(StandardCharsets.US_ASCII))
                            : Der.tagged(IP_ADDRESS, address));
        }
        return issue(
                hosts.getFirst(),
                SERVER_AUTH,
                extension(ALTERNATIVE_NAME, false, Der.sequence(names.toArray(byte[][]::new))));
    }

    /**
     * Issues a certificate for a client.
     *
     * @param user its common name
     */
    public Issued client(String user) {
        return issue(user, CLIENT_AUTH);
    }

    private Issued issue(String commonName, String usage, byte[]... more) {
        KeyPair own = newKeys();
        List<byte[]> extensions = new ArrayList<>(List.of(
                extension(BASIC_CONSTRAINTS, true, Der.sequence()),
                extension(KEY_USAGE, true, Der.bits(7, SIGNS)),
                extension(EXTENDED_KEY_USAGE, false, Der.sequence(Der.identifier(usage)))));
        extensions.addAll(List.of(more));
        return new Issued(
                pem("CERTIFICATE", sign(principal(commonName), own, extensions.toArray(byte[][]::new))),
                pem("PRIVATE KEY", own.getPrivate().getEncoded()));
    }

    private byte[] sign(X500Principal subject, KeyPair subjectKeys, byte[]... extensions) {
        byte[] algorithm = Der.sequence(Der.identifier(ECDSA_WITH_SHA256));
        byte[] toBeSigned = Der.sequence(
                Der.tagged(0xA0, Der.integer(BigInteger.TWO)), // version 3
                Der.integer(new BigInteger(127, random).add(BigInteger.ONE)),
                algorithm,
                name.getEncoded(),
                Der.sequence(Der.time(from), Der.time(until)),
                subject.getEncoded(),
                subjectKeys.getPublic().getEncoded(),
                Der.tagged(0xA3, Der.sequence(extensions)));
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(keys.getPrivate());
            signature.update(toBeSigned);
            return Der.sequence(toBeSigned, algorithm, Der.bits(0, signature.sign()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has ECDSA", e);
        }
    }

    private static byte[] extension(String identifier, boolean critical, byte[] value) {
        return critical
                ? Der.sequence(Der.identifier(identifier), Der.yes(), Der.octets(value))
                : Der.sequence(Der.identifier(identifier), Der.octets(value));
    }

    private static X500Principal principal(String commonName) {
        return new X500Principal("CN=\"" + commonName.replace("\\", "\\\\").replace("\"", "\\\"") + "\"");
    }

    private static byte @Nullable [] address(String host) {
        try {
            return InetAddress.ofLiteral(host).getAddress();
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has P-256", e);
        }
    }

    private static String pem(String what, byte[] content) {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN " + what + "-----\n" + lines + "\n-----END " + what + "-----\n";
    }
}
