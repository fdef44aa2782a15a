package io.berth.registry.mirror;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.registry.remote.RemoteRegistry;
import io.berth.registryclient.RegistryException;
import io.berth.registryclient.RemoteManifest;
import io.berth.registryclient.UploadBody;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A repository of another registry, as source or target of copies.
 *
 * @param blobs where the content of blobs comes from when they are copied to it
 */
record RemoteRepository(RemoteRegistry registry, String name, LocalBlobs blobs) implements Copy.Source, Copy.Target {
    private static final int NOT_FOUND = 404;

    /** Opens blobs of this registry. */
    @FunctionalInterface
    interface LocalBlobs {
        /** A blob's bytes; the caller closes them. */
        InputStream open(Digest digest) throws IOException;
    }

    @Override
    public List<String> tags() throws IOException {
        return registry.client().tags(name);
    }

    @Override
    public Optional<Digest> digest(String tag) throws IOException {
        return registry.client().manifestDescriptor(name, tag).map(Descriptor::digest);
    }

    @Override
    public Optional<Copy.Document> manifest(String reference) throws IOException {
        RemoteManifest found;
        try {
            found = registry.client().manifest(name, reference);
        } catch (RegistryException e) {
            if (e.status() == NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
        return Optional.of(
                found.isIndex()
                        ? new Copy.Document(
                                found.mediaType(),
                                found.digest(),
                                found.content(),
                                List.of(),
                                found.index().manifests())
                        : new Copy.Document(
                                found.mediaType(),
                                found.digest(),
                                found.content(),
                                blobs(found.manifest()),
                                List.of()));
    }

    /** What a manifest's repository must have; foreign layers are elsewhere. */
    static List<Descriptor> blobs(Manifest manifest) {
        List<Descriptor> blobs = new ArrayList<>();
        blobs.add(manifest.config());
        manifest.layers().stream()
                .filter(layer -> !layer.mediaType().equals(MediaType.DOCKER_FOREIGN_LAYER_GZIP)
                        && !layer.mediaType().startsWith("application/vnd.oci.image.layer.nondistributable."))
                .forEach(blobs::add);
        return blobs;
    }

    @Override
    public List<Descriptor> referrers(Digest subject) throws IOException {
        return registry.client().referrers(name, subject);
    }

    @Override
    public boolean hasManifest(Digest digest) throws IOException {
        return registry.client().manifestDescriptor(name, digest.toString()).isPresent();
    }

    @Override
    public void blob(Descriptor blob) throws IOException {
        if (!registry.client().blobExists(name, blob.digest())) {
            UploadBody body = () -> blobs.open(blob.digest());
            registry.client().uploadBlob(name, blob, body, sent -> {});
        }
    }

    @Override
    public void manifest(Copy.Document document, Optional<String> tag) throws IOException {
        registry.client()
                .putManifest(name, tag.orElse(document.digest().toString()), document.mediaType(), document.content());
    }
}
