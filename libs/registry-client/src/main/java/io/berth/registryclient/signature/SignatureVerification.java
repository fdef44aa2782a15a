package io.berth.registryclient.signature;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.ImageReference;
import io.berth.oci.Manifest;
import io.berth.registryclient.PullSource;
import io.berth.registryclient.RegistryException;
import io.berth.registryclient.RemoteManifest;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for signatures of images that are pulled, as cosign makes them with a key or notation with a certificate. Whatever cannot
 * be read or verified counts as no signature. Thread-safe.
 *
 * <p>The signature is of the digest that the reference names, of an index where it is one: what the index names needs none of
 * its own, since it is fetched by digest.
 */
public final class SignatureVerification {
    private static final Logger LOG = LoggerFactory.getLogger(SignatureVerification.class);

    private final SignaturePolicy policy;

    public SignatureVerification(SignaturePolicy policy) {
        this.policy = policy;
    }

    /**
     * Checks what a reference names at a source.
     *
     * @param digest of the manifest or index, verified already; only this may be used afterwards
     * @return what to warn of, if anything
     * @throws SignatureRefused when the policy asks for a signature and there is no valid one, or that cannot be told
     */
    public Optional<String> check(PullSource source, ImageReference reference, Digest digest) throws SignatureRefused {
        Optional<SignaturePolicy.Rule> asked = policy.of(reference);
        if (asked.isEmpty()) {
            return Optional.empty();
        }
        SignaturePolicy.Rule rule = asked.get();
        String problem;
        try {
            Optional<String> found = Signatures.problem(new Remote(source), digest, rule.trust());
            if (found.isEmpty()) {
                return Optional.empty();
            }
            problem = found.get();
        } catch (IOException e) {
            problem = "its signatures cannot be checked: " + e.getMessage();
            LOG.atDebug().setCause(e).addKeyValue("imageRef", reference).log("signatures cannot be checked");
        }
        String message = "image " + reference + " (" + digest + ") is not signed as the policy for \"" + rule.prefix()
                + "\" asks for: " + problem;
        if (rule.mode() == SignaturePolicy.Mode.ENFORCE) {
            throw new SignatureRefused(message, null);
        }
        return Optional.of(message);
    }

    private record Remote(PullSource source) implements SignatureSource {
        @Override
        public Optional<Manifest> manifest(String reference) throws IOException {
            try {
                RemoteManifest found = source.client().manifest(source.repository(), reference);
                return found.isIndex() ? Optional.empty() : Optional.of(found.manifest());
            } catch (RegistryException e) {
                if (e.status() == 404) {
                    return Optional.empty();
                }
                throw e;
            }
        }

        @Override
        public List<Descriptor> referrers(Digest subject, String artifactType) throws IOException {
            return source.client().referrers(source.repository(), subject).stream()
                    .filter(referrer -> artifactType.equals(referrer.artifactType()))
                    .toList();
        }

        @Override
        public InputStream blob(Descriptor blob) {
            return source.client().blob(source.repository(), blob);
        }
    }
}
