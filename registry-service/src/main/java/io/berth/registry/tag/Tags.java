package io.berth.registry.tag;

import io.berth.oci.Digest;
import io.berth.registry.durability.DurableTransactions;
import io.berth.registry.event.Change;
import io.berth.registry.event.Changes;
import io.berth.registry.repository.Repositories;
import io.berth.registry.repository.RepositoryName;
import io.berth.registry.repository.RepositoryRules;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.data.domain.Limit;
import org.springframework.stereotype.Component;

/** The tags of all repositories. Thread-safe. */
@Component
public class Tags {
    private final TagRows rows;
    private final Repositories repositories;
    private final RepositoryRules rules;
    private final UntaggedManifests untagged;
    private final Changes changes;
    private final DurableTransactions transactions;
    private final Clock clock;

    Tags(
            TagRows rows,
            Repositories repositories,
            RepositoryRules rules,
            UntaggedManifests untagged,
            Changes changes,
            DurableTransactions transactions) {
        this.rows = rows;
        this.rules = rules;
        this.untagged = untagged;
        this.repositories = repositories;
        this.changes = changes;
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
        Optional<TagEntity> known = rows.findByRepositoryIdAndName(repositoryId, tag.value());
        known.map(row -> Digest.parse(row.digest()))
                .filter(before -> !before.equals(manifest))
                .ifPresent(before -> untagged.note(repositoryId, before));
        TagEntity row = known.orElseGet(() -> new TagEntity(repositoryId, tag, manifest, now));
        row.pointTo(manifest, now);
        rows.save(row);
    }

    /** Removes a tag; durable on return. Whether there was one. The manifest stays. */
    public boolean delete(RepositoryName repository, TagName tag) {
        return transactions.durable(() -> repositories
                .lock(repository)
                .flatMap(id -> rows.findByRepositoryIdAndName(id, tag.value()))
                .map(found -> {
                    rules.changeTag(repository, tag.value());
                    boolean deleted = delete(found);
                    if (deleted) {
                        changes.note(Change.TAG_DELETE, repository.value(), Map.of("tag", tag.value()));
                    }
                    return deleted;
                })
                .orElse(false));
    }

    /** As {@link #delete(RepositoryName, TagName)}, if the tag still points at a manifest. */
    public boolean deleteIfStill(RepositoryName repository, TagName tag, Digest manifest) {
        return transactions.durable(() -> repositories
                .lock(repository)
                .flatMap(id -> rows.findByRepositoryIdAndName(id, tag.value()))
                .filter(found -> found.digest().equals(manifest.toString()))
                .map(found -> {
                    rules.changeTag(repository, tag.value());
                    return delete(found);
                })
                .orElse(false));
    }

    private boolean delete(TagEntity tag) {
        untagged.note(tag.repositoryId(), Digest.parse(tag.digest()));
        return rows.delete(tag.repositoryId(), tag.name()) > 0;
    }

    /** The tags that point at a manifest. */
    public List<String> of(long repositoryId, Digest manifest) {
        return rows.namesOf(repositoryId, manifest.toString());
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
