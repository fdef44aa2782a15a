package io.berth.registry.event;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

@Entity
@Table(name = "webhook_delivery")
class DeliveryEntity {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private @Nullable Long id;

    private long webhookId;
    private UUID eventId;
    private String event;
    private int attempts;

    @SuppressWarnings("UnusedVariable") // queries ask for it
    private Instant createdAt;

    @SuppressWarnings("UnusedVariable") // queries ask for it
    private Instant nextAt;

    @SuppressWarnings("NullAway.Init") // for Hibernate, which sets the fields
    protected DeliveryEntity() {}

    DeliveryEntity(long webhookId, UUID eventId, String event, Instant now) {
        this.webhookId = webhookId;
        this.eventId = eventId;
        this.event = event;
        this.createdAt = now;
        this.nextAt = now;
    }

    long id() {
        return Objects.requireNonNull(id);
    }

    long webhookId() {
        return webhookId;
    }

    UUID eventId() {
        return eventId;
    }

    String event() {
        return event;
    }

    int attempts() {
        return attempts;
    }
}
