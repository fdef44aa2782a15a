package io.berth.registry.blob;

import io.berth.oci.Digest;
import io.berth.registry.durability.DurableTransactions;
import io.berth.registry.storage.Location;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Which content was read again and found to be right or wrong. Thread-safe; each change is a transaction of its own. */
@Component
public class BlobVerification {
    private final JdbcClient database;
    private final DurableTransactions transactions;
    private final Clock clock;

    BlobVerification(JdbcClient database, DurableTransactions transactions) {
        this.database = database;
        this.transactions = transactions;
        this.clock = Clock.systemUTC();
    }

    /** Blobs whose content was stored and last read before a time, those never read first. */
    public List<Due> due(Instant before, int limit) {
        List<Due> never = select("verified_at is null and stored_at <= ?", "stored_at", before, limit);
        return never.isEmpty() ? select("verified_at <= ?", "verified_at", before, limit) : never;
    }

    private List<Due> select(String condition, String order, Instant before, int limit) {
        return database.sql(
                        "select digest, location, size_bytes from blob where %s order by %s fetch first %d rows only"
                                .formatted(condition, order, limit))
                .params(Timestamp.from(before))
                .query((row, number) ->
                        new Due(Digest.parse(row.getString(1)), new Location(row.getString(2)), row.getLong(3)))
                .list();
    }

    /**
     * Notes what was found, unless the content has been replaced meanwhile. Damaged content is offered to nobody who pushes, so
     * that it comes again and heals.
     *
     * @return whether it still is the content of its digest
     */
    public boolean verified(Due blob, boolean whole) {
        Timestamp now = Timestamp.from(clock.instant());
        String damage = whole ? "damaged_at = null" : "damaged_at = coalesce(damaged_at, verified_at)";
        return transactions.committed(() -> {
            int found = database.sql("update blob set verified_at = ? where digest = ? and location = ?")
                    .params(now, blob.digest().toString(), blob.location().value())
                    .update();
            database.sql("update blob set " + damage + " where digest = ? and location = ?")
                    .params(blob.digest().toString(), blob.location().value())
                    .update();
            return found > 0;
        });
    }

    /** Content that is to be read again. */
    public record Due(Digest digest, Location location, long sizeBytes) {}
}
