package io.berth.registryclient;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.KeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Certificates and keys of a PEM file (RFC 7468), with the older forms of private keys that OpenSSL writes. A file has at
 * most 1 MiB. Immutable.
 */
public final class PemFile {
    private static final int MAX_BYTES = 1024 * 1024;
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");
    private static final List<String> ALGORITHMS = List.of("EC", "RSA", "Ed25519");
    /** {@code version 0, rsaEncryption, NULL}: what PKCS#8 puts before a PKCS#1 key. */
    private static final byte[] RSA_PREFIX = HexFormat.of().parseHex("020100300d06092a864886f70d0101010500");
    /** {@code id-ecPublicKey}. */
    private static final byte[] EC_ALGORITHM = HexFormat.of().parseHex("06072a8648ce3d0201");

    private final Path path;
    private final List<Block> blocks;

    private static final class Block {
        private final String label;
        private final byte[] der;

        Block(String label, byte[] der) {
            this.label = label;
            this.der = der;
        }
    }

    private PemFile(Path path, List<Block> blocks) {
        this.path = path;
        this.blocks = blocks;
    }

    /**
     * Reads a file.
     *
     * @throws IOException when it cannot be read or is no PEM file
     */
    public static PemFile read(Path path) throws IOException {
        if (Files.size(path) > MAX_BYTES) {
            throw new IOException(path + " is larger than 1 MiB");
        }
        List<Block> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(Files.readString(path, StandardCharsets.ISO_8859_1));
        while (matcher.find()) {
            try {
                blocks.add(new Block(matcher.group(1), Base64.getMimeDecoder().decode(matcher.group(2))));
            } catch (IllegalArgumentException e) {
                throw new IOException(path + " is not a PEM file", e);
            }
        }
        if (blocks.isEmpty()) {
            throw new IOException(path + " is not a PEM file");
        }
        return new PemFile(path, blocks);
    }

    /** All certificates, in their order; at least one. */
    public List<X509Certificate> certificates() throws IOException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Block block : blocks) {
            if (block.label.equals("CERTIFICATE")) {
                try {
                    certificates.add((X509Certificate) CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(block.der)));
                } catch (GeneralSecurityException e) {
                    throw new IOException(path + " has an invalid certificate: " + e.getMessage(), e);
                }
            }
        }
        if (certificates.isEmpty()) {
            throw new IOException(path + " has no certificate");
        }
        return List.copyOf(certificates);
    }

    /** The public keys: ECDSA, RSA or Ed25519; at least one. */
    public List<PublicKey> publicKeys() throws IOException {
        List<PublicKey> keys = new ArrayList<>();
        for (Block block : blocks) {
            if (block.label.equals("PUBLIC KEY")) {
                keys.add(key(new X509EncodedKeySpec(block.der), KeyFactory::generatePublic));
            }
        }
        if (keys.isEmpty()) {
            throw new IOException(path + " has no public key");
        }
        return List.copyOf(keys);
    }

    /** The private key; encrypted ones are not supported. */
    PrivateKey privateKey() throws IOException {
        for (Block block : blocks) {
            byte[] der =
                    switch (block.label) {
                        case "PRIVATE KEY" -> block.der;
                        case "RSA PRIVATE KEY" -> sequence(RSA_PREFIX, tagged(0x04, block.der));
                        case "EC PRIVATE KEY" ->
                            sequence(
                                    new byte[] {2, 1, 0},
                                    sequence(EC_ALGORITHM, curveOf(block.der)),
                                    tagged(0x04, block.der));
                        default -> new byte[0];
                    };
            if (der.length > 0) {
                return key(new PKCS8EncodedKeySpec(der), KeyFactory::generatePrivate);
            }
        }
        throw new IOException(path + " has no private key that can be read");
    }

    @FunctionalInterface
    private interface Maker<K> {
        K make(KeyFactory factory, KeySpec spec) throws GeneralSecurityException;
    }

    private <K> K key(KeySpec spec, Maker<K> maker) throws IOException {
        GeneralSecurityException last = null;
        for (String algorithm : ALGORITHMS) {
            try {
                return maker.make(KeyFactory.getInstance(algorithm), spec);
            } catch (GeneralSecurityException e) {
                last = e;
            }
        }
        throw new IOException(path + " has a key that is neither ECDSA nor RSA nor Ed25519", last);
    }

    /** The curve's name in a SEC 1 key: what is tagged {@code [0]}, behind version and secret. */
    private byte[] curveOf(byte[] sec1) throws IOException {
        // 30 len 02 01 01 04 n <n bytes> a0 len 06 …
        int at = sec1.length > 2 && (sec1[1] & 0x80) != 0 ? 2 + (sec1[1] & 0x7f) : 2;
        at += 3;
        if (at + 1 < sec1.length && sec1[at] == 0x04) {
            at += 2 + sec1[at + 1];
            if (at > 0 && at + 1 < sec1.length && (sec1[at] & 0xff) == 0xa0) {
                int length = sec1[at + 1];
                if (length > 0 && at + 2 + length <= sec1.length) {
                    return java.util.Arrays.copyOfRange(sec1, at + 2, at + 2 + length);
                }
            }
        }
        throw new IOException(path + " has an elliptic curve key that names no curve");
    }

    private static byte[] sequence(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return tagged(0x30, out.toByteArray());
    }

    private static byte[] tagged(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.length < 0x80) {
            out.write(content.length);
        } else if (content.length < 0x100) {
            out.write(0x81);
            out.write(content.length);
        } else {
            out.write(0x82);
            out.write(content.length >> 8);
            out.write(content.length);
        }
        out.writeBytes(content);
        return out.toByteArray();
    }
}
