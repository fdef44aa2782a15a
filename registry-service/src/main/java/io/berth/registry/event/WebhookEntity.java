package io.berth.registry.event;

import io.berth.registry.access.RepositoryPattern;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.net.URI;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

@Entity
@Table(name = "webhook")
class WebhookEntity {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private @Nullable Long id;

    private String name;
    private String url;
    private String secret;
    private String repositories;
    private String actions;
    private boolean disabled;

    @SuppressWarnings("UnusedVariable") // for whoever looks into the database
    private Instant createdAt;

    @SuppressWarnings("NullAway.Init") // for Hibernate, which sets the fields
    protected WebhookEntity() {}

    WebhookEntity(Webhook.Settings settings, Instant createdAt) {
        this.name = settings.name();
        this.url = settings.url().toString();
        this.secret = settings.secret();
        this.repositories = settings.repositories().value();
        this.actions = Webhook.format(settings.changes());
        this.createdAt = createdAt;
    }

    Webhook webhook() {
        return new Webhook(
                Objects.requireNonNull(id),
                new Webhook.Settings(
                        name, URI.create(url), secret, new RepositoryPattern(repositories), Webhook.parse(actions)),
                disabled);
    }

    void disabled(boolean value) {
        this.disabled = value;
    }
}
