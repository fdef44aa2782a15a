package io.berth.registry.audit;

import io.berth.registry.access.Caller;
import io.berth.registry.access.Callers;
import io.berth.registry.durability.BackgroundThreads;
import io.berth.registry.durability.DataDirectory;
import io.berth.registry.durability.DurableTransactions;
import io.berth.registry.durability.StopSignal;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.data.domain.Limit;
import org.springframework.stereotype.Component;

/**
 * What was changed, by whom and from where. An entry is written in the transaction of its change, so there is neither a
 * change without an entry nor an entry without a change. Thread-safe; old entries are removed once an hour.
 */
@Component
public class AuditLog implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
    private static final Duration SWEEP = Duration.ofHours(1);
    private static final int MAX_TARGET = 512;
    private static final int MAX_DETAIL = 2000;

    private final AuditRows rows;
    private final DurableTransactions transactions;
    private final AuditProperties properties;
    private final Clock clock = Clock.systemUTC();
    private final BackgroundThreads threads = new BackgroundThreads();

    AuditLog(AuditRows rows, DurableTransactions transactions, AuditProperties properties) {
        this.rows = rows;
        this.transactions = transactions;
        this.properties = properties;
    }

    /**
     * Adds an entry about the present caller. Belongs into the transaction of the change.
     *
     * @param action noun and verb, such as {@code tag.delete}
     * @param target what it was done to
     * @param detail more about it; the caller's duty to leave secrets out
     */
    public void record(String action, String target, Map<String, String> detail) {
        Caller caller = Callers.current();
        String text = new TreeMap<>(detail)
                .entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .collect(Collectors.joining(" "));
        rows.save(new AuditEntity(
                clock.instant(),
                caller.subject().toString(),
                caller.origin().address(),
                action,
                cut(target, MAX_TARGET),
                cut(text, MAX_DETAIL)));
    }

    private static String cut(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length);
    }

    /**
     * Entries, the newest first.
     *
     * @param before id that all are smaller than
     * @param subject to restrict to; empty for all, as for the others
     */
    public List<AuditEntry> before(long before, String subject, String target, String action, int limit) {
        return rows.before(before, subject, target, action, Limit.of(limit)).stream()
                .map(AuditEntity::entry)
                .toList();
    }

    /** Removes what is older or more than the settings keep. */
    void sweep() {
        int removed = transactions.committed(
                () -> rows.forget(clock.instant().minus(properties.keep()), rows.last() - properties.maxEntries()));
        if (removed > 0) {
            LOG.atInfo().addKeyValue("entries", removed).log("old audit entries removed");
        }
    }

    private void sweepForever(StopSignal ended) {
        do {
            try {
                sweep();
            } catch (RuntimeException e) {
                LOG.atWarn().setCause(e).log("cannot remove old audit entries");
            }
        } while (ended.pause(SWEEP));
    }

    @Override
    public void start() {
        threads.start("audit-retention", this::sweepForever);
    }

    @Override
    public void stop() {
        threads.stop();
    }

    @Override
    public boolean isRunning() {
        return threads.isRunning();
    }

    @Override
    public int getPhase() {
        return DataDirectory.PHASE + 1;
    }
}
