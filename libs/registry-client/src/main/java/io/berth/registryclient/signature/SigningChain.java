package io.berth.registryclient.signature;

import java.io.ByteArrayInputStream;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.security.spec.PSSParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The certificates that come with a signature: the signer's, those of the authorities in between, and that of the root (Notary
 * Project signature specification, "Certificate Requirements"). Extensions other than those named there are not asked about, and
 * nobody is asked whether a certificate was revoked. Immutable.
 *
 * @param certificates the signer's first; at least one
 */
record SigningChain(List<X509Certificate> certificates) {
    private static final int MAX_LENGTH = 8;
    private static final String BASIC_CONSTRAINTS = "2.5.29.19";
    private static final String KEY_USAGE = "2.5.29.15";
    private static final int DIGITAL_SIGNATURE = 0;
    private static final int NON_REPUDIATION = 1;
    private static final int KEY_CERT_SIGN = 5;
    /** Any, serverAuth, clientAuth, emailProtection, timeStamping, OCSPSigning. */
    private static final Set<String> OTHER_PURPOSES = Set.of(
            "2.5.29.37.0",
            "1.3.6.1.5.5.7.3.1",
            "1.3.6.1.5.5.7.3.2",
            "1.3.6.1.5.5.7.3.4",
            "1.3.6.1.5.5.7.3.8",
            "1.3.6.1.5.5.7.3.9");

    private static final Set<String> SIGNED_BY = Set.of(
            "SHA256withRSA", "SHA384withRSA", "SHA512withRSA", "SHA256withECDSA", "SHA384withECDSA", "SHA512withECDSA");

    private static final Set<String> HASHES = Set.of("SHA-256", "SHA-384", "SHA-512");

    SigningChain {
        certificates = List.copyOf(certificates);
    }

    /**
     * Reads certificates.
     *
     * @param encoded each in DER, the signer's first
     */
    static SigningChain read(List<byte[]> encoded) throws InvalidSignature {
        if (encoded.isEmpty() || encoded.size() > MAX_LENGTH) {
            throw new InvalidSignature(
                    "it has " + encoded.size() + " certificates (expected: 1 to " + MAX_LENGTH + ")");
        }
        List<X509Certificate> certificates = new ArrayList<>();
        for (byte[] der : encoded) {
            try {
                certificates.add((X509Certificate)
                        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der)));
            } catch (GeneralSecurityException e) {
                throw new InvalidSignature("one of its certificates cannot be read", e);
            }
        }
        return new SigningChain(certificates);
    }

    X509Certificate signer() {
        return certificates.getFirst();
    }

    /**
     * Checks each certificate by itself and that each has issued the one before it.
     *
     * @param trusted one of which must be among them
     */
    void check(List<X509Certificate> trusted) throws InvalidSignature {
        for (int i = 0; i < certificates.size(); i++) {
            X509Certificate certificate = certificates.get(i);
            checkTime(certificate);
            checkHash(certificate);
            if (i == 0) {
                checkSigner(certificate);
            } else {
                checkAuthority(certificate, i - 1);
            }
            boolean last = i == certificates.size() - 1;
            if (last != isIssuedBy(certificate, certificate)) {
                throw new InvalidSignature(
                        last ? "its certificates do not end with a root" : "it has certificates behind a root");
            }
            if (!last && !isIssuedBy(certificate, certificates.get(i + 1))) {
                throw new InvalidSignature("its certificates do not form a chain");
            }
        }
        if (certificates.stream().noneMatch(trusted::contains)) {
            throw new InvalidSignature("none of its certificates is trusted");
        }
    }

    /** There is no time stamp that would be believed, so what has expired since counts no longer. */
    private static void checkTime(X509Certificate certificate) throws InvalidSignature {
        try {
            certificate.checkValidity();
        } catch (CertificateNotYetValidException e) {
            throw new InvalidSignature("one of its certificates is not valid yet", e);
        } catch (GeneralSecurityException e) {
            throw new InvalidSignature("one of its certificates has expired", e);
        }
    }

    private static void checkHash(X509Certificate certificate) throws InvalidSignature {
        String algorithm = certificate.getSigAlgName();
        if (!SIGNED_BY.contains(algorithm)
                && !(algorithm.equals("RSASSA-PSS") && HASHES.contains(pssHash(certificate)))) {
            throw new InvalidSignature("one of its certificates was signed in a way that is not safe");
        }
    }

    private static String pssHash(X509Certificate certificate) {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("RSASSA-PSS");
            parameters.init(certificate.getSigAlgParams());
            return parameters.getParameterSpec(PSSParameterSpec.class).getDigestAlgorithm();
        } catch (GeneralSecurityException | java.io.IOException e) {
            return "";
        }
    }

    private static void checkSigner(X509Certificate certificate) throws InvalidSignature {
        boolean[] usage = certificate.getKeyUsage();
        if (!isCritical(certificate, KEY_USAGE) || usage == null || !usage[DIGITAL_SIGNATURE]) {
            throw new InvalidSignature("its signer's certificate is not for signatures");
        }
        for (int i = NON_REPUDIATION + 1; i < usage.length; i++) {
            if (usage[i]) {
                throw new InvalidSignature("its signer's certificate is for more than signatures");
            }
        }
        if (certificate.getBasicConstraints() >= 0) {
            throw new InvalidSignature("its signer's certificate is an authority's");
        }
        try {
            List<String> purposes = certificate.getExtendedKeyUsage();
            if (purposes != null && purposes.stream().anyMatch(OTHER_PURPOSES::contains)) {
                throw new InvalidSignature("its signer's certificate is for something else");
            }
        } catch (GeneralSecurityException e) {
            throw new InvalidSignature("its signer's certificate cannot be read", e);
        }
    }

    private static void checkAuthority(X509Certificate certificate, int authoritiesBelow) throws InvalidSignature {
        boolean[] usage = certificate.getKeyUsage();
        if (!isCritical(certificate, BASIC_CONSTRAINTS)
                || !isCritical(certificate, KEY_USAGE)
                || usage == null
                || !usage[KEY_CERT_SIGN]
                || certificate.getBasicConstraints() < 0) {
            throw new InvalidSignature("one of its certificates is no authority's and has issued another");
        }
        if (certificate.getBasicConstraints() < authoritiesBelow) {
            throw new InvalidSignature("its chain of certificates is longer than one of them allows");
        }
    }

    private static boolean isCritical(X509Certificate certificate, String extension) {
        Set<String> critical = certificate.getCriticalExtensionOIDs();
        return critical != null && critical.contains(extension);
    }

    private static boolean isIssuedBy(X509Certificate certificate, X509Certificate issuer) {
        if (!certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
            return false;
        }
        try {
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
