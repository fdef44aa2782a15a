package io.berth.registry.signature;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.OciJson;
import io.berth.registry.blob.BlobLinks;
import io.berth.registry.blob.BlobStore;
import io.berth.registry.manifest.ManifestReference;
import io.berth.registry.manifest.Manifests;
import io.berth.registry.manifest.Referrers;
import io.berth.registry.manifest.StoredManifest;
import io.berth.registry.repository.RepositoryName;
import io.berth.registry.storage.Content;
import io.berth.registryclient.signature.SignatureSource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/** The signatures that a repository of this registry has itself. */
record StoredSignatures(
        RepositoryName repository, Manifests manifests, Referrers referrers, BlobLinks links, BlobStore blobs)
        implements SignatureSource {
    private static final int MAX_BYTES = 64 * 1024;

    @Override
    public Optional<Manifest> manifest(String reference) throws IOException {
        Optional<StoredManifest> found = ManifestReference.parse(reference)
                .flatMap(known -> manifests.find(repository, known))
                .filter(stored -> MediaType.isManifest(stored.mediaType()));
        return found.isEmpty() ? Optional.empty() : read(found.get());
    }

    private Optional<Manifest> read(StoredManifest stored) throws IOException {
        return manifests.content(stored).map(content -> OciJson.MAPPER.readValue(content, Manifest.class));
    }

    @Override
    public List<Descriptor> referrers(Digest subject, String artifactType) throws IOException {
        return referrers.of(repository, subject, artifactType, "").descriptors();
    }

    @Override
    public InputStream blob(Descriptor blob) throws IOException {
        if (links.size(repository, blob.digest()).isEmpty()) {
            throw new IOException("blob " + blob.digest() + " is not in the repository");
        }
        Optional<Content> stored = blobs.open(blob.digest());
        if (stored.isEmpty()) {
            throw new IOException("blob " + blob.digest() + " is missing");
        }
        try (Content content = stored.get();
                InputStream in = content.read(0, Math.min(content.size(), MAX_BYTES))) {
            return new ByteArrayInputStream(in.readAllBytes());
        }
    }
}
