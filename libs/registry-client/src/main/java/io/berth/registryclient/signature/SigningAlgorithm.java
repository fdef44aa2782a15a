package io.berth.registryclient.signature;

import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;

/**
 * How signers with certificates may sign. The key alone decides which it is, never what comes with the signature (Notary Project
 * signature specification, "Algorithm Selection").
 */
enum SigningAlgorithm {
    PS256(-37, "SHA-256"),
    PS384(-38, "SHA-384"),
    PS512(-39, "SHA-512"),
    ES256(-7, "SHA-256"),
    ES384(-35, "SHA-384"),
    ES512(-36, "SHA-512");

    private final long coseNumber;
    private final String hash;

    SigningAlgorithm(long coseNumber, String hash) {
        this.coseNumber = coseNumber;
        this.hash = hash;
    }

    /** Its number in COSE headers (RFC 9053); in JWS it goes by its {@link #name()}. */
    long coseNumber() {
        return coseNumber;
    }

    static SigningAlgorithm of(PublicKey key) throws InvalidSignature {
        return switch (key) {
            case RSAPublicKey rsa ->
                switch (rsa.getModulus().bitLength()) {
                    case 2048 -> PS256;
                    case 3072 -> PS384;
                    case 4096 -> PS512;
                    default -> throw unsupported();
                };
            case ECPublicKey ec when isOn(ec, "secp256r1") -> ES256;
            case ECPublicKey ec when isOn(ec, "secp384r1") -> ES384;
            case ECPublicKey ec when isOn(ec, "secp521r1") -> ES512;
            default -> throw unsupported();
        };
    }

    private static InvalidSignature unsupported() {
        return new InvalidSignature("the key of its signer is of no supported kind and size");
    }

    private static boolean isOn(ECPublicKey key, String curve) {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec(curve));
            ECParameterSpec known = parameters.getParameterSpec(ECParameterSpec.class);
            ECParameterSpec used = key.getParams();
            return used.getCurve().equals(known.getCurve())
                    && used.getGenerator().equals(known.getGenerator())
                    && used.getOrder().equals(known.getOrder());
        } catch (GeneralSecurityException e) {
            return false; // a curve that this Java does not have
        }
    }

    /** Whether a key of this algorithm has signed some bytes. */
    boolean verifies(PublicKey key, byte[] signed, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance(javaName());
            if (hashesByPss()) {
                int saltBytes = Integer.parseInt(hash.substring(4)) / 8;
                verifier.setParameter(new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), saltBytes, 1));
            }
            verifier.initVerify(key);
            verifier.update(signed);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            return false; // not a signature of this kind of key
        }
    }

    private boolean hashesByPss() {
        return name().startsWith("PS");
    }

    /** For ECDSA both numbers one behind the other, as JWS and COSE have them, not in DER. */
    private String javaName() {
        return hashesByPss() ? "RSASSA-PSS" : hash.replace("-", "") + "withECDSAinP1363Format";
    }
}
