package io.berth.registry.retention;

import io.berth.oci.Digest;
import io.berth.registry.durability.BackgroundThreads;
import io.berth.registry.durability.DurableTransactions;
import io.berth.registry.durability.StopSignal;
import io.berth.registry.repository.RepositoryName;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Notes which manifests are pulled. A pull costs one write into a map, which goes to the database every minute and at the end; what
 * a killed process had not written yet is lost, so rules must be about hours or days. Thread-safe.
 */
@Component
public class Pulls implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(Pulls.class);
    private static final Duration PAUSE = Duration.ofMinutes(1);
    /** More than this many manifests within a minute are not told apart: those of the rest are noted when pulled again. */
    private static final int CAPACITY = 100_000;

    private final JdbcClient database;
    private final DurableTransactions transactions;
    private final Clock clock;
    private final Map<Key, Instant> noted = new ConcurrentHashMap<>();
    private final BackgroundThreads threads = new BackgroundThreads();

    Pulls(JdbcClient database, DurableTransactions transactions) {
        this.database = database;
        this.transactions = transactions;
        this.clock = Clock.systemUTC();
    }

    private record Key(RepositoryName repository, Digest digest) {}

    /** Somebody has pulled a manifest, or asked for its digest. */
    public void note(RepositoryName repository, Digest digest) {
        if (noted.size() < CAPACITY) {
            noted.put(new Key(repository, digest), clock.instant());
        }
    }

    /** Writes what has been noted. */
    void write() {
        noted.forEach((key, time) -> {
            transactions.committed(() -> write(key, time));
            noted.remove(key, time);
        });
    }

    private int write(Key key, Instant time) {
        int known = database.sql("""
            update manifest_pull set pulled_at = ? where digest = ?
            and repository_id = (select id from repository where name = ?)\
            """)
                .params(
                        Timestamp.from(time),
                        key.digest().toString(),
                        key.repository().value())
                .update();
        return known > 0
                ? known
                : database.sql("""
                    insert into manifest_pull (repository_id, digest, pulled_at)
                    select m.repository_id, m.digest, cast(? as timestamp(6) with time zone)
                    from manifest m join repository r on r.id = m.repository_id
                    where r.name = ? and m.digest = ?\
                    """)
                        .params(
                                Timestamp.from(time),
                                key.repository().value(),
                                key.digest().toString())
                        .update();
    }

    private void writeForever(StopSignal ended) {
        while (ended.pause(PAUSE)) {
            writeLogged();
        }
    }

    private void writeLogged() {
        try {
            write();
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).log("cannot note what was pulled");
        }
    }

    @Override
    public void start() {
        threads.start("pulls", this::writeForever);
    }

    @Override
    public void stop() {
        if (threads.isRunning()) {
            threads.stop();
            writeLogged();
        }
    }

    @Override
    public boolean isRunning() {
        return threads.isRunning();
    }
}
