package io.berth.registry.manifest;

import io.berth.oci.Digest;
import io.berth.registry.durability.DurableTransactions;
import io.berth.registry.error.RegistryException;
import io.berth.registry.repository.Repositories;
import java.io.IOException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Manifests that nothing may keep any more, and their removal. A tag keeps a manifest; so do an index that lists it, and its
 * subject while that exists. Thread-safe; each removal is a transaction of its own.
 */
@Component
public class ManifestGarbage {
    private static final Logger LOG = LoggerFactory.getLogger(ManifestGarbage.class);

    private static final String KEPT = """
            (exists (select 1 from tag t where t.repository_id = m.repository_id and t.digest = m.digest)
              or exists (select 1 from manifest_content c where c.repository_id = m.repository_id and c.digest = m.digest)
              or exists (select 1 from manifest s where s.repository_id = m.repository_id and s.digest = m.subject))""";
    private static final String COMPLETE = """
            not exists (select 1 from manifest u where u.repository_id = m.repository_id and not u.contents_recorded)""";

    private final JdbcClient database;
    private final Manifests manifests;
    private final ManifestContents contents;
    private final Repositories repositories;
    private final DurableTransactions transactions;

    ManifestGarbage(
            JdbcClient database,
            Manifests manifests,
            ManifestContents contents,
            Repositories repositories,
            DurableTransactions transactions) {
        this.database = database;
        this.manifests = manifests;
        this.contents = contents;
        this.repositories = repositories;
        this.transactions = transactions;
    }

    /**
     * Records what manifests name that an earlier version stored. One that cannot be read stays unrecorded, and its
     * repository is not collected.
     *
     * @param after row id to begin after
     * @return the last row id looked at; empty when no more follow
     */
    public Optional<Long> recordContents(long after, int limit) {
        List<Unrecorded> unrecorded = database.sql("""
                        select id, repository_id, digest, media_type, size_bytes from manifest
                        where not contents_recorded and id > ? order by id fetch first %d rows only""".formatted(limit))
                .params(after)
                .query((row, number) -> new Unrecorded(
                        row.getLong(1),
                        row.getLong(2),
                        new StoredManifest(Digest.parse(row.getString(3)), row.getString(4), row.getLong(5))))
                .list();
        unrecorded.forEach(this::recordContents);
        return unrecorded.isEmpty()
                ? Optional.empty()
                : Optional.of(unrecorded.getLast().id());
    }

    private void recordContents(Unrecorded row) {
        try {
            Optional<byte[]> content = manifests.content(row.manifest());
            if (content.isPresent()) {
                ManifestDocument document = ManifestCodec.parse(row.manifest().mediaType(), content.get());
                transactions.committed(() -> record(row, document));
            }
        } catch (IOException | RegistryException e) {
            LOG.atWarn()
                    .setCause(e)
                    .addKeyValue("digest", row.manifest().digest())
                    .log("cannot read a manifest; its repository is not collected");
        }
    }

    private boolean record(Unrecorded row, ManifestDocument document) {
        boolean there = repositories.lock(row.repositoryId())
                && database.sql("select count(*) from manifest where id = ?")
                                .params(row.id())
                                .query(Long.class)
                                .single()
                        > 0;
        if (there) {
            contents.stored(row.repositoryId(), row.manifest().digest(), document);
        }
        return there;
    }

    /** Manifests that have lost what kept them before a time, the oldest first. */
    public List<Untagged> untagged(Instant before, int limit) {
        return database.sql("""
                        select m.repository_id, m.digest from manifest m where m.untagged_since <= ? and %s
                        order by m.untagged_since fetch first %d rows only""".formatted(COMPLETE, limit))
                .params(Timestamp.from(before))
                .query((row, number) -> new Untagged(row.getLong(1), Digest.parse(row.getString(2))))
                .list();
    }

    /** Removes a manifest if nothing keeps it still; else it is listed no more. Whether it was removed. */
    public boolean remove(Untagged manifest, Instant before) {
        return transactions.committed(
                () -> repositories.lock(manifest.repositoryId()) && removeLocked(manifest, before));
    }

    private boolean removeLocked(Untagged manifest, Instant before) {
        String digest = manifest.digest().toString();
        int kept = database.sql(
                        "update manifest m set untagged_since = null where m.repository_id = ? and m.digest = ? and "
                                + KEPT)
                .params(manifest.repositoryId(), digest)
                .update();
        if (kept > 0) {
            return false;
        }
        // Locked, since who asks whether the manifest is there renews its time without the repository's lock.
        boolean due = database.sql("""
                        select untagged_since from manifest where repository_id = ? and digest = ? and untagged_since <= ?
                        for update""")
                .params(manifest.repositoryId(), digest, Timestamp.from(before))
                .query((row, number) -> row.getTimestamp(1))
                .optional()
                .isPresent();
        return due && manifests.delete(manifest.repositoryId(), manifest.digest());
    }

    /** How many manifests a collection would remove now; changes nothing. */
    public long estimate(Instant before) {
        return database.sql("select count(*) from manifest m where m.untagged_since <= ? and %s and not %s"
                        .formatted(COMPLETE, KEPT))
                .params(Timestamp.from(before))
                .query(Long.class)
                .single();
    }

    private record Unrecorded(long id, long repositoryId, StoredManifest manifest) {}

    /** A manifest in a repository. */
    public record Untagged(long repositoryId, Digest digest) {}
}
