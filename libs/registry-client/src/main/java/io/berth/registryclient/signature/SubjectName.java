package io.berth.registryclient.signature;

import java.security.cert.X509Certificate;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.x500.X500Principal;

/**
 * Some parts of a distinguished name, by which signers are told apart.
 *
 * @param parts such as {@code O=Example}; at least one, each with one attribute
 */
record SubjectName(List<Rdn> parts) {
    /** Characters, and bytes of a certificate's: reading one takes memory by the square of its length. */
    private static final int MAX_LENGTH = 16 * 1024;

    SubjectName {
        parts = List.copyOf(parts);
    }

    /**
     * Reads a name in the form of RFC 4514.
     *
     * @throws IllegalArgumentException when it is none, or longer than any that means somebody
     */
    static SubjectName parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "subject of " + text.length() + " characters (expected: up to " + MAX_LENGTH + ")");
        }
        List<Rdn> parts;
        try {
            // By way of the principal, since that writes types and values as it does those of certificates.
            parts = new LdapName(new X500Principal(text).getName(X500Principal.RFC2253)).getRdns();
        } catch (InvalidNameException | IllegalArgumentException e) {
            throw new IllegalArgumentException("subject: " + text + " (expected: a distinguished name)", e);
        }
        if (parts.isEmpty() || parts.stream().anyMatch(part -> part.size() != 1)) {
            throw new IllegalArgumentException(
                    "subject: " + text + " (expected: a distinguished name of one or more single attributes)");
        }
        return new SubjectName(parts);
    }

    /** Whether a certificate's subject has all the parts. Values are compared exactly. */
    boolean isOf(X509Certificate certificate) {
        if (certificate.getSubjectX500Principal().getEncoded().length > MAX_LENGTH) {
            return false;
        }
        List<Rdn> subject;
        try {
            subject = new LdapName(certificate.getSubjectX500Principal().getName(X500Principal.RFC2253)).getRdns();
        } catch (InvalidNameException e) {
            return false;
        }
        return parts.stream().allMatch(part -> subject.stream().anyMatch(other -> isSame(part, other)));
    }

    private static boolean isSame(Rdn part, Rdn other) {
        return other.size() == 1
                && part.getType().equalsIgnoreCase(other.getType())
                && String.valueOf(part.getValue()).equals(String.valueOf(other.getValue()));
    }
}
