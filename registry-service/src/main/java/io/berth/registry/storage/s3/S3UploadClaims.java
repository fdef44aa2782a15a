package io.berth.registry.storage.s3;

import io.berth.registry.durability.BackgroundThreads;
import io.berth.registry.durability.DurableTransactions;
import io.berth.registry.durability.StopSignal;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Which process changes which upload at present. A claim is kept as long as its process lives, which says so every two seconds;
 * after a kill it is free again ten seconds later. Times are the database's, so the clocks of processes do not matter. A process
 * that has stalled may have lost a claim without knowing: each change asks for it again in its transaction. Thread-safe.
 */
final class S3UploadClaims {
    private static final Logger LOG = LoggerFactory.getLogger(S3UploadClaims.class);
    private static final Duration RENEWAL = Duration.ofSeconds(2);
    /** Longer than a killed process keeps its claims. */
    private static final Duration PATIENCE = Duration.ofSeconds(12);

    private static final Duration LOOK = Duration.ofMillis(250);

    private final JdbcClient database;
    private final DurableTransactions transactions;
    private final String process = UUID.randomUUID().toString();
    /** Uploads that this process changes. */
    private final Set<UUID> held = ConcurrentHashMap.newKeySet();

    private final BackgroundThreads threads = new BackgroundThreads();

    S3UploadClaims(JdbcClient database, DurableTransactions transactions) {
        this.database = database;
        this.transactions = transactions;
    }

    void start() {
        threads.start("upload-claims", this::renewForever);
    }

    void stop() {
        threads.stop();
    }

    private void renewForever(StopSignal ended) {
        while (ended.pause(RENEWAL)) {
            if (held.isEmpty()) {
                continue;
            }
            try {
                int _ = transactions.<Integer>committed(
                        () -> database.sql("""
                                update s3_upload set claimed_until = current_timestamp + interval '10' second
                                where claimed_process = ?""").params(process).update());
            } catch (RuntimeException e) {
                LOG.atWarn().setCause(e).log("cannot renew the claims of uploads");
            }
        }
    }

    /**
     * Claims an upload; waits for a process that may have died.
     *
     * @return the claim; empty while another request changes the upload
     * @throws NoSuchFileException when there is no such upload
     */
    Optional<String> take(UUID id) throws IOException {
        if (!held.add(id)) {
            return Optional.empty();
        }
        boolean taken = false;
        try {
            String claim = UUID.randomUUID().toString();
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            taken = tryTake(id, claim);
            while (!taken && System.nanoTime() < deadline) {
                pause();
                taken = tryTake(id, claim);
            }
            return taken ? Optional.of(claim) : Optional.empty();
        } finally {
            if (!taken) {
                held.remove(id);
            }
        }
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(LOOK);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while an upload was claimed", e);
        }
    }

    private boolean tryTake(UUID id, String claim) throws NoSuchFileException {
        int claimed = transactions.<Integer>committed(
                () -> database.sql("""
                        update s3_upload set claimed_by = ?, claimed_process = ?,
                        claimed_until = current_timestamp + interval '10' second
                        where id = ? and (claimed_by is null or claimed_until < current_timestamp)""").params(claim, process, id).update());
        if (claimed == 0) {
            long known = database.sql("select count(*) from s3_upload where id = ?")
                    .params(id)
                    .query(Long.class)
                    .single();
            if (known == 0) {
                throw new NoSuchFileException(id.toString());
            }
        }
        return claimed > 0;
    }

    /** Lets others have it. */
    void release(UUID id, String claim) {
        held.remove(id);
        int _ = transactions.<Integer>committed(
                () -> database.sql("""
                        update s3_upload set claimed_by = null, claimed_process = null
                        where id = ? and claimed_by = ?""").params(id, claim).update());
    }
}
