package io.berth.registry.upload;

import io.berth.registry.durability.BackgroundThreads;
import io.berth.registry.durability.DataDirectory;
import io.berth.registry.durability.DurableTransactions;
import io.berth.registry.durability.StopSignal;
import io.berth.registry.error.RegistryException;
import io.berth.registry.storage.UploadStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Gives back what unfinished uploads hold: at start, bytes without a row and rows without bytes, which a kill leaves
 * between the two; and from then on every session that nothing was added to for the configured time.
 */
@Component
final class AbandonedUploads implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(AbandonedUploads.class);
    private static final Duration MAX_PAUSE = Duration.ofHours(1);

    private final UploadRows rows;
    private final Uploads uploads;
    private final UploadStorage storage;
    private final DurableTransactions transactions;
    private final Duration expiry;
    private final Clock clock;
    private final BackgroundThreads threads = new BackgroundThreads();

    AbandonedUploads(
            UploadRows rows,
            Uploads uploads,
            UploadStorage storage,
            DurableTransactions transactions,
            UploadProperties properties) {
        this.rows = rows;
        this.uploads = uploads;
        this.storage = storage;
        this.transactions = transactions;
        this.expiry = properties.expiry();
        this.clock = Clock.systemUTC();
    }

    @Override
    public void start() {
        try {
            removeOrphans();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot clean up uploads", e);
        }
        threads.start("upload-expiry", this::sweepForever);
    }

    private void removeOrphans() throws IOException {
        for (UUID unusable : storage.reconcile(rows.ids())) {
            transactions.committed(() -> rows.delete(unusable));
        }
    }

    private void sweepForever(StopSignal ended) {
        Duration pause = expiry.compareTo(MAX_PAUSE) < 0 ? expiry : MAX_PAUSE;
        do {
            try {
                sweep();
            } catch (RuntimeException e) {
                LOG.atWarn().setCause(e).log("cannot look for abandoned uploads");
            }
        } while (ended.pause(pause));
    }

    private void sweep() {
        Instant limit = clock.instant().minus(expiry);
        List<UUID> ids = rows.ids();
        uploads.forgetAllBut(ids);
        for (UUID id : ids) {
            try {
                if (storage.touchedAt(id).isBefore(limit)) {
                    cancel(id);
                }
            } catch (NoSuchFileException e) {
                LOG.atDebug().addKeyValue("upload", id).log("upload ended meanwhile");
            } catch (IOException | RuntimeException e) {
                LOG.atWarn().setCause(e).addKeyValue("upload", id).log("cannot remove an abandoned upload");
            }
        }
        try {
            storage.removeOrphans(ids, limit);
        } catch (IOException | RuntimeException e) {
            LOG.atWarn().setCause(e).log("cannot remove what belongs to no upload");
        }
    }

    private void cancel(UUID id) throws IOException {
        UploadEntity row = rows.findById(id).orElse(null);
        if (row == null) {
            return;
        }
        try {
            uploads.cancel(row.repository(), id.toString());
            LOG.atInfo().addKeyValue("upload", id).log("abandoned upload removed");
        } catch (RegistryException e) {
            LOG.atDebug().setCause(e).addKeyValue("upload", id).log("upload is in use again");
        }
    }

    @Override
    public void stop() {
        threads.stop();
    }

    @Override
    public boolean isRunning() {
        return threads.isRunning();
    }

    /** After the data directory is there and before the first request. */
    @Override
    public int getPhase() {
        return DataDirectory.PHASE + 1;
    }
}
