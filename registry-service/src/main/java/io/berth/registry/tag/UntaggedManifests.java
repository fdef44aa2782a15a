package io.berth.registry.tag;

import io.berth.oci.Digest;
import io.berth.registry.durability.CollectionTimes;
import io.berth.registry.durability.DurableTransactions;
import io.berth.registry.repository.RepositoryName;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Notes which manifests may have lost what kept them; collection looks again whether they have. Thread-safe; every method
 * belongs into a transaction of the caller's.
 */
@Component
public class UntaggedManifests {
    private final JdbcClient database;
    private final DurableTransactions transactions;
    private final CollectionTimes times;
    private final Clock clock;

    UntaggedManifests(JdbcClient database, DurableTransactions transactions, CollectionTimes times) {
        this.database = database;
        this.transactions = transactions;
        this.times = times;
        this.clock = Clock.systemUTC();
    }

    /** A tag has left a manifest, or something else that kept it has gone. The time of an earlier note stays. */
    public void note(long repositoryId, Digest manifest) {
        // Always writes, and so waits for a collection that may still have seen what kept the manifest.
        database.sql("""
                        update manifest set untagged_since = coalesce(untagged_since, ?)
                        where repository_id = ? and digest = ?""")
                .params(Timestamp.from(clock.instant()), repositoryId, manifest.toString())
                .update();
    }

    /** As {@link #renew} where that is worth a write; a transaction of its own. */
    public void renewIfDue(RepositoryName repository, Digest manifest) {
        if (!times.untagged()) {
            return; // nothing is going to be collected
        }
        Instant now = clock.instant();
        Optional<Noted> noted = database.sql("""
                        select m.repository_id, m.untagged_since from manifest m join repository r on r.id = m.repository_id
                        where r.name = ? and m.digest = ? and m.untagged_since is not null""")
                .params(repository.value(), manifest.toString())
                .query((row, number) ->
                        new Noted(row.getLong(1), row.getTimestamp(2).toInstant()))
                .optional();
        if (noted.isPresent() && times.worthRenewing(noted.get().since(), now)) {
            transactions.committed(() -> {
                renew(noted.get().repositoryId(), manifest);
                return now;
            });
        }
    }

    private record Noted(long repositoryId, Instant since) {}

    /** Somebody has pushed a manifest without a tag, or asked whether it is there: its time of grace begins again. */
    public void renew(long repositoryId, Digest manifest) {
        database.sql("update manifest set untagged_since = ? where repository_id = ? and digest = ?")
                .params(Timestamp.from(clock.instant()), repositoryId, manifest.toString())
                .update();
    }
}
