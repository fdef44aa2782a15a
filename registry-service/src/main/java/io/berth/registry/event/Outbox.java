package io.berth.registry.event;

import io.berth.json.Bounds;
import io.berth.registry.access.Caller;
import io.berth.registry.access.Callers;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Keeps what webhooks are to be told, in the database, until they have been told. Thread-safe. */
@Component
class Outbox {
    private static final JsonMapper JSON = Bounds.OWN.mapper().build();

    private final WebhookRows webhooks;
    private final DeliveryRows rows;
    private final Clock clock = Clock.systemUTC();

    Outbox(WebhookRows webhooks, DeliveryRows rows) {
        this.webhooks = webhooks;
        this.rows = rows;
    }

    /** Adds a delivery for each webhook that wants the change. Belongs into the transaction of the change. */
    void add(Change change, String repository, Map<String, String> detail) {
        List<Webhook> wanting = webhooks.findAll().stream()
                .map(WebhookEntity::webhook)
                .filter(webhook -> webhook.wants(change, repository))
                .toList();
        if (wanting.isEmpty()) {
            return;
        }
        UUID id = UUID.randomUUID();
        Instant now = clock.instant();
        String event = text(id, now, change, repository, detail);
        wanting.forEach(webhook -> rows.save(new DeliveryEntity(webhook.id(), id, event, now)));
    }

    /**
     * <pre>{"id": "…", "time": "2026-11-27T12:00:00Z", "change": "manifest.push", "repository": "team/app",
     *  "subject": "user:alice", "address": "10.0.0.7", "detail": {"digest": "sha256:…", "tags": "1.0"}}</pre>
     */
    private static String text(UUID id, Instant now, Change change, String repository, Map<String, String> detail) {
        Caller caller = Callers.current();
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("id", id.toString());
        event.put("time", now.truncatedTo(ChronoUnit.MILLIS).toString());
        event.put("change", change.word());
        event.put("repository", repository);
        event.put("subject", caller.subject().toString());
        event.put("address", caller.origin().address());
        event.put("detail", detail);
        return JSON.writeValueAsString(event);
    }
}
