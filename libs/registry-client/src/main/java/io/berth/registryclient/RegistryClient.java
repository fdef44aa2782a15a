package io.berth.registryclient;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One registry, spoken to with one set of credentials. Blocking, made for virtual threads; thread-safe, so that the layers of
 * one image can travel in parallel. Interrupting a calling thread ends its request.
 *
 * <p>All failures are {@link RegistryException}s (or other {@link IOException}s of the streams handed in or out), worded as
 * Docker words them.
 */
public final class RegistryClient {
    private final RegistryConnection connection;
    private final RemoteManifests manifests;
    private final RemoteBlobs blobs;

    RegistryClient(RegistryConnection connection) {
        this.connection = connection;
        this.manifests = new RemoteManifests(connection);
        this.blobs = new RemoteBlobs(connection);
    }

    /** Where the registry is. */
    public RegistryEndpoint endpoint() {
        return connection.endpoint();
    }

    /** Makes sure that somebody answers there and learns how to be authorised. Each other method does so itself. */
    public void contact() throws IOException {
        connection.contact();
    }

    /**
     * A manifest or index, its digest verified.
     *
     * @param reference tag or digest
     * @throws RegistryException {@code MANIFEST_UNKNOWN}, {@code NAME_UNKNOWN}, {@code DENIED}, …; also when it is larger than
     *     4 MiB or ambiguous
     */
    public RemoteManifest manifest(String repository, String reference) throws IOException {
        return manifests.get(repository, reference);
    }

    /** What a tag or digest names now, without fetching it; empty when there is none or the registry does not tell. */
    public Optional<Descriptor> manifestDescriptor(String repository, String reference) throws IOException {
        return manifests.head(repository, reference);
    }

    /**
     * Puts a manifest under a tag or its digest; whatever it names must be there already.
     *
     * @param content sent exactly as it is
     */
    public void putManifest(String repository, String reference, String mediaType, byte[] content) throws IOException {
        manifests.put(repository, reference, mediaType, content.clone());
    }

    /** What says of itself that it belongs to a manifest, such as its signatures; empty when there is nothing. */
    public List<Descriptor> referrers(String repository, Digest subject) throws IOException {
        return manifests.referrers(repository, subject);
    }

    /** All tags of a repository, in the registry's order. */
    public List<String> tags(String repository) throws IOException {
        return manifests.tags(repository);
    }

    /**
     * A blob's bytes, as many as the descriptor says; mends broken connections. The receiver must check the digest and close
     * the stream. The descriptor's {@code urls} are ignored.
     */
    public InputStream blob(String repository, Descriptor blob) {
        return blob(repository, blob, 0);
    }

    /** As {@link #blob(String, Descriptor)}, from an offset on. */
    public InputStream blob(String repository, Descriptor blob, long offset) {
        return new BlobStream(connection, repository, blob, offset);
    }

    /** Whether a repository has a blob. */
    public boolean blobExists(String repository, Digest digest) throws IOException {
        return blobs.exists(repository, digest);
    }

    /** Size in bytes of a blob as the registry says; empty when the repository has none of this digest. */
    public OptionalLong blobSize(String repository, Digest digest) throws IOException {
        return blobs.size(repository, digest);
    }

    /** Asks the registry to take a blob from another of its repositories, and says whether it did. */
    public boolean mountBlob(String repository, Digest digest, String sourceRepository) throws IOException {
        return blobs.mount(repository, digest, sourceRepository);
    }

    /** Uploads a blob; mends broken connections. */
    public void uploadBlob(String repository, Descriptor blob, UploadBody body, UploadBody.Progress progress)
            throws IOException {
        blobs.upload(repository, blob, body, progress);
    }
}
