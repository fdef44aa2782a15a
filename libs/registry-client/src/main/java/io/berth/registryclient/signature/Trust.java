package io.berth.registryclient.signature;

import io.berth.registryclient.PemFile;
import java.io.IOException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/**
 * Whose signatures count. One valid signature of any kind is enough. The files are read for each check, so that they can be
 * replaced at any time: what is taken out of them is no longer trusted at the next pull.
 *
 * @param keys PEM files with public keys, which sign as {@code cosign sign --key} does
 * @param certificates PEM files with certificates, mostly of authorities; who signs as {@code notation sign} does must have a
 *     certificate that one of them has issued, or be one of them
 * @param subjects of those whom the certificates vouch for, the ones that may sign: distinguished names (RFC 4514) such as
 *     {@code O=Example,CN=Release}, all of whose parts the subject must have; empty for all
 */
public record Trust(List<Path> keys, List<Path> certificates, List<String> subjects) {
    public Trust {
        keys = List.copyOf(keys);
        certificates = List.copyOf(certificates);
        subjects = List.copyOf(subjects);
        subjects.forEach(SubjectName::parse);
        if (!subjects.isEmpty() && certificates.isEmpty()) {
            throw new IllegalArgumentException("subjects without certificates (expected: who issues theirs)");
        }
    }

    /** Only signatures with one of some keys. */
    public static Trust keys(List<Path> keys) {
        return new Trust(keys, List.of(), List.of());
    }

    /** Whether nobody can sign. */
    public boolean isEmpty() {
        return keys.isEmpty() && certificates.isEmpty();
    }

    /**
     * The kinds of signature that can count.
     *
     * @throws IOException when a file cannot be read, or there is none
     */
    List<SignatureKind> kinds() throws IOException {
        List<SignatureKind> kinds = new ArrayList<>();
        if (!keys.isEmpty()) {
            List<PublicKey> known = new ArrayList<>();
            for (Path file : keys) {
                known.addAll(PemFile.read(file).publicKeys());
            }
            kinds.add(new CosignSignatures(known));
        }
        if (!certificates.isEmpty()) {
            List<X509Certificate> known = new ArrayList<>();
            for (Path file : certificates) {
                known.addAll(PemFile.read(file).certificates());
            }
            kinds.add(new NotationSignatures(
                    known, subjects.stream().map(SubjectName::parse).toList()));
        }
        if (kinds.isEmpty()) {
            throw new IOException("the policy names no key and no certificate");
        }
        return kinds;
    }
}
