package io.berth.registry.upstream;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.registry.durability.DataDirectory;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.repository.RepositoryName;
import io.berth.registry.upload.Chunk;
import io.berth.registry.upload.HashAlgorithm;
import io.berth.registry.upload.Uploads;
import io.berth.registryclient.RegistryClient;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Fetches blobs of other registries, each once however many ask for it in this process, and stores them as pushed ones are
 * stored: nothing becomes visible before its digest is right. Thread-safe.
 */
@Component
public class CachedBlobs {
    private static final Logger LOG = LoggerFactory.getLogger(CachedBlobs.class);
    private static final String ANY_TYPE = "application/octet-stream";

    private final Uploads uploads;
    private final DataDirectory directory;
    private final long maxSize;
    private final CacheMeters meters;
    private final ConcurrentMap<Key, CompletableFuture<Optional<BlobFetch>>> fetches = new ConcurrentHashMap<>();

    CachedBlobs(Uploads uploads, DataDirectory directory, PullThroughProperties properties, CacheMeters meters) {
        this.uploads = uploads;
        this.directory = directory;
        this.maxSize = properties.maxBlobSize().toBytes();
        this.meters = meters;
    }

    private record Key(RepositoryName repository, Digest digest) {}

    /**
     * The size of a blob at its registry; empty when it has none.
     *
     * @throws RegistryException 502 when it cannot be asked
     */
    public OptionalLong size(Upstream upstream, RepositoryName repository, Digest digest) {
        try {
            return checkedSize(upstream, repository, digest);
        } catch (IOException e) {
            if (UpstreamFailure.isUnknown(e)) {
                return OptionalLong.empty();
            }
            throw failure(upstream, repository, digest, e);
        }
    }

    private OptionalLong checkedSize(Upstream upstream, RepositoryName repository, Digest digest) throws IOException {
        OptionalLong size = upstream.client().blobSize(upstream.path(repository), digest);
        if (size.isPresent() && size.getAsLong() > maxSize) {
            throw new IOException("blob has " + size.getAsLong() + " bytes, which is more than the cache takes");
        }
        return size;
    }

    private static RegistryException failure(
            Upstream upstream, RepositoryName repository, Digest digest, IOException cause) {
        upstream.failed(cause);
        LOG.atWarn()
                .setCause(cause)
                .addKeyValue("registry", upstream.registry())
                .addKeyValue("repository", repository)
                .addKeyValue("digest", digest)
                .log("cannot fetch a blob");
        return UpstreamFailure.of(upstream, ErrorCode.BLOB_UNKNOWN, cause);
    }

    /**
     * Fetches a blob that is not here, or joins whoever is fetching it. The caller closes what is returned.
     *
     * @return empty when its registry has none
     * @throws RegistryException 502 when it cannot be asked
     */
    public Optional<BlobFetch> fetch(Upstream upstream, RepositoryName repository, Digest digest) throws IOException {
        Key key = new Key(repository, digest);
        while (true) {
            CompletableFuture<Optional<BlobFetch>> own = new CompletableFuture<>();
            CompletableFuture<Optional<BlobFetch>> known = fetches.putIfAbsent(key, own);
            Optional<BlobFetch> found = known == null ? begin(upstream, key, own) : joined(known);
            if (found.isEmpty() || found.get().join()) {
                return found;
            }
            fetches.remove(key, known == null ? own : known);
        }
    }

    private static Optional<BlobFetch> joined(CompletableFuture<Optional<BlobFetch>> known) throws IOException {
        try {
            return known.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RegistryException refused) {
                throw refused;
            }
            throw new IOException("whoever fetched the blob failed", e);
        }
    }

    private Optional<BlobFetch> begin(Upstream upstream, Key key, CompletableFuture<Optional<BlobFetch>> own)
            throws IOException {
        boolean begun = false;
        try {
            OptionalLong size = size(upstream, key.repository(), key.digest());
            if (size.isEmpty()) {
                own.complete(Optional.empty());
                return Optional.empty();
            }
            BlobFetch fetch = new BlobFetch(directory.staging(), size.getAsLong());
            // Goes on when the client who began it has gone: others may have joined, and more will come.
            Thread.ofVirtual().name("fetch-" + key.digest()).start(() -> run(upstream, key, fetch, own));
            begun = true;
            own.complete(Optional.of(fetch));
            return Optional.of(fetch);
        } catch (IOException | RuntimeException e) {
            meters.count(upstream, CacheMeters.Outcome.FAILURE);
            own.completeExceptionally(e);
            throw e;
        } finally {
            if (!begun) {
                fetches.remove(key, own);
            }
        }
    }

    private void run(Upstream upstream, Key key, BlobFetch fetch, CompletableFuture<Optional<BlobFetch>> own) {
        try (fetch) {
            try {
                store(upstream, key, fetch);
                upstream.answered();
                meters.count(upstream, CacheMeters.Outcome.MISS);
                meters.fetched(upstream, fetch.size());
                fetch.succeeded();
            } catch (IOException e) {
                failed(upstream, key, fetch, e);
            } catch (RuntimeException e) {
                failed(upstream, key, fetch, new IOException("cannot be stored: " + e.getMessage(), e));
            } finally {
                fetches.remove(key, own);
            }
        } catch (IOException e) {
            LOG.atWarn().setCause(e).log("cannot close what a fetch has kept");
        }
    }

    private void failed(Upstream upstream, Key key, BlobFetch fetch, IOException cause) {
        meters.count(upstream, CacheMeters.Outcome.FAILURE);
        fetch.failed(failureOf(upstream, key, cause));
    }

    private static IOException failureOf(Upstream upstream, Key key, IOException cause) {
        return new IOException(failure(upstream, key.repository(), key.digest(), cause));
    }

    private void store(Upstream upstream, Key key, BlobFetch fetch) throws IOException {
        RegistryClient client = upstream.client();
        Descriptor blob = Descriptor.of(ANY_TYPE, key.digest(), fetch.size());
        HashAlgorithm algorithm = HashAlgorithm.of(key.digest().algorithm());
        UUID upload = uploads.start(key.repository(), algorithm);
        @Nullable Throwable failed = null;
        try (InputStream in = fetch.keeping(client.blob(upstream.path(key.repository()), blob))) {
            uploads.finish(key.repository(), upload.toString(), key.digest(), new Chunk(in, -1, fetch.size()));
        } catch (IOException | RuntimeException e) {
            failed = e;
            throw e;
        } finally {
            if (failed != null) {
                cancel(key.repository(), upload);
            }
        }
    }

    private void cancel(RepositoryName repository, UUID upload) throws IOException {
        try {
            uploads.cancel(repository, upload.toString());
        } catch (RegistryException e) {
            LOG.atDebug().setCause(e).log("the upload has ended already");
        }
    }
}
