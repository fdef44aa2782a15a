package io.berth.registry.blob;

import io.berth.oci.Digest;
import io.berth.registry.blob.BlobStore.Staged;
import io.berth.registry.storage.ContentRemovals;
import io.berth.registry.storage.Location;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The table of blobs. Thread-safe; changes belong into a transaction of the caller's. */
@Component
class BlobRows {
    private final JdbcClient database;
    private final ContentRemovals removals;
    private final Clock clock;

    BlobRows(JdbcClient database, ContentRemovals removals) {
        this.database = database;
        this.removals = removals;
        this.clock = Clock.systemUTC();
    }

    Optional<Location> location(Digest digest) {
        return database.sql("select location from blob where digest = ?")
                .params(digest.toString())
                .query(String.class)
                .optional()
                .map(Location::new);
    }

    /** Two that store one digest at the same time wait for each other here; the first one's bytes are removed again. */
    void store(Staged staged) {
        Instant now = clock.instant();
        Optional<Stored> before = lock(staged.digest());
        if (before.isEmpty()) {
            database.sql("insert into blob (digest, size_bytes, location, stored_at) values (?, ?, ?, ?)")
                    .params(
                            staged.digest().toString(),
                            staged.sizeBytes(),
                            staged.location().value(),
                            Timestamp.from(now))
                    .update();
            return;
        }
        database.sql("""
                        update blob set size_bytes = ?, location = ?, stored_at = ?, verified_at = null, damaged_at = null
                        where digest = ?""")
                .params(
                        staged.sizeBytes(),
                        staged.location().value(),
                        Timestamp.from(now),
                        staged.digest().toString())
                .update();
        removals.replaced(before.get().location(), before.get().sizeBytes());
    }

    /**
     * Keeps others from collecting a blob, or from linking it, until the transaction ends. Whoever locks a repository too
     * has done so before; links come after.
     */
    Optional<Stored> lock(Digest digest) {
        return database.sql("select location, size_bytes from blob where digest = ? for update")
                .params(digest.toString())
                .query((row, number) -> new Stored(new Location(row.getString(1)), row.getLong(2)))
                .optional();
    }

    /**
     * Notes that a link or manifest of a digest has gone: perhaps the last one, which collection finds out. Always writes,
     * and so waits for a collection that is looking at this moment and may still have seen the link.
     */
    void unlinked(Digest digest) {
        database.sql("update blob set unlinked_since = coalesce(unlinked_since, ?) where digest = ?")
                .params(Timestamp.from(clock.instant()), digest.toString())
                .update();
    }

    /** Where the content of a digest is. */
    record Stored(Location location, long sizeBytes) {}
}
