package io.berth.registry.event;

import io.berth.registry.audit.AuditLog;
import io.berth.registry.durability.DurableTransactions;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** The webhooks. Thread-safe; what a method has done is durable when it returns. */
@Component
public class Webhooks {
    private static final int MAX_WEBHOOKS = 100;

    private final WebhookRows rows;
    private final DeliveryRows deliveries;
    private final DurableTransactions transactions;
    private final AuditLog audit;
    private final Clock clock = Clock.systemUTC();

    Webhooks(WebhookRows rows, DeliveryRows deliveries, DurableTransactions transactions, AuditLog audit) {
        this.rows = rows;
        this.deliveries = deliveries;
        this.transactions = transactions;
        this.audit = audit;
    }

    /** All webhooks by name. */
    public List<Webhook> all() {
        return rows.findAll().stream()
                .map(WebhookEntity::webhook)
                .sorted(Comparator.comparing(webhook -> webhook.settings().name()))
                .toList();
    }

    /** How many deliveries a webhook still waits for. */
    public long pending(Webhook webhook) {
        return deliveries.pending(webhook.id());
    }

    /**
     * Makes a webhook.
     *
     * @return whether the name was free
     * @throws IllegalArgumentException when there are too many
     */
    public boolean create(Webhook.Settings settings) {
        return transactions.durable(() -> {
            if (rows.findByName(settings.name()).isPresent()) {
                return false;
            }
            if (rows.findAll().size() >= MAX_WEBHOOKS) {
                throw new IllegalArgumentException("there are " + MAX_WEBHOOKS + " webhooks already");
            }
            rows.save(new WebhookEntity(settings, clock.instant()));
            audit.record(
                    "webhook.create",
                    settings.name(),
                    // The path may hold a secret, as those of chat services do.
                    Map.of(
                            "host", settings.url().getHost(),
                            "repositories", settings.repositories().value(),
                            "changes", Webhook.format(settings.changes())));
            return true;
        });
    }

    /** Stops telling a webhook, or begins again. Whether there is one of the name. */
    public boolean disable(String name, boolean disabled) {
        return transactions.durable(() -> {
            WebhookEntity row = rows.findByName(name).orElse(null);
            if (row == null) {
                return false;
            }
            row.disabled(disabled);
            rows.save(row);
            audit.record("webhook.change", name, Map.of("disabled", String.valueOf(disabled)));
            return true;
        });
    }

    /** Removes a webhook and what it has not been told yet. Whether there was one. */
    public boolean delete(String name) {
        return transactions.durable(() -> {
            WebhookEntity row = rows.findByName(name).orElse(null);
            if (row == null) {
                return false;
            }
            rows.delete(row);
            audit.record("webhook.delete", name, Map.of());
            return true;
        });
    }
}
