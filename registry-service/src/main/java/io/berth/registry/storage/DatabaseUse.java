package io.berth.registry.storage;

import io.berth.registry.durability.DataDirectory;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.stereotype.Component;

/**
 * Keeps a registry off a database that another one uses with content of its own: each would hand out what it does not have, and
 * collect what it does not know. A lock of PostgreSQL's for the session, exclusive for a process that has its content to itself and
 * shared for those that share it. The default database is one process's in any case.
 */
@Component
final class DatabaseUse implements SmartLifecycle {
    /** A killed process keeps its session until PostgreSQL notices. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final Duration LOOK = Duration.ofMillis(250);

    private final DataSource dataSource;
    private final ContentStorage storage;
    private @Nullable Connection session;
    private boolean running;

    DatabaseUse(DataSource dataSource, ContentStorage storage) {
        this.dataSource = dataSource;
        this.storage = storage;
    }

    /** @throws IllegalStateException when another registry uses the database in another way */
    @Override
    public synchronized void start() {
        running = true;
        try {
            Connection connection = dataSource.getConnection();
            if (!"PostgreSQL".equals(connection.getMetaData().getDatabaseProductName())) {
                connection.close();
                return;
            }
            session = connection;
            take(connection);
        } catch (SQLException e) {
            throw new DataAccessResourceFailureException("cannot lock the registry's database", e);
        }
    }

    private void take(Connection connection) throws SQLException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!tryTake(connection)) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "another registry uses this database, and one of the two keeps content to"
                                + " itself: for several processes set berth.registry.storage=s3 or berth.registry.shared-dir"
                                + " for all of them");
            }
            try {
                Thread.sleep(LOOK);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while the registry's database was locked", e);
            }
        }
    }

    private boolean tryTake(Connection connection) throws SQLException {
        String lock = storage.exclusive() ? "pg_try_advisory_lock" : "pg_try_advisory_lock_shared";
        try (PreparedStatement statement = connection.prepareStatement(
                        "select " + lock + "(hashtext(current_schema() || '.berth-registry'))");
                ResultSet result = statement.executeQuery()) {
            return result.next() && result.getBoolean(1);
        }
    }

    @Override
    public synchronized void stop() {
        running = false;
        Connection held = session;
        session = null;
        if (held != null) {
            try (held;
                    PreparedStatement statement = held.prepareStatement("select pg_advisory_unlock_all()")) {
                statement.execute();
            } catch (SQLException e) {
                throw new DataAccessResourceFailureException("cannot unlock the registry's database", e);
            }
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return DataDirectory.PHASE;
    }
}
