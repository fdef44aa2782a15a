package io.berth.registryclient.signature;

import io.berth.oci.ImageReference;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which images must be signed when they are pulled.
 *
 * @param rules in any order; of those that are about a reference the one with the longest prefix counts
 */
public record SignaturePolicy(List<Rule> rules) {
    public SignaturePolicy {
        rules = List.copyOf(rules);
    }

    /** What happens to an image without a valid signature. */
    public enum Mode {
        /** Nothing; signatures are not even looked for. */
        OFF,
        /** It is pulled, and the progress says so. */
        WARN,
        /** It is refused. */
        ENFORCE
    }

    /**
     * What images of some repositories must have.
     *
     * @param prefix a registry such as {@code docker.io}, or a registry and the beginning of a repository's path, such as
     *     {@code docker.io/library}; empty for all
     * @param trust whose signatures count
     */
    public record Rule(String prefix, Mode mode, Trust trust) {
        private boolean isAbout(ImageReference reference) {
            return prefix.isEmpty()
                    || reference.name().equals(prefix)
                    || reference.name().startsWith(prefix + "/");
        }
    }

    /** The rule for a reference, unless there is none or it asks for nothing. */
    Optional<Rule> of(ImageReference reference) {
        return rules.stream()
                .filter(rule -> rule.isAbout(reference))
                .max(Comparator.comparingInt(rule -> rule.prefix().length()))
                .filter(rule -> rule.mode() != Mode.OFF);
    }
}
