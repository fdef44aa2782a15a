package io.berth.oci;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A content digest, {@code sha256:<64 hex>} or {@code sha512:<128 hex>}, lower case (OCI image spec, descriptor.md,
 * "Digests"). Since nothing else parses, {@link #hex()} is safe to use as a file name.
 *
 * @param algorithm {@code sha256} or {@code sha512}
 * @param hex the encoded portion, lower case
 */
public record Digest(String algorithm, String hex) implements Comparable<Digest> {
    private static final Pattern LOWER_HEX = Pattern.compile("[a-f0-9]+");

    public Digest {
        Objects.requireNonNull(hex, "hex");
        int length =
                switch (algorithm) {
                    case "sha256" -> 64;
                    case "sha512" -> 128;
                    default -> throw new IllegalArgumentException("unsupported digest algorithm: " + algorithm);
                };
        if (hex.length() != length || !LOWER_HEX.matcher(hex).matches()) {
            throw new IllegalArgumentException("invalid " + algorithm + " digest: " + hex);
        }
    }

    /**
     * Parses {@code algorithm:hex}.
     *
     * @throws IllegalArgumentException for anything but a complete sha256 or sha512 digest in lower case
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static Digest parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("invalid digest: " + text);
        }
        return new Digest(text.substring(0, colon), text.substring(colon + 1));
    }

    /** The same as {@link #parse}, under the name by which frameworks convert request parameters, both ways. */
    public static Digest valueOf(String text) {
        return parse(text);
    }

    /** The sha256 digest of some bytes. */
    public static Digest sha256(byte[] content) {
        return of(newSha256().digest(content));
    }

    /** A sha256 digest from its 32 raw bytes. */
    public static Digest of(byte[] sha256) {
        return new Digest("sha256", HexFormat.of().formatHex(sha256));
    }

    /** A fresh SHA-256 computation, for use with {@link #of(byte[])}. */
    public static MessageDigest newSha256() {
        return newMessageDigest("SHA-256");
    }

    /** A fresh computation of this digest's algorithm. */
    public MessageDigest newMessageDigest() {
        return newMessageDigest(algorithm.equals("sha256") ? "SHA-256" : "SHA-512");
    }

    private static MessageDigest newMessageDigest(String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + name, e);
        }
    }

    /** Whether the finished computation gave exactly this digest. */
    public boolean matches(byte[] computed) {
        return hex.equals(HexFormat.of().formatHex(computed));
    }

    /** The first twelve hex digits, as clients show ids. */
    public String shortHex() {
        return hex.substring(0, 12);
    }

    @Override
    public int compareTo(Digest other) {
        int byAlgorithm = algorithm.compareTo(other.algorithm);
        return byAlgorithm != 0 ? byAlgorithm : hex.compareTo(other.hex);
    }

    @JsonValue
    @Override
    public String toString() {
        return algorithm + ":" + hex;
    }
}
