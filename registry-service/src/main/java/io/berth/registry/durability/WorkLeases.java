package io.berth.registry.durability;

import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Which process does a periodic work at present, so that several do not do the same. Saves work and keeps nothing safe: clocks
 * may differ and a process may stall, so the work itself takes the locks that it needs. Thread-safe.
 */
@Component
public class WorkLeases {
    /** Removing garbage. */
    public static final String COLLECTION = "collection";
    /** Reading content again. */
    public static final String SCRUB = "scrub";
    /** Listing what is stored. */
    public static final String LISTING = "listing";
    /** Removing tags that no rule keeps. */
    public static final String RETENTION = "retention";
    /** Copying from and to other registries. */
    public static final String MIRRORING = "mirroring";

    private final JdbcClient database;
    private final DurableTransactions transactions;
    private final Clock clock;
    private final String holder = UUID.randomUUID().toString();

    WorkLeases(JdbcClient database, DurableTransactions transactions) {
        this.database = database;
        this.transactions = transactions;
        this.clock = Clock.systemUTC();
    }

    /** Takes a work, or keeps it. Whether this process has it now. */
    public boolean take(String name, Duration time) {
        return take(name, holder, time);
    }

    /** Takes a work that nobody, this process included, has taken for a while. Whether it is to be done now. */
    public boolean takeTurn(String name, Duration period) {
        return take(name, UUID.randomUUID().toString(), period);
    }

    private boolean take(String name, String taker, Duration time) {
        Instant now = clock.instant();
        Timestamp end = Timestamp.from(now.plus(time));
        return transactions.committed(() -> {
            int taken = database.sql(
                            "update lease set holder = ?, expires_at = ? where name = ? and (holder = ? or expires_at <= ?)")
                    .params(taker, end, name, taker, Timestamp.from(now))
                    .update();
            return taken > 0 || (!exists(name) && insert(name, taker, end));
        });
    }

    private boolean exists(String name) {
        return database.sql("select count(*) from lease where name = ?")
                        .params(name)
                        .query(Long.class)
                        .single()
                > 0;
    }

    private boolean insert(String name, String taker, Timestamp end) {
        return database.sql("insert into lease (name, holder, expires_at) values (?, ?, ?)")
                        .params(name, taker, end)
                        .update()
                > 0;
    }

    /** Frees what a killed process has taken, where no other process can be there. */
    public void releaseAll() {
        transactions.committed(() -> database.sql("update lease set expires_at = ? where name in (?, ?, ?, ?)")
                .params(Timestamp.from(clock.instant()), COLLECTION, SCRUB, RETENTION, MIRRORING)
                .update());
    }

    /** Lets another process have the work at once. */
    public void release(String name) {
        transactions.committed(() -> database.sql("update lease set expires_at = ? where name = ? and holder = ?")
                .params(Timestamp.from(clock.instant()), name, holder)
                .update());
    }
}
