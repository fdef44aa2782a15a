package io.berth.registryclient.signature;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Manifest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A way to sign images: where the signatures are kept, and what makes them valid. Immutable. */
interface SignatureKind {
    /** So many referrers or layers of each kind are looked at; who may push must not be able to keep a registry busy. */
    int MAX_FOUND = 32;

    /**
     * What an image has of this kind.
     *
     * @return not yet verified
     * @throws IOException when that cannot be told
     */
    List<Claim> find(SignatureSource source, Digest digest) throws IOException;

    /** The manifests of an artifact type that refer to an image, as many as are looked at. */
    static List<Manifest> referrers(SignatureSource source, Digest digest, String artifactType) throws IOException {
        List<Manifest> found = new ArrayList<>();
        List<Descriptor> referrers = source.referrers(digest, artifactType);
        for (Descriptor referrer : referrers.subList(0, Math.min(referrers.size(), MAX_FOUND))) {
            source.manifest(referrer.digest().toString()).ifPresent(found::add);
        }
        return found;
    }

    /** Something that says it is a signature. */
    @FunctionalInterface
    interface Claim {
        /**
         * Why it does not count for what has a digest.
         *
         * @return in words; empty when it is a valid signature of somebody trusted
         */
        Optional<String> problem(Digest digest);
    }
}
