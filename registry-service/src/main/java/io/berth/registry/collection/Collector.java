package io.berth.registry.collection;

import io.berth.oci.Digest;
import io.berth.registry.blob.BlobGarbage;
import io.berth.registry.durability.CollectionTimes;
import io.berth.registry.durability.DurableTransactions;
import io.berth.registry.durability.StopSignal;
import io.berth.registry.durability.WorkLeases;
import io.berth.registry.manifest.ManifestGarbage;
import io.berth.registry.storage.ContentRemovals;
import io.berth.registry.storage.ContentStorage;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Collects garbage while the registry works. Thread-safe; one collection at a time in all processes that share a database.
 *
 * <p>In steps, each of which leaves something to the next: manifests that nothing keeps, links that no manifest names, blobs
 * that no repository has, content that no blob has. A step takes one thing at a time, in a transaction that takes the locks a
 * push takes and asks again, so a push waits for one row at most. Content is removed last, after the transaction that forgot
 * it is durable.
 */
@Component
class Collector {
    private static final Logger LOG = LoggerFactory.getLogger(Collector.class);
    private static final Duration LEASE_TIME = Duration.ofMinutes(2);
    private static final Duration RETRY = Duration.ofMinutes(10);
    private static final int BATCH = 100;

    private final ManifestGarbage manifests;
    private final BlobGarbage blobs;
    private final ContentRemovals removals;
    private final ContentStorage storage;
    private final DurableTransactions transactions;
    private final CollectionTimes times;
    private final WorkLeases leases;
    private final CollectionMeters meters;
    private final Clock clock;
    private final ReentrantLock running = new ReentrantLock();

    Collector(
            ManifestGarbage manifests,
            BlobGarbage blobs,
            ContentRemovals removals,
            ContentStorage storage,
            DurableTransactions transactions,
            CollectionTimes times,
            WorkLeases leases,
            CollectionMeters meters) {
        this.manifests = manifests;
        this.blobs = blobs;
        this.removals = removals;
        this.storage = storage;
        this.transactions = transactions;
        this.times = times;
        this.leases = leases;
        this.meters = meters;
        this.clock = Clock.systemUTC();
    }

    /** Collects what is due; empty when somebody is at it already. What a signal ends goes on next time. */
    Optional<Removed> collect(StopSignal signal) {
        if (!running.tryLock()) {
            return Optional.empty();
        }
        try {
            if (!leases.take(WorkLeases.COLLECTION, LEASE_TIME)) {
                return Optional.empty();
            }
            try {
                return Optional.of(collectAll(signal));
            } finally {
                leases.release(WorkLeases.COLLECTION);
            }
        } finally {
            running.unlock();
        }
    }

    private Removed collectAll(StopSignal signal) {
        Instant before = clock.instant().minus(times.grace());
        Optional<Long> recorded = manifests.recordContents(0, BATCH);
        while (recorded.isPresent() && goOn(signal)) {
            recorded = manifests.recordContents(recorded.get(), BATCH);
        }
        long untagged = 0;
        if (times.untagged()) {
            untagged = each(
                    signal,
                    "manifest",
                    () -> manifests.untagged(before, BATCH),
                    found -> manifests.remove(found, before));
        }
        long links = each(signal, "link", () -> blobs.links(before, BATCH), link -> blobs.remove(link, before));
        long[] bytes = {0};
        long unlinked = each(signal, "blob", () -> blobs.unlinked(BATCH), digest -> forget(digest, bytes));
        Removed contents = removeContents(signal);
        return new Removed(untagged, links, unlinked, bytes[0], contents.contents(), contents.contentBytes());
    }

    private boolean forget(Digest digest, long[] bytes) {
        OptionalLong size = blobs.remove(digest);
        bytes[0] += size.orElse(0);
        return size.isPresent();
    }

    /** Another process may go on when this one stalls. */
    private boolean goOn(StopSignal signal) {
        return signal.goOn() && leases.take(WorkLeases.COLLECTION, LEASE_TIME);
    }

    private interface Batches<T> {
        List<T> next();
    }

    /** Takes what is listed, until a list is not full or nothing of it could be taken; how many were removed. */
    private <T> long each(StopSignal signal, String kind, Batches<T> batches, Predicate<T> remove) {
        long removed = 0;
        List<T> batch;
        int failed;
        do {
            batch = batches.next();
            failed = 0;
            for (T one : batch) {
                try {
                    if (remove.test(one)) {
                        removed++;
                        meters.removed(kind);
                    }
                } catch (RuntimeException e) {
                    failed++; // it is listed again next time
                    LOG.atWarn()
                            .setCause(e)
                            .addKeyValue("kind", kind)
                            .addKeyValue("what", one)
                            .log("cannot collect");
                }
            }
        } while (batch.size() == BATCH && failed < BATCH && goOn(signal));
        return removed;
    }

    private Removed removeContents(StopSignal signal) {
        long count = 0;
        long bytes = 0;
        List<ContentRemovals.Removal> claimed;
        do {
            Instant now = clock.instant();
            // Durable: should the power fail, no blob may come back whose content has gone.
            claimed = transactions.durable(() -> removals.due(now, BATCH).stream()
                    .filter(removal -> removals.claim(removal.location()))
                    .toList());
            for (ContentRemovals.Removal removal : claimed) {
                if (remove(removal)) {
                    count++;
                    bytes += removal.sizeBytes();
                    meters.reclaimed(removal.sizeBytes());
                }
            }
        } while (claimed.size() == BATCH && goOn(signal));
        meters.waiting(removals.waiting());
        return new Removed(0, 0, 0, 0, count, bytes);
    }

    private boolean remove(ContentRemovals.Removal removal) {
        try {
            storage.remove(removal.location());
            transactions.committed(() -> {
                removals.done(removal.location());
                return removal;
            });
            return true;
        } catch (IOException | RuntimeException e) {
            LOG.atWarn().setCause(e).addKeyValue("location", removal.location()).log("cannot remove content");
            transactions.committed(() -> {
                removals.enqueue(
                        removal.location(), removal.sizeBytes(), clock.instant().plus(RETRY));
                return removal;
            });
            return false;
        }
    }

    /**
     * What a collection would remove now; changes nothing. What only the manifests keep that it would remove is not counted:
     * it goes a time of grace later.
     */
    Removed estimate() {
        Instant before = clock.instant().minus(times.grace());
        BlobGarbage.Estimate estimate = blobs.estimate(before);
        ContentRemovals.Waiting waiting = removals.waiting();
        return new Removed(
                times.untagged() ? manifests.estimate(before) : 0,
                estimate.links(),
                estimate.blobs(),
                estimate.blobBytes(),
                waiting.count(),
                waiting.sizeBytes());
    }
}
