package io.berth.registry.collection;

import io.berth.registry.durability.BackgroundThreads;
import io.berth.registry.durability.DataDirectory;
import io.berth.registry.durability.DurableTransactions;
import io.berth.registry.durability.StopSignal;
import io.berth.registry.durability.WorkLeases;
import io.berth.registry.storage.ContentRemovals;
import io.berth.registry.storage.ContentStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/** Collects and scrubs again and again, in two threads of its own. */
@Component
class CollectionSchedule implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(CollectionSchedule.class);
    private static final Duration SCRUB_INTERVAL = Duration.ofHours(1);

    private final Collector collector;
    private final Scrub scrub;
    private final WorkLeases leases;
    private final ContentRemovals removals;
    private final ContentStorage storage;
    private final DurableTransactions transactions;
    private final Duration interval;
    private final BackgroundThreads threads = new BackgroundThreads();

    CollectionSchedule(
            Collector collector,
            Scrub scrub,
            WorkLeases leases,
            ContentRemovals removals,
            ContentStorage storage,
            DurableTransactions transactions,
            ScheduleProperties properties) {
        this.collector = collector;
        this.scrub = scrub;
        this.leases = leases;
        this.removals = removals;
        this.storage = storage;
        this.transactions = transactions;
        this.interval = properties.interval();
    }

    private interface Work {
        void run(StopSignal signal) throws IOException;
    }

    @Override
    public void start() {
        if (storage.exclusive()) {
            leases.releaseAll();
            transactions.committed(() -> {
                removals.forgetAnnounced();
                return storage;
            });
        }
        threads.start("collection", ended -> repeat(ended, interval, collector::collect));
        threads.start("scrub", ended -> repeat(ended, SCRUB_INTERVAL, end -> scrub.scrub(false, end)));
    }

    private static void repeat(StopSignal signal, Duration pause, Work work) {
        do {
            try {
                work.run(signal);
            } catch (IOException | UncheckedIOException | DataAccessException | TransactionException e) {
                LOG.atWarn().setCause(e).log("collection or scrub failed; it is tried again");
            }
        } while (signal.pause(pause));
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
        return DataDirectory.PHASE + 2;
    }
}
