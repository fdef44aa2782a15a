package io.berth.registry.durability;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.stereotype.Component;

/**
 * Makes committed transactions durable against power loss.
 *
 * <p>H2 writes at commit (WRITE_DELAY=0) but never calls fsync by itself; {@code CHECKPOINT SYNC} does. PostgreSQL syncs its
 * log at every commit, so there is nothing to do. One sync serves every commit that happened before it began: callers
 * that arrive while one runs share the next. Thread-safe.
 */
@Component
class MetadataSync {
    private final DataSource dataSource;
    private final AtomicLong committed = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    /** How many of the commits are known to be synced; guarded by the lock. */
    private long synced;
    /** Whether the database needs to be told; guarded by the lock, null until it was asked. */
    private @Nullable Boolean needed;

    MetadataSync(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    /**
     * Waits until everything this thread has committed is on the disk.
     *
     * @throws DataAccessResourceFailureException when the database cannot sync: the change must not be acknowledged
     */
    void sync() {
        long mine = committed.incrementAndGet();
        lock.lock();
        try {
            if (synced < mine) {
                long all = committed.get();
                checkpoint();
                synced = all;
            }
        } finally {
            lock.unlock();
        }
    }

    private void checkpoint() {
        if (Boolean.FALSE.equals(needed)) {
            return;
        }
        try (Connection connection = dataSource.getConnection()) {
            if (needed == null) {
                needed = "H2".equals(connection.getMetaData().getDatabaseProductName());
            }
            if (needed) {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("CHECKPOINT SYNC");
                }
            }
        } catch (SQLException e) {
            throw new DataAccessResourceFailureException("cannot sync the database", e);
        }
    }
}
