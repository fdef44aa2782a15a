package io.berth.registry.manifest;

import io.berth.oci.Digest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Finds manifests for pulls: one indexed query, always asked of the database, since another process may have moved the tag or
 * removed the manifest. Plain SQL, because the mapper took eight times as long as the query itself. Thread-safe.
 */
@Component
final class ManifestLookup {
    private static final String BY_DIGEST = """
            select m.digest, m.media_type, m.size_bytes from repository r
            join manifest m on m.repository_id = r.id
            where r.name = ? and m.digest = ?""";
    private static final String BY_TAG = """
            select m.digest, m.media_type, m.size_bytes from repository r
            join tag t on t.repository_id = r.id
            join manifest m on m.repository_id = r.id and m.digest = t.digest
            where r.name = ? and t.name = ?""";

    private final JdbcTemplate database;

    ManifestLookup(JdbcTemplate database) {
        this.database = database;
    }

    /** @param repository name of the repository */
    Optional<StoredManifest> find(String repository, ManifestReference reference) {
        List<StoredManifest> found =
                switch (reference) {
                    case ManifestReference.ByDigest(Digest digest) ->
                        database.query(BY_DIGEST, ManifestLookup::row, repository, digest.toString());
                    case ManifestReference.ByTag(var tag) ->
                        database.query(BY_TAG, ManifestLookup::row, repository, tag.value());
                };
        return found.stream().findFirst();
    }

    private static StoredManifest row(ResultSet row, int number) throws SQLException {
        return new StoredManifest(Digest.parse(row.getString(1)), row.getString(2), row.getLong(3));
    }
}
