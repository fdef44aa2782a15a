package io.berth.registry.blob;

import io.berth.oci.Digest;
import io.berth.registry.durability.DurableTransactions;
import io.berth.registry.repository.Repositories;
import io.berth.registry.repository.RepositoryName;
import java.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.springframework.stereotype.Component;

/**
 * Which repository may see which blob. A blob exists for a caller only through a link of the repository it asks: that the
 * store has the content for another repository must not show (CVE-2024-39897). Thread-safe.
 */
@Component
public class BlobLinks {
    /** Parameters of one query; databases limit them. */
    private static final int BATCH = 500;

    private final BlobLinkRows rows;
    private final Repositories repositories;
    private final DurableTransactions transactions;
    private final Clock clock;

    BlobLinks(BlobLinkRows rows, Repositories repositories, DurableTransactions transactions) {
        this.rows = rows;
        this.repositories = repositories;
        this.transactions = transactions;
        this.clock = Clock.systemUTC();
    }

    /** Size in bytes of a blob the repository links; empty when it links none of this digest. */
    public OptionalLong size(RepositoryName repository, Digest digest) {
        return rows.size(repository.value(), digest.toString())
                .map(OptionalLong::of)
                .orElse(OptionalLong.empty());
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
     * Links a blob whose content is in the store, creating the repository when it is new. Belongs into a transaction of the
     * caller's ({@link DurableTransactions}).
     */
    public void link(RepositoryName repository, Digest digest, long sizeBytes) {
        long id = repositories.findOrCreate(repository);
        if (!rows.existsByRepositoryIdAndDigest(id, digest.toString())) {
            rows.save(new BlobLinkEntity(id, digest, sizeBytes, clock.instant()));
        }
    }

    /**
     * Links a blob of another repository; durable on return.
     *
     * @return whether {@code from} links it, and now {@code repository} does
     */
    public boolean mount(RepositoryName repository, RepositoryName from, Digest digest) {
        return transactions.durable(() -> {
            OptionalLong size = size(from, digest);
            size.ifPresent(known -> link(repository, digest, known));
            return size.isPresent();
        });
    }

    /** Removes a link; durable on return. Whether there was one. */
    public boolean unlink(RepositoryName repository, Digest digest) {
        return transactions.durable(() -> repositories
                .lock(repository)
                .map(id -> rows.delete(id, digest.toString()) > 0)
                .orElse(false));
    }
}
