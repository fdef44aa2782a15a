package io.berth.registryclient.signature;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Signatures as cosign makes them with a key: payloads of the "simple signing" form, kept beside the image under the tag
 * {@code sha256-<hex>.sig}, or as referrers of its manifest (OCI 1.1).
 *
 * @param keys one of which must have signed
 */
record CosignSignatures(List<PublicKey> keys) implements SignatureKind {
    private static final String ARTIFACT_TYPE = "application/vnd.dev.cosign.artifact.sig.v1+json";
    private static final int MAX_SIGNATURES = 2 * MAX_FOUND;

    CosignSignatures {
        keys = List.copyOf(keys);
    }

    @Override
    public List<Claim> find(SignatureSource source, Digest digest) throws IOException {
        List<Claim> found = new ArrayList<>();
        Optional<Manifest> tagged = source.manifest(digest.algorithm() + "-" + digest.hex() + ".sig");
        if (tagged.isPresent()) {
            collect(source, tagged.get(), found);
        }
        for (Manifest manifest : SignatureKind.referrers(source, digest, ARTIFACT_TYPE)) {
            collect(source, manifest, found);
        }
        return found;
    }

    private void collect(SignatureSource source, Manifest manifest, List<Claim> found) throws IOException {
        for (Descriptor layer : manifest.layers()) {
            if (found.size() < MAX_SIGNATURES && SignedPayload.isOne(layer)) {
                try (InputStream in = source.blob(layer)) {
                    SignedPayload payload = SignedPayload.of(layer, in.readNBytes(SignedPayload.MAX_BYTES));
                    found.add(digest -> payload.problem(digest, keys));
                }
            }
        }
    }
}
