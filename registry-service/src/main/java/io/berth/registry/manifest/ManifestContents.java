package io.berth.registry.manifest;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.registry.repository.RepositoryName;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * What each manifest names, so that collection can ask the database whether something is still needed. Thread-safe; every
 * method belongs into a transaction of the caller's that has locked the repository.
 */
@Component
class ManifestContents {
    private final JdbcTemplate database;
    private final Clock clock;

    ManifestContents(JdbcTemplate database) {
        this.database = database;
        this.clock = Clock.systemUTC();
    }

    /** A manifest has been stored: what it names is recorded, and is needed from now on. */
    void stored(long repositoryId, Digest manifest, ManifestDocument document) {
        List<Object[]> named = Stream.concat(document.blobs().stream(), document.members().stream())
                .map(Descriptor::digest)
                .distinct()
                .sorted() // two transactions that lock the same rows lock them in the same order
                .map(digest -> new Object[] {repositoryId, digest.toString()})
                .toList();
        database.batchUpdate("""
                update blob_link set unreferenced_since = null
                where repository_id = ? and digest = ? and unreferenced_since is not null\
                """, named);
        if (!recorded(repositoryId, manifest)) {
            database.batchUpdate(
                    "insert into manifest_content (repository_id, manifest_digest, digest) values (?, ?, ?)",
                    named.stream()
                            .map(row -> new Object[] {repositoryId, manifest.toString(), row[1]})
                            .toList());
            database.update(
                    "update manifest set contents_recorded = true where repository_id = ? and digest = ?",
                    repositoryId,
                    manifest.toString());
        }
    }

    private boolean recorded(long repositoryId, Digest manifest) {
        return Boolean.TRUE.equals(database.queryForObject(
                "select contents_recorded from manifest where repository_id = ? and digest = ?",
                Boolean.class,
                repositoryId,
                manifest.toString()));
    }

    /** A manifest has been removed: what only it named or kept is left to collection. */
    void removed(long repositoryId, Digest manifest) {
        Timestamp now = Timestamp.from(clock.instant());
        String digest = manifest.toString();
        // The blob before the links, as all do that lock both; and always written, so that it waits for a collection.
        database.update("update blob set unlinked_since = coalesce(unlinked_since, ?) where digest = ?", now, digest);
        database.update("""
                              update blob_link set unreferenced_since = ?
                              where repository_id = ? and unreferenced_since is null
                                and digest in (select named.digest from manifest_content named
                                  where named.repository_id = ? and named.manifest_digest = ?)
                                and not exists (select 1 from manifest_content other
                                  where other.repository_id = ? and other.digest = blob_link.digest
                                    and other.manifest_digest <> ?)\
                              """, now, repositoryId, repositoryId, digest, repositoryId, digest);
        database.update("""
                            update manifest set untagged_since = ?
                            where repository_id = ? and untagged_since is null
                              and (subject = ? or digest in (select named.digest from manifest_content named
                                where named.repository_id = ? and named.manifest_digest = ?))\
                            """, now, repositoryId, digest, repositoryId, digest);
        database.update(
                "delete from manifest_content where repository_id = ? and manifest_digest = ?", repositoryId, digest);
    }

    /** The manifests that name a digest. */
    List<Digest> naming(RepositoryName repository, Digest digest) {
        return database.query(
                """
                select c.manifest_digest from manifest_content c join repository r on r.id = c.repository_id
                where r.name = ? and c.digest = ? order by c.manifest_digest fetch first 100 rows only\
                """, (row, number) -> Digest.parse(row.getString(1)), repository.value(), digest.toString());
    }
}
