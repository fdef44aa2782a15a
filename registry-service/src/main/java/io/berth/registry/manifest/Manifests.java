package io.berth.registry.manifest;

import io.berth.oci.Digest;
import io.berth.registry.blob.BlobStore;
import io.berth.registry.durability.DurableTransactions;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.event.Change;
import io.berth.registry.event.Changes;
import io.berth.registry.repository.Repositories;
import io.berth.registry.repository.RepositoryName;
import io.berth.registry.repository.RepositoryRules;
import io.berth.registry.storage.Content;
import io.berth.registry.tag.TagName;
import io.berth.registry.tag.Tags;
import io.berth.registry.tag.UntaggedManifests;
import io.berth.registry.traffic.Traffic;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
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
    private final ManifestLookup lookup;
    private final ManifestCache cache;
    private final Traffic traffic;
    private final ReferenceCheck references;
    private final BlobStore store;
    private final ManifestContents contents;
    private final Repositories repositories;
    private final RepositoryRules rules;
    private final Tags tags;
    private final UntaggedManifests untagged;
    private final Changes changes;
    private final DurableTransactions transactions;
    private final Clock clock;

    Manifests(
            ManifestRows rows,
            ManifestLookup lookup,
            ManifestProperties properties,
            Traffic traffic,
            ReferenceCheck references,
            BlobStore store,
            ManifestContents contents,
            Repositories repositories,
            RepositoryRules rules,
            Tags tags,
            UntaggedManifests untagged,
            Changes changes,
            DurableTransactions transactions) {
        this.rows = rows;
        this.lookup = lookup;
        this.cache = new ManifestCache(properties.cacheSize().toBytes());
        this.traffic = traffic;
        this.references = references;
        this.store = store;
        this.contents = contents;
        this.repositories = repositories;
        this.rules = rules;
        this.tags = tags;
        this.untagged = untagged;
        this.changes = changes;
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
        store(repository, name, newTags, document, content, true);
        return new Pushed(name, document);
    }

    /**
     * As {@link #push} for a manifest of another registry, whose blobs and members may come later or never; the caller has
     * verified the digest.
     */
    public void keep(RepositoryName repository, Digest digest, List<TagName> newTags, String mediaType, byte[] content)
            throws IOException {
        store(repository, digest, newTags, ManifestCodec.parse(mediaType, content), content, false);
    }

    private void store(
            RepositoryName repository,
            Digest name,
            List<TagName> newTags,
            ManifestDocument document,
            byte[] content,
            boolean complete)
            throws IOException {
        BlobStore.Staged staged = store.stage(name, content);
        transactions.durable(() -> {
            long id = repositories.lockOrCreate(repository);
            if (complete) {
                references.require(id, document);
                newTags.forEach(tag -> requireChangeable(repository, tag, name));
            }
            rules.storeManifest(repository, name, content.length);
            store.adopt(staged);
            if (!rows.existsByRepositoryIdAndDigest(id, name.toString())) {
                rows.save(new ManifestEntity(id, name, content.length, document, clock.instant()));
            }
            contents.stored(id, name, document);
            newTags.forEach(tag -> tags.point(id, tag, name));
            if (newTags.isEmpty()) {
                untagged.renew(id, name);
            }
            changes.note(Change.MANIFEST_PUSH, repository.value(), described(name, newTags, document));
            return id;
        });
    }

    private void requireChangeable(RepositoryName repository, TagName tag, Digest manifest) {
        tags.find(repository, tag)
                .filter(before -> !before.equals(manifest))
                .ifPresent(before -> rules.changeTag(repository, tag.value()));
    }

    private static Map<String, String> described(Digest digest, List<TagName> newTags, ManifestDocument document) {
        return Map.of(
                "digest",
                digest.toString(),
                "mediaType",
                document.mediaType(),
                "tags",
                newTags.stream().map(TagName::value).collect(Collectors.joining(",")));
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
        return lookup.find(repository.value(), reference);
    }

    /**
     * As {@link #find} for someone who is about to push what names the manifest: for the time of grace it will not be
     * collected.
     */
    public Optional<StoredManifest> offer(RepositoryName repository, ManifestReference reference) {
        Optional<StoredManifest> found = find(repository, reference);
        found.ifPresent(manifest -> untagged.renewIfDue(repository, manifest.digest()));
        return found;
    }

    /** The bytes of a manifest, which nobody may change; empty, and logged, when its file is gone. */
    public Optional<byte[]> content(StoredManifest manifest) throws IOException {
        Optional<byte[]> cached = cache.find(manifest.digest());
        traffic.manifestCached(cached.isPresent());
        if (cached.isPresent()) {
            return cached;
        }
        Optional<byte[]> read = read(manifest);
        read.ifPresent(content -> cache.keep(manifest.digest(), content));
        return read;
    }

    private Optional<byte[]> read(StoredManifest manifest) throws IOException {
        Optional<Content> stored = store.open(manifest.digest());
        if (stored.isEmpty()) {
            LOG.atError().addKeyValue("digest", manifest.digest()).log("content of a manifest is missing");
            return Optional.empty();
        }
        try (Content content = stored.get();
                InputStream in = content.read(0, content.size())) {
            return Optional.of(in.readAllBytes());
        }
    }

    /** The manifests of a repository that name a digest: the indexes that it is a member of, at most a hundred of them. */
    public List<Digest> naming(RepositoryName repository, Digest digest) {
        return contents.naming(repository, digest);
    }

    /** Removes a manifest and every tag that points at it; durable on return. Whether there was one. */
    public boolean delete(RepositoryName repository, Digest digest) {
        return transactions.durable(() -> repositories
                .lock(repository)
                .map(id -> {
                    tags.of(id, digest).forEach(tag -> rules.changeTag(repository, tag));
                    boolean deleted = delete(id, digest);
                    if (deleted) {
                        changes.note(Change.MANIFEST_DELETE, repository.value(), Map.of("digest", digest.toString()));
                    }
                    return deleted;
                })
                .orElse(false));
    }

    /** As the other one, in a transaction of the caller's that has locked the repository. */
    boolean delete(long repositoryId, Digest digest) {
        tags.deleteAllOf(repositoryId, digest);
        boolean deleted = rows.delete(repositoryId, digest.toString()) > 0;
        if (deleted) {
            contents.removed(repositoryId, digest);
        }
        return deleted;
    }

    /** A manifest that was stored, and what is in it. */
    public record Pushed(Digest digest, ManifestDocument document) {}
}
