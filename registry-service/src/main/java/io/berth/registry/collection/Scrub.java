package io.berth.registry.collection;

import io.berth.registry.blob.BlobVerification;
import io.berth.registry.durability.DurableTransactions;
import io.berth.registry.durability.StopSignal;
import io.berth.registry.durability.WorkLeases;
import io.berth.registry.storage.Content;
import io.berth.registry.storage.ContentRemovals;
import io.berth.registry.storage.ContentStorage;
import io.berth.registry.storage.ContentStorage.Stored;
import io.berth.registry.storage.Location;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.util.unit.DataSize;

/**
 * Compares what is stored with what is known: every blob's content is read again and must have its digest; and content that
 * neither a blob nor a removal names is removed, which only a power failure or a restored backup leaves behind. Thread-safe.
 */
@Component
class Scrub {
    private static final Logger LOG = LoggerFactory.getLogger(Scrub.class);
    private static final Duration LEASE_TIME = Duration.ofMinutes(10);
    /** All that is stored is listed this often, which is what costs most. */
    private static final Duration LISTING_PERIOD = Duration.ofDays(1);

    private static final int BATCH = 100;
    private static final int ORPHAN_BATCH = 500;
    private static final int BUFFER_SIZE = 128 * 1024;

    private final BlobVerification verification;
    private final ContentStorage storage;
    private final ContentRemovals removals;
    private final DurableTransactions transactions;
    private final WorkLeases leases;
    private final CollectionMeters meters;
    private final Duration period;
    private final DataSize rate;
    private final Clock clock;

    Scrub(
            BlobVerification verification,
            ContentStorage storage,
            ContentRemovals removals,
            DurableTransactions transactions,
            WorkLeases leases,
            CollectionMeters meters,
            ScrubProperties properties) {
        this.verification = verification;
        this.storage = storage;
        this.removals = removals;
        this.transactions = transactions;
        this.leases = leases;
        this.meters = meters;
        this.period = properties.period();
        this.rate = properties.rate();
        this.clock = Clock.systemUTC();
    }

    /**
     * What a scrub has found.
     *
     * @param blobs whose content was read
     * @param damaged of them
     * @param orphans pieces of content that nothing named
     */
    record Found(long blobs, long damaged, long orphans) {}

    /**
     * Reads what was not read for a period.
     *
     * @param all whether to read everything instead
     * @return empty when somebody is at it already
     */
    Optional<Found> scrub(boolean all, StopSignal signal) throws IOException {
        if (!leases.take(WorkLeases.SCRUB, LEASE_TIME)) {
            return Optional.empty();
        }
        try {
            return Optional.of(look(all, signal));
        } finally {
            leases.release(WorkLeases.SCRUB);
        }
    }

    private Found look(boolean all, StopSignal signal) throws IOException {
        Found found = verify(clock.instant().minus(all ? Duration.ZERO : period), signal);
        boolean listing = signal.goOn() && (all || leases.takeTurn(WorkLeases.LISTING, LISTING_PERIOD));
        return listing ? new Found(found.blobs(), found.damaged(), removeOrphans()) : found;
    }

    private Found verify(Instant before, StopSignal signal) throws IOException {
        long blobs = 0;
        long damaged = 0;
        List<BlobVerification.Due> due;
        do {
            due = verification.due(before, BATCH);
            for (BlobVerification.Due blob : due) {
                leases.take(WorkLeases.SCRUB, LEASE_TIME);
                boolean whole = isWhole(blob, signal);
                if (!signal.goOn()) {
                    break; // it was not read to its end
                }
                if (verification.verified(blob, whole)) {
                    blobs++;
                    damaged += whole ? 0 : 1;
                    meters.verified(blob.sizeBytes(), whole);
                    if (!whole) {
                        LOG.atError().addKeyValue("digest", blob.digest()).log("content is damaged; push it again");
                    }
                }
            }
        } while (!due.isEmpty() && signal.goOn());
        return new Found(blobs, damaged, 0);
    }

    private boolean isWhole(BlobVerification.Due blob, StopSignal signal) throws IOException {
        Optional<Content> stored = storage.open(blob.location());
        if (stored.isEmpty()) {
            return false;
        }
        MessageDigest digest = blob.digest().newMessageDigest();
        try (Content content = stored.get();
                InputStream in = content.read(0, content.size())) {
            byte[] buffer = new byte[BUFFER_SIZE];
            int read;
            while (signal.goOn() && (read = in.read(buffer)) >= 0) {
                digest.update(buffer, 0, read);
                signal.pause(Duration.ofNanos(read * Duration.ofSeconds(1).toNanos() / rate.toBytes()));
            }
        } catch (EOFException e) {
            return false;
        }
        return blob.digest().matches(digest.digest());
    }

    /** Has content removed that is old enough that nobody can be storing it; how many pieces. */
    private long removeOrphans() throws IOException {
        Instant old = clock.instant().minus(ContentRemovals.PATIENCE);
        long orphans = 0;
        List<Stored> batch = new ArrayList<>();
        try (Stream<Stored> stored = storage.stored()) {
            for (Stored one :
                    (Iterable<Stored>) stored.filter(found -> found.storedAt().isBefore(old))::iterator) {
                batch.add(one);
                if (batch.size() == ORPHAN_BATCH) {
                    orphans += removeUnknown(batch);
                    batch.clear();
                }
            }
        }
        return batch.isEmpty() ? orphans : orphans + removeUnknown(batch);
    }

    private long removeUnknown(List<Stored> batch) {
        Set<Location> unknown =
                removals.unknown(batch.stream().map(Stored::location).toList());
        for (Stored orphan : batch) {
            if (unknown.contains(orphan.location())) {
                LOG.atInfo().addKeyValue("location", orphan.location()).log("content that nothing names is removed");
                transactions.committed(() -> {
                    removals.enqueue(orphan.location(), orphan.sizeBytes(), clock.instant());
                    return orphan;
                });
            }
        }
        return unknown.size();
    }
}
