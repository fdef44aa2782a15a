package io.berth.registry.storage;

import io.berth.registry.durability.CollectionTimes;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Content that is to be removed: what nothing names any more, and what is being stored and not named yet, which is removed
 * if it never is. Thread-safe; every method belongs into a transaction of the caller's.
 */
@Component
public class ContentRemovals {
    /** How long storing something may take, from its announcement to the transaction that names it. */
    public static final Duration PATIENCE = Duration.ofHours(6);

    private final JdbcClient database;
    private final CollectionTimes times;
    private final Clock clock;

    ContentRemovals(JdbcClient database, CollectionTimes times) {
        this.database = database;
        this.times = times;
        this.clock = Clock.systemUTC();
    }

    /** Says that something is going to be stored. Committed before the first byte of it is. */
    public void announce(Location location) {
        if (update(location, 0, clock.instant().plus(PATIENCE)) == 0) {
            insert(location, 0, clock.instant().plus(PATIENCE));
        }
    }

    /**
     * Takes content that was announced off the list, since something names it now.
     *
     * @throws ConcurrencyFailureException when it is being removed already: it has to be stored again
     */
    public void keep(Location location) {
        int kept = database.sql("delete from content_removal where location = ? and not claimed")
                .params(location.value())
                .update();
        if (kept == 0) {
            throw new ConcurrencyFailureException("content was not announced or is being removed: " + location);
        }
    }

    /** Has content removed that nothing names any more, after the time that its readers and backups are given. */
    public void replaced(Location location, long sizeBytes) {
        enqueue(location, sizeBytes, clock.instant().plus(times.delay()));
    }

    /** Has content removed that nobody reads. */
    public void enqueue(Location location, long sizeBytes, Instant due) {
        if (update(location, sizeBytes, due) == 0) {
            insert(location, sizeBytes, due);
        }
    }

    private int update(Location location, long sizeBytes, Instant due) {
        return database.sql("update content_removal set size_bytes = ?, due_at = ? where location = ?")
                .params(sizeBytes, Timestamp.from(due), location.value())
                .update();
    }

    private void insert(Location location, long sizeBytes, Instant due) {
        database.sql("insert into content_removal (location, size_bytes, due_at, claimed) values (?, ?, ?, false)")
                .params(location.value(), sizeBytes, Timestamp.from(due))
                .update();
    }

    /** Content whose time has come, the oldest first. */
    public List<Removal> due(Instant now, int limit) {
        return database.sql("""
                        select location, size_bytes from content_removal
                        where due_at <= ? order by due_at, location fetch first %d rows only""".formatted(limit))
                .params(Timestamp.from(now))
                .query((row, number) -> new Removal(new Location(row.getString(1)), row.getLong(2)))
                .list();
    }

    /** Takes content for removal: from now on it cannot be kept any more. Whether it is still on the list. */
    public boolean claim(Location location) {
        return database.sql("update content_removal set claimed = true where location = ?")
                        .params(location.value())
                        .update()
                > 0;
    }

    /** Takes content off the list that has been removed. */
    public void done(Location location) {
        database.sql("delete from content_removal where location = ?")
                .params(location.value())
                .update();
    }

    /** Makes everything due that was announced: nobody is storing anything, since this process alone does and only begins. */
    public void forgetAnnounced() {
        database.sql("update content_removal set due_at = ? where size_bytes = 0 and not claimed")
                .params(Timestamp.from(clock.instant()))
                .update();
    }

    /** Those of some locations that no blob has and that are not waiting to be removed either. */
    public Set<Location> unknown(Collection<Location> locations) {
        List<String> values = locations.stream().map(Location::value).toList();
        Set<Location> unknown = new HashSet<>(locations);
        database.sql("""
                        select location from blob where location in (:values)
                        union select location from content_removal where location in (:values)""")
                .param("values", values)
                .query(String.class)
                .list()
                .forEach(known -> unknown.remove(new Location(known)));
        return unknown;
    }

    /** What waits to be removed, due or not. */
    public Waiting waiting() {
        return database.sql("select count(*), coalesce(sum(size_bytes), 0) from content_removal")
                .query((row, number) -> new Waiting(row.getLong(1), row.getLong(2)))
                .single();
    }

    /** One piece of content to be removed; its size is 0 when it was announced and never named. */
    public record Removal(Location location, long sizeBytes) {}

    /** What waits to be removed. */
    public record Waiting(long count, long sizeBytes) {}
}
