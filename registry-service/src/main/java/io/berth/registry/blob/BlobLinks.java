package io.berth.registry.blob;

import io.berth.oci.Digest;
import io.berth.registry.durability.CollectionTimes;
import io.berth.registry.durability.DurableTransactions;
import io.berth.registry.event.Change;
import io.berth.registry.event.Changes;
import io.berth.registry.repository.Repositories;
import io.berth.registry.repository.RepositoryName;
import io.berth.registry.repository.RepositoryRules;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Which repository may see which blob. A blob exists for a caller only through a link of the repository it asks: that the
 * store has the content for another repository must not show (CVE-2024-39897). Thread-safe.
 */
@Component
public class BlobLinks {
    /** Parameters of one query; databases limit them. */
    private static final int BATCH = 500;

    /** Plain SQL, because every pull of a blob asks, and the mapper took several times as long as the query. */
    private static final String SIZE = """
        select l.size_bytes from repository r join blob_link l on l.repository_id = r.id
        where r.name = ? and l.digest = ?\
        """;

    private final BlobLinkRows rows;
    private final JdbcTemplate database;
    private final Repositories repositories;
    private final RepositoryRules rules;
    private final BlobRows blobs;
    private final BlobStore store;
    private final Changes changes;
    private final DurableTransactions transactions;
    private final CollectionTimes times;
    private final Clock clock;

    BlobLinks(
            BlobLinkRows rows,
            JdbcTemplate database,
            Repositories repositories,
            RepositoryRules rules,
            BlobRows blobs,
            BlobStore store,
            Changes changes,
            DurableTransactions transactions,
            CollectionTimes times) {
        this.rows = rows;
        this.database = database;
        this.repositories = repositories;
        this.rules = rules;
        this.blobs = blobs;
        this.store = store;
        this.changes = changes;
        this.transactions = transactions;
        this.times = times;
        this.clock = Clock.systemUTC();
    }

    /** Size in bytes of a blob the repository links; empty when it links none of this digest. */
    public OptionalLong size(RepositoryName repository, Digest digest) {
        List<Long> sizes = database.query(SIZE, (row, number) -> row.getLong(1), repository.value(), digest.toString());
        return sizes.isEmpty() ? OptionalLong.empty() : OptionalLong.of(sizes.getFirst());
    }

    /**
     * As {@link #size} for someone who is about to push a manifest that names the blob: for the time of grace the link will
     * not be collected, and content that is known to be damaged is not there, so that it is pushed again.
     */
    public OptionalLong offer(RepositoryName repository, Digest digest) {
        Optional<BlobLinkEntity> link = rows.findWhole(repository.value(), digest.toString());
        if (link.isEmpty()) {
            return OptionalLong.empty();
        }
        Instant since = link.get().unreferencedSince();
        Instant now = clock.instant();
        if (since != null && times.worthRenewing(since, now)) {
            int renewed = transactions.committed(() -> rows.renew(link.get().repositoryId(), digest.toString(), now));
            if (renewed == 0 && rows.find(repository.value(), digest.toString()).isEmpty()) {
                return OptionalLong.empty(); // collected at this very moment
            }
        }
        return OptionalLong.of(link.get().sizeBytes());
    }

    /** Sizes in bytes of those of the given blobs that the repository links. */
    public Map<Digest, Long> sizes(long repositoryId, Collection<Digest> digests) {
        List<String> wanted = digests.stream().distinct().map(Digest::toString).toList();
        Map<Digest, Long> sizes = new HashMap<>();
        for (int from = 0; from < wanted.size(); from += BATCH) {
            List<String> batch = wanted.subList(from, Math.min(from + BATCH, wanted.size()));
            for (BlobLinkEntity link : rows.findByRepositoryIdAndDigestIn(repositoryId, batch)) {
                sizes.put(Digest.parse(link.digest()), link.sizeBytes());
            }
        }
        return sizes;
    }

    /**
     * Makes staged bytes a blob and links it. Belongs into a transaction of the caller's ({@link DurableTransactions}).
     */
    public void link(RepositoryName repository, BlobStore.Staged staged) {
        repositories.findOrCreate(repository); // first, in the order of all others that lock both
        rules.linkBlob(repository, staged.digest(), staged.sizeBytes());
        store.adopt(staged);
        link(repository, staged.digest(), staged.sizeBytes());
    }

    /**
     * Links a blob whose content is in the store, creating the repository when it is new. Belongs into a transaction of the
     * caller's ({@link DurableTransactions}).
     */
    public void link(RepositoryName repository, Digest digest, long sizeBytes) {
        long id = repositories.findOrCreate(repository);
        if (blobs.lock(digest).isEmpty()) {
            throw new ConcurrencyFailureException("blob was collected at this moment: " + digest);
        }
        if (!rows.existsByRepositoryIdAndDigest(id, digest.toString())) {
            rows.save(new BlobLinkEntity(id, digest, sizeBytes, clock.instant()));
        } else if (rows.renew(id, digest.toString(), clock.instant()) == 0
                && !rows.existsByRepositoryIdAndDigest(id, digest.toString())) {
            throw new ConcurrencyFailureException("link was collected at this moment: " + digest);
        }
    }

    /**
     * Links a blob of another repository; durable on return.
     *
     * @return whether {@code from} links it, and now {@code repository} does
     */
    public boolean mount(RepositoryName repository, RepositoryName from, Digest digest) {
        return transactions.durable(() -> {
            OptionalLong size = offer(from, digest);
            size.ifPresent(known -> {
                repositories.findOrCreate(repository);
                rules.linkBlob(repository, digest, known);
                link(repository, digest, known);
                changes.note(
                        Change.BLOB_MOUNT,
                        repository.value(),
                        Map.of("digest", digest.toString(), "from", from.value()));
            });
            return size.isPresent();
        });
    }

    /** Removes a link; durable on return. Whether there was one. */
    public boolean unlink(RepositoryName repository, Digest digest) {
        return transactions.durable(() -> {
            boolean unlinked =
                    repositories.lock(repository).map(id -> unlink(id, digest)).orElse(false);
            if (unlinked) {
                changes.note(Change.BLOB_DELETE, repository.value(), Map.of("digest", digest.toString()));
            }
            return unlinked;
        });
    }

    private boolean unlink(long repositoryId, Digest digest) {
        blobs.lock(digest); // first, as all do that lock both
        boolean unlinked = rows.delete(repositoryId, digest.toString()) > 0;
        if (unlinked) {
            blobs.unlinked(digest);
        }
        return unlinked;
    }
}
