package io.berth.registry.upload;

import io.berth.registry.durability.DataDirectory;
import io.berth.registry.durability.DurableTransactions;
import io.berth.registry.error.RegistryException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Gives back what unfinished uploads hold: at start, files without a row and rows without a file, which a kill leaves
 * between the two; and from then on every session that nothing was added to for the configured time.
 */
@Component
final class AbandonedUploads implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(AbandonedUploads.class);
    private static final Duration MAX_PAUSE = Duration.ofHours(1);

    private final UploadRows rows;
    private final Uploads uploads;
    private final DataDirectory directory;
    private final DurableTransactions transactions;
    private final Duration expiry;
    private final Clock clock;
    private @Nullable Thread sweeper;

    AbandonedUploads(
            UploadRows rows,
            Uploads uploads,
            DataDirectory directory,
            DurableTransactions transactions,
            UploadProperties properties) {
        this.rows = rows;
        this.uploads = uploads;
        this.directory = directory;
        this.transactions = transactions;
        this.expiry = properties.expiry();
        this.clock = Clock.systemUTC();
    }

    @Override
    public synchronized void start() {
        try {
            removeOrphans();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot clean up " + directory.uploads(), e);
        }
        sweeper = Thread.ofVirtual().name("upload-expiry").start(this::sweepForever);
    }

    private void removeOrphans() throws IOException {
        Set<UUID> known = new HashSet<>(rows.ids());
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory.uploads())) {
            for (Path file : files) {
                if (!known.remove(UUID.fromString(file.getFileName().toString()))) {
                    Files.delete(file);
                }
            }
        }
        for (UUID withoutFile : known) {
            transactions.committed(() -> rows.delete(withoutFile));
        }
    }

    private void sweepForever() {
        Duration pause = expiry.compareTo(MAX_PAUSE) < 0 ? expiry : MAX_PAUSE;
        try {
            while (true) {
                sweep();
                Thread.sleep(pause);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void sweep() {
        Instant limit = clock.instant().minus(expiry);
        for (UUID id : rows.ids()) {
            try {
                Path file = directory.uploads().resolve(id.toString());
                if (Files.getLastModifiedTime(file).toInstant().isBefore(limit)) {
                    cancel(id);
                }
            } catch (NoSuchFileException e) {
                LOG.atDebug().addKeyValue("upload", id).log("upload ended meanwhile");
            } catch (IOException | RuntimeException e) {
                LOG.atWarn().setCause(e).addKeyValue("upload", id).log("cannot remove an abandoned upload");
            }
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
    public synchronized void stop() {
        if (sweeper != null) {
            sweeper.interrupt();
            sweeper = null;
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return sweeper != null;
    }

    /** After the data directory is there and before the first request. */
    @Override
    public int getPhase() {
        return DataDirectory.PHASE + 1;
    }
}
