package io.berth.registry.blob;

import io.berth.oci.Digest;
import io.berth.registry.durability.DurableTransactions;
import io.berth.registry.repository.Repositories;
import io.berth.registry.storage.ContentRemovals;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Links and blobs that may be garbage, and their removal. What is listed was noted when something let go of it, so a list costs
 * as much as there is garbage; whether it really is garbage is asked again under the locks that pushes take. Thread-safe;
 * each removal is a transaction of its own.
 */
@Component
public class BlobGarbage {
    private final JdbcClient database;
    private final BlobRows blobs;
    private final Repositories repositories;
    private final ContentRemovals removals;
    private final DurableTransactions transactions;

    BlobGarbage(
            JdbcClient database,
            BlobRows blobs,
            Repositories repositories,
            ContentRemovals removals,
            DurableTransactions transactions) {
        this.database = database;
        this.blobs = blobs;
        this.repositories = repositories;
        this.removals = removals;
        this.transactions = transactions;
    }

    /**
     * Links that no manifest has named since before a time, the oldest first; none of repositories that have a manifest of
     * which it is not known what it names.
     */
    public List<Link> links(Instant before, int limit) {
        return database.sql("""
                        select l.repository_id, l.digest from blob_link l
                        where l.unreferenced_since <= ? and not exists (select 1 from manifest m
                          where m.repository_id = l.repository_id and not m.contents_recorded)
                        order by l.unreferenced_since fetch first %d rows only""".formatted(limit))
                .params(Timestamp.from(before))
                .query((row, number) -> new Link(row.getLong(1), Digest.parse(row.getString(2))))
                .list();
    }

    /** Removes a link if it still is what {@link #links} says; else it is listed no more. Whether it was removed. */
    public boolean remove(Link link, Instant before) {
        return transactions.committed(() -> repositories.lock(link.repositoryId()) && removeLocked(link, before));
    }

    private boolean removeLocked(Link link, Instant before) {
        String digest = link.digest().toString();
        blobs.lock(link.digest());
        int named = database.sql("""
                        update blob_link set unreferenced_since = null where repository_id = ? and digest = ?
                          and exists (select 1 from manifest_content c
                            where c.repository_id = blob_link.repository_id and c.digest = blob_link.digest)""").params(link.repositoryId(), digest).update();
        if (named > 0) {
            return false;
        }
        int removed = database.sql(
                        "delete from blob_link where repository_id = ? and digest = ? and unreferenced_since <= ?")
                .params(link.repositoryId(), digest, Timestamp.from(before))
                .update();
        if (removed > 0) {
            blobs.unlinked(link.digest());
        }
        return removed > 0;
    }

    /** Blobs that have lost a link or manifest, the first ones first. */
    public List<Digest> unlinked(int limit) {
        return database.sql("""
                        select digest from blob where unlinked_since is not null
                        order by unlinked_since fetch first %d rows only""".formatted(limit))
                .query((row, number) -> Digest.parse(row.getString(1)))
                .list();
    }

    /**
     * Forgets a blob that no repository has any more, and leaves its content to {@link ContentRemovals}; one that a
     * repository has is listed no more.
     *
     * @return the size in bytes of a blob that was forgotten
     */
    public OptionalLong remove(Digest digest) {
        return transactions.committed(() -> {
            Optional<BlobRows.Stored> stored = blobs.lock(digest);
            if (stored.isEmpty()) {
                return OptionalLong.empty();
            }
            // A statement of its own after the lock: it sees what whoever held the lock has committed.
            int kept = database.sql("""
                            update blob set unlinked_since = null where digest = ?
                              and (exists (select 1 from blob_link l where l.digest = blob.digest)
                                or exists (select 1 from manifest m where m.digest = blob.digest))""").params(digest.toString()).update();
            if (kept > 0) {
                return OptionalLong.empty();
            }
            database.sql("delete from blob where digest = ?")
                    .params(digest.toString())
                    .update();
            removals.replaced(stored.get().location(), stored.get().sizeBytes());
            return OptionalLong.of(stored.get().sizeBytes());
        });
    }

    /** How many links a collection would remove now, and what blobs would go with them; changes nothing. */
    public Estimate estimate(Instant before) {
        Timestamp time = Timestamp.from(before);
        String garbageLink = """
                l.unreferenced_since <= ?
                and not exists (select 1 from manifest_content c
                  where c.repository_id = l.repository_id and c.digest = l.digest)
                and not exists (select 1 from manifest m
                  where m.repository_id = l.repository_id and not m.contents_recorded)""";
        long links = database.sql("select count(*) from blob_link l where " + garbageLink)
                .params(time)
                .query(Long.class)
                .single();
        return database.sql("""
                        select count(*), coalesce(sum(b.size_bytes), 0) from blob b
                        where b.digest in (select digest from blob where unlinked_since is not null
                            union select l.digest from blob_link l where %s)
                          and not exists (select 1 from blob_link l where l.digest = b.digest
                            and (l.unreferenced_since is null or not (%s)))
                          and not exists (select 1 from manifest m where m.digest = b.digest)""".formatted(garbageLink, garbageLink))
                .params(time, time)
                .query((row, number) -> new Estimate(links, row.getLong(1), row.getLong(2)))
                .single();
    }

    /** A blob in a repository. */
    public record Link(long repositoryId, Digest digest) {}

    /** What a collection would remove. */
    public record Estimate(long links, long blobs, long blobBytes) {}
}
