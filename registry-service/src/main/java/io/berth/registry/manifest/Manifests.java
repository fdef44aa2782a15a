package io.berth.registry.manifest;

import io.berth.oci.Digest;
import io.berth.registry.blob.BlobContent;
import io.berth.registry.blob.FileBlobStore;
import io.berth.registry.durability.DurableTransactions;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.repository.Repositories;
import io.berth.registry.repository.RepositoryName;
import io.berth.registry.tag.TagName;
import io.berth.registry.tag.Tags;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * The manifests and indexes of all repositories. Their bytes are kept as they came, as files in the blob store; a row says
 * which repository has them. Thread-safe.
 */
@Component
public class Manifests {
    private static final Logger LOG = LoggerFactory.getLogger(Manifests.class);

    private final ManifestRows rows;
    private final ReferenceCheck references;
    private final FileBlobStore store;
    private final Repositories repositories;
    private final Tags tags;
    private final DurableTransactions transactions;
    private final Clock clock;

    Manifests(
            ManifestRows rows,
            ReferenceCheck references,
            FileBlobStore store,
            Repositories repositories,
            Tags tags,
            DurableTransactions transactions) {
        this.rows = rows;
        this.references = references;
        this.store = store;
        this.repositories = repositories;
        this.tags = tags;
        this.transactions = transactions;
        this.clock = Clock.systemUTC();
    }

    /**
     * Stores a manifest and points tags at it; durable on return.
     *
     * @param digest to store it under, or null for its sha256
     * @param contentType of the request, or null
     * @return what was stored, and what it refers to
     * @throws RegistryException DIGEST_INVALID when the bytes have another digest, MANIFEST_INVALID,
     *     MANIFEST_BLOB_UNKNOWN, SIZE_INVALID
     */
    public Pushed push(
            RepositoryName repository,
            @Nullable Digest digest,
            List<TagName> newTags,
            @Nullable String contentType,
            byte[] content)
            throws IOException {
        Digest name = digest == null ? Digest.sha256(content) : verified(digest, content);
        ManifestDocument document = ManifestCodec.parse(contentType, content);
        // Before the file is written: a refused manifest must not leave one behind.
        requireReferences(repository, document);
        store.write(name, content);
        transactions.durable(() -> {
            long id = repositories.lockOrCreate(repository);
            references.require(id, document);
            if (!rows.existsByRepositoryIdAndDigest(id, name.toString())) {
                rows.save(new ManifestEntity(id, name, content.length, document, clock.instant()));
            }
            newTags.forEach(tag -> tags.point(id, tag, name));
            return id;
        });
        return new Pushed(name, document);
    }

    private static Digest verified(Digest digest, byte[] content) {
        if (!digest.matches(digest.newMessageDigest().digest(content))) {
            throw RegistryException.about(ErrorCode.DIGEST_INVALID, "digest", digest);
        }
        return digest;
    }

    private void requireReferences(RepositoryName repository, ManifestDocument document) {
        Optional<Long> id = repositories.find(repository);
        if (id.isPresent()) {
            references.require(id.get(), document);
        } else {
            ReferenceCheck.requireNothing(document);
        }
    }

    /** What a repository has under a digest or tag. */
    public Optional<StoredManifest> find(RepositoryName repository, ManifestReference reference) {
        Optional<ManifestEntity> row =
                switch (reference) {
                    case ManifestReference.ByDigest(Digest digest) ->
                        rows.byDigest(repository.value(), digest.toString());
                    case ManifestReference.ByTag(TagName tag) -> rows.byTag(repository.value(), tag.value());
                };
        return row.map(ManifestEntity::stored);
    }

    /** The bytes of a manifest; empty, and logged, when its file is gone. */
    public Optional<byte[]> content(StoredManifest manifest) throws IOException {
        Optional<BlobContent> stored = store.open(manifest.digest());
        if (stored.isEmpty()) {
            LOG.atError().addKeyValue("digest", manifest.digest()).log("content of a manifest is missing");
            return Optional.empty();
        }
        try (BlobContent content = stored.get()) {
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(content.size()));
            while (bytes.hasRemaining()) {
                if (content.channel().read(bytes) < 0) {
                    throw new EOFException("manifest file is shorter than it was");
                }
            }
            return Optional.of(bytes.array());
        }
    }

    /** Removes a manifest and every tag that points at it; durable on return. Whether there was one. */
    public boolean delete(RepositoryName repository, Digest digest) {
        return transactions.durable(() -> repositories
                .lock(repository)
                .map(id -> {
                    tags.deleteAllOf(id, digest);
                    return rows.delete(id, digest.toString()) > 0;
                })
                .orElse(false));
    }

    /** A manifest that was stored, and what is in it. */
    public record Pushed(Digest digest, ManifestDocument document) {}
}
