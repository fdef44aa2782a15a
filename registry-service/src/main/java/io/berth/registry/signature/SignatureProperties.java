package io.berth.registry.signature;

import io.berth.registry.access.Subject;
import io.berth.registry.repository.RepositoryPrefix;
import io.berth.registryclient.signature.SignaturePolicy;
import io.berth.registryclient.signature.Trust;
import jakarta.validation.Valid;
import java.nio.file.Path;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Which images must be signed to be handed out; none unless configured.
 *
 * @param rules of those that cover a repository the one with the longest prefix counts
 */
@Validated
@ConfigurationProperties("berth.registry.signatures")
record SignatureProperties(@DefaultValue List<@Valid Rule> rules) {
    SignatureProperties {
        rules = List.copyOf(rules);
    }

    /**
     * What images of some repositories must have.
     *
     * @param prefix a repository, or the beginning of names up to a slash; empty for all
     * @param mode {@code warn} only logs
     * @param keys PEM files with public keys, one of which must have signed, or
     * @param certificates PEM files with certificates, one of which must vouch for the signer
     * @param subjects whom of those that the certificates vouch for to believe, {@code O=Example,CN=Release}; all, when it is empty
     * @param signers to whom unsigned images are handed out all the same, since they sign them: {@code robot:signer},
     *     {@code user:alice}
     */
    record Rule(
            @DefaultValue("") String prefix,
            @DefaultValue("enforce") SignaturePolicy.Mode mode,
            @DefaultValue List<Path> keys,
            @DefaultValue List<Path> certificates,
            @DefaultValue List<String> subjects,
            @DefaultValue List<String> signers) {
        Rule {
            keys = List.copyOf(keys);
            certificates = List.copyOf(certificates);
            subjects = List.copyOf(subjects);
            signers = List.copyOf(signers);
            for (String signer : signers) {
                if (Subject.parse(signer).isEmpty()) {
                    throw new IllegalArgumentException("berth.registry.signatures.rules: " + signer
                            + " (expected: user:<name>, robot:<name> or oidc:<name>)");
                }
            }
            if (new Trust(keys, certificates, subjects).isEmpty() && mode != SignaturePolicy.Mode.OFF) {
                throw new IllegalArgumentException(
                        "berth.registry.signatures.rules: " + prefix + " (expected: at least one key or certificate)");
            }
        }

        Trust trust() {
            return new Trust(keys, certificates, subjects);
        }

        RepositoryPrefix repositories() {
            return new RepositoryPrefix(prefix);
        }
    }
}
