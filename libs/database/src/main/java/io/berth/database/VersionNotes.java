package io.berth.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/** Notes every some seconds, and when the service stops, which version of its database was written last. */
final class VersionNotes implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(VersionNotes.class);
    private static final Duration PERIOD = Duration.ofSeconds(5);

    private final DataSource source;
    private final Optional<DatabaseFile> file;
    private final ScheduledThreadPoolExecutor worker = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("database-version").factory());
    private volatile boolean running;

    VersionNotes(DataSource source, Optional<DatabaseFile> file) {
        this.source = source;
        this.file = file;
    }

    @Override
    public void start() {
        running = true;
        if (file.isEmpty()) {
            return;
        }
        note();
        var _ = worker.scheduleWithFixedDelay(this::note, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void stop() {
        running = false;
        worker.shutdownNow();
        if (file.isPresent()) {
            note();
        }
    }

    private void note() {
        try (Connection connection = source.getConnection()) {
            file.orElseThrow().note(connection);
        } catch (SQLException e) {
            LOG.atDebug().setCause(e).log("the database's version is not known");
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Before everything that changes the database, and after it. */
    @Override
    public int getPhase() {
        return Integer.MIN_VALUE;
    }
}
