package io.berth.registry.event;

import io.berth.registry.audit.AuditLog;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.stereotype.Component;

/**
 * Takes note of what happens to repositories: an audit entry, and a delivery for each webhook that wants it, in the
 * transaction of the change itself. Whatever was changed will be told, and nothing else will. Thread-safe.
 */
@Component
public class Changes {
    private final AuditLog audit;
    private final Outbox outbox;

    Changes(AuditLog audit, Outbox outbox) {
        this.audit = audit;
        this.outbox = outbox;
    }

    /**
     * Notes one change. Belongs into its transaction.
     *
     * @param repository it happened to
     * @param detail what more there is to say: {@code digest}, {@code tag}, {@code mediaType}, {@code from}
     */
    public void note(Change change, String repository, Map<String, String> detail) {
        audit.record(change.word(), repository, detail);
        outbox.add(change, repository, new TreeMap<>(detail));
    }
}
