package io.berth.registry.upload;

import io.berth.oci.Digest;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The digest algorithms of the image specification that the registry computes. */
public enum HashAlgorithm {
    SHA256("sha256", "SHA-256"),
    SHA512("sha512", "SHA-512");

    private final String ociName;
    private final String javaName;

    HashAlgorithm(String ociName, String javaName) {
        this.ociName = ociName;
        this.javaName = javaName;
    }

    /** @throws RegistryException DIGEST_INVALID for an algorithm the registry does not compute */
    public static HashAlgorithm of(String ociName) {
        for (HashAlgorithm algorithm : values()) {
            if (algorithm.ociName.equals(ociName)) {
                return algorithm;
            }
        }
        throw RegistryException.of(ErrorCode.DIGEST_INVALID, "unsupported digest algorithm");
    }

    /** The name that digests begin with. */
    public String ociName() {
        return ociName;
    }

    MessageDigest newMessageDigest() {
        try {
            return MessageDigest.getInstance(javaName);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + javaName, e);
        }
    }

    Digest digest(byte[] computed) {
        return new Digest(ociName, HexFormat.of().formatHex(computed));
    }
}
