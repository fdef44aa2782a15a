package io.berth.registry.signature;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.registry.access.Callers;
import io.berth.registry.blob.BlobLinks;
import io.berth.registry.blob.BlobStore;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.manifest.Manifests;
import io.berth.registry.manifest.Referrers;
import io.berth.registry.manifest.ServingRule;
import io.berth.registry.manifest.StoredManifest;
import io.berth.registry.repository.RepositoryName;
import io.berth.registryclient.signature.SignaturePolicy;
import io.berth.registryclient.signature.SignatureSource;
import io.berth.registryclient.signature.Signatures;
import io.berth.registryclient.signature.Trust;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Refuses to hand out images that nobody has signed whom the repository's rule names. What is signed is the digest; a member of
 * a signed index needs no signature of its own. Signatures and attestations are handed out unsigned, since who checks an image
 * needs them, and no engine runs them. Thread-safe.
 */
@Component
class SignedImages implements ServingRule {
    private static final Logger LOG = LoggerFactory.getLogger(SignedImages.class);

    /** Layers of what is said about images. An image has others, and one such layer among them does not make it none. */
    private static final Set<String> ABOUT_IMAGES = Set.of(
            "application/vnd.dev.cosign.simplesigning.v1+json",
            "application/vnd.dsse.envelope.v1+json",
            "application/vnd.dev.sigstore.bundle.v0.3+json",
            "application/jose+json",
            "application/cose",
            "application/vnd.in-toto+json",
            "application/vnd.cyclonedx+json",
            "application/spdx+json",
            "text/spdx",
            "text/spdx+json");

    private final List<SignatureProperties.Rule> rules;
    private final Manifests manifests;
    private final Referrers referrers;
    private final BlobLinks links;
    private final BlobStore blobs;

    SignedImages(
            SignatureProperties properties,
            Manifests manifests,
            Referrers referrers,
            BlobLinks links,
            BlobStore blobs) {
        this.rules = properties.rules().stream()
                .sorted(Comparator.comparingInt((SignatureProperties.Rule rule) ->
                                rule.repositories().length())
                        .reversed())
                .toList();
        this.manifests = manifests;
        this.referrers = referrers;
        this.links = links;
        this.blobs = blobs;
    }

    @Override
    public void serve(RepositoryName repository, StoredManifest manifest) throws IOException {
        Optional<SignatureProperties.Rule> found = rules.stream()
                .filter(rule -> rule.repositories().covers(repository))
                .findFirst()
                .filter(rule -> rule.mode() != SignaturePolicy.Mode.OFF);
        if (found.isEmpty()) {
            return;
        }
        SignatureProperties.Rule rule = found.get();
        if (rule.signers().contains(Callers.current().subject().toString())) {
            return; // who signs an image has to read it first
        }
        Optional<String> problem = problem(repository, manifest, rule.trust());
        if (problem.isEmpty()) {
            return;
        }
        LOG.atWarn()
                .addKeyValue("repository", repository)
                .addKeyValue("digest", manifest.digest())
                .addKeyValue("mode", rule.mode())
                .addKeyValue("reason", problem.get())
                .log("an image is not signed as its rule asks for");
        if (rule.mode() == SignaturePolicy.Mode.ENFORCE) {
            throw RegistryException.of(
                    ErrorCode.DENIED,
                    "image " + repository + "@" + manifest.digest() + " is not signed as this registry asks for: "
                            + problem.get());
        }
    }

    private Optional<String> problem(RepositoryName repository, StoredManifest manifest, Trust trust)
            throws IOException {
        SignatureSource source = new StoredSignatures(repository, manifests, referrers, links, blobs);
        if (MediaType.isManifest(manifest.mediaType()) && isAboutImages(source, manifest.digest())) {
            return Optional.empty();
        }
        Optional<String> own = checked(source, manifest.digest(), trust);
        if (own.isEmpty()) {
            return own;
        }
        for (Digest index : manifests.naming(repository, manifest.digest())) {
            if (checked(source, index, trust).isEmpty()) {
                return Optional.empty();
            }
        }
        return own;
    }

    /** What cannot be checked is not signed; the reason goes to the log, since it may name files of this machine. */
    private static Optional<String> checked(SignatureSource source, Digest digest, Trust trust) {
        try {
            return Signatures.problem(source, digest, trust);
        } catch (IOException | RuntimeException e) {
            LOG.atWarn().setCause(e).addKeyValue("digest", digest).log("signatures cannot be checked");
            return Optional.of("its signatures cannot be checked");
        }
    }

    private static boolean isAboutImages(SignatureSource source, Digest digest) throws IOException {
        Optional<Manifest> manifest = source.manifest(digest.toString());
        List<Descriptor> layers = manifest.map(Manifest::layers).orElse(List.of());
        return !layers.isEmpty() && layers.stream().allMatch(layer -> ABOUT_IMAGES.contains(layer.mediaType()));
    }
}
