package io.berth.registry.tag;

import io.berth.oci.Digest;
import io.berth.registry.durability.DurableTransactions;
import io.berth.registry.repository.Repositories;
import io.berth.registry.repository.RepositoryName;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.data.domain.Limit;
import org.springframework.stereotype.Component;

/** The tags of all repositories. Thread-safe. */
@Component
public class Tags {
    private final TagRows rows;
    private final Repositories repositories;
    private final DurableTransactions transactions;
    private final Clock clock;

    Tags(TagRows rows, Repositories repositories, DurableTransactions transactions) {
        this.rows = rows;
        this.repositories = repositories;
        this.transactions = transactions;
        this.clock = Clock.systemUTC();
    }

    /** The manifest a tag points at. */
    public Optional<Digest> find(RepositoryName repository, TagName tag) {
        return rows.digest(repository.value(), tag.value()).map(Digest::parse);
    }

    /** Points a tag, new or not, at a manifest. Belongs into a transaction of the caller's. */
    public void point(long repositoryId, TagName tag, Digest manifest) {
        Instant now = clock.instant();
        TagEntity row = rows.findByRepositoryIdAndName(repositoryId, tag.value())
                .orElseGet(() -> new TagEntity(repositoryId, tag, manifest, now));
        row.pointTo(manifest, now);
        rows.save(row);
    }

    /** Removes a tag; durable on return. Whether there was one. The manifest stays. */
    public boolean delete(RepositoryName repository, TagName tag) {
        return transactions.durable(() -> repositories
                .lock(repository)
                .map(id -> rows.delete(id, tag.value()) > 0)
                .orElse(false));
    }

    /** Removes every tag of a manifest. Belongs into a transaction of the caller's. */
    public void deleteAllOf(long repositoryId, Digest manifest) {
        rows.deleteAllOf(repositoryId, manifest.toString());
    }

    /** Tags in byte order, from the first one after {@code last}. */
    public List<String> namesAfter(long repositoryId, String last, int limit) {
        return rows.namesAfter(repositoryId, last, Limit.of(limit));
    }
}
