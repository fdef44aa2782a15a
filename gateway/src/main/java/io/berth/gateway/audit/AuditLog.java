package io.berth.gateway.audit;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.data.domain.Limit;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Keeps what was changed through the gateway. Thread-safe; {@link #record} never blocks: entries wait in a queue for one thread
 * that writes them, those of a tenth of a second in one transaction: with one for each call, the gateway spent twice as much on
 * them as on the calls. While the database takes none, because its disk is full, they wait; when there is no place for that of
 * another call, the call is not made ({@link #begin}). An entry that is lost all the same is counted: in a metric, in the service's
 * log, and by {@link #lost()} in every answer about the log.
 *
 * <p>What was written survives a kill; the entries of the last moment may not, as they are written after the call. Stopping
 * writes all that wait.
 */
@Component
public class AuditLog implements Audit, SmartLifecycle, MeterBinder {
    private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
    private static final Duration SWEEP = Duration.ofHours(1);
    private static final Duration RETRY = Duration.ofMillis(500);

    /** How long an entry waits for others; not while so many wait that some could be lost. */
    private static final Duration GATHER = Duration.ofMillis(100);

    private static final int BATCH = 500;
    private static final int TRIES = 5;

    private final AuditRows rows;
    private final AuditProperties properties;
    private final TransactionTemplate transactions;
    private final Clock clock = Clock.systemUTC();
    private final BlockingQueue<AuditEntry> waiting;
    private final AtomicInteger open = new AtomicInteger();
    private final LongAdder lost = new LongAdder();
    private final AtomicLong told = new AtomicLong();
    private volatile @Nullable Thread writer;
    private volatile boolean ending;

    AuditLog(AuditRows rows, AuditProperties properties, PlatformTransactionManager transactionManager) {
        this.rows = rows;
        this.properties = properties;
        this.transactions = new TransactionTemplate(transactionManager);
        this.waiting = new ArrayBlockingQueue<>(properties.queue());
    }

    @Override
    public boolean begin() {
        if (open.incrementAndGet() > waiting.remainingCapacity()) {
            open.decrementAndGet();
            return false;
        }
        return true;
    }

    @Override
    public void record(AuditEntry entry) {
        if (!waiting.offer(entry)) {
            lost.increment();
        }
        open.updateAndGet(before -> Math.max(0, before - 1));
    }

    /** Entries that were lost since the start, since too many waited or the database did not take them. */
    public long lost() {
        return lost.sum();
    }

    /**
     * Entries, the newest first.
     *
     * @param before id that all are smaller than
     * @param who to restrict to; empty for all, as for the others
     * @param path with which theirs begin
     */
    public List<AuditEntry> before(long before, String who, String path, String method, int limit) {
        return rows.before(before, who, path, method, Limit.of(limit)).stream()
                .map(AuditEntity::entry)
                .toList();
    }

    private void writeForever() {
        long nextSweep = System.nanoTime();
        List<AuditEntry> batch = new ArrayList<>(BATCH);
        while (!ending || !waiting.isEmpty()) {
            if (System.nanoTime() - nextSweep >= 0) {
                sweep();
                nextSweep = System.nanoTime() + SWEEP.toNanos();
            }
            try {
                AuditEntry first = waiting.poll(RETRY.toMillis(), TimeUnit.MILLISECONDS);
                if (first != null) {
                    batch.add(first);
                    gather();
                    waiting.drainTo(batch, BATCH - 1);
                    write(batch);
                    batch.clear();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void gather() throws InterruptedException {
        if (!ending && waiting.size() < Math.min(BATCH, waiting.remainingCapacity())) {
            Thread.sleep(GATHER);
        }
    }

    private void write(List<AuditEntry> batch) throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                save(batch);
                break;
            } catch (DataIntegrityViolationException e) {
                LOG.atError().setCause(e).log("the audit log refuses an entry");
                saveOneByOne(batch);
                break;
            } catch (RuntimeException e) {
                if (ending && attempt >= TRIES) {
                    lost.add(batch.size());
                    LOG.atError().setCause(e).log("cannot write to the audit log");
                    break;
                }
                if (attempt == 1) {
                    LOG.atError()
                            .setCause(e)
                            .log("cannot write to the audit log: entries wait until it can be written");
                }
                Thread.sleep(RETRY);
            }
        }
        long now = lost.sum();
        long before = told.getAndSet(now);
        if (now > before) {
            LOG.atError().addKeyValue("entries", now - before).log("audit entries lost");
        }
    }

    private void save(List<AuditEntry> batch) {
        transactions.executeWithoutResult(
                _ -> rows.saveAll(batch.stream().map(AuditEntity::new).toList()));
    }

    /** One that the database will never take must not keep the others out. */
    private void saveOneByOne(List<AuditEntry> batch) throws InterruptedException {
        for (AuditEntry entry : batch) {
            try {
                save(List.of(entry));
            } catch (DataIntegrityViolationException e) {
                lost.increment();
            } catch (RuntimeException e) {
                write(new ArrayList<>(List.of(entry)));
            }
        }
    }

    private void sweep() {
        try {
            Integer removed = transactions.execute(
                    _ -> rows.forget(clock.instant().minus(properties.keep()), rows.last() - properties.maxEntries()));
            if (removed != null && removed > 0) {
                LOG.atInfo().addKeyValue("entries", removed).log("old audit entries removed");
            }
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).log("cannot remove old audit entries");
        }
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        FunctionCounter.builder("berth.gateway.audit.lost", lost, LongAdder::doubleValue)
                .register(registry);
        Gauge.builder("berth.gateway.audit.waiting", waiting, BlockingQueue::size)
                .register(registry);
    }

    @Override
    public synchronized void start() {
        ending = false;
        writer = Thread.ofPlatform().daemon().name("audit-log").start(this::writeForever);
    }

    /** Writes what waits. */
    @Override
    public synchronized void stop() {
        ending = true;
        Thread running = writer;
        if (running != null) {
            try {
                running.join(Duration.ofSeconds(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            writer = null;
        }
    }

    @Override
    public boolean isRunning() {
        return writer != null;
    }

    /** Before the listeners begin, and after they have ended. */
    @Override
    public int getPhase() {
        return -50;
    }
}
