package io.berth.registry.token;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.PostLoad;
import jakarta.persistence.PostPersist;
import jakarta.persistence.Table;
import jakarta.persistence.Transient;
import java.time.Instant;
import java.util.UUID;
import org.springframework.data.domain.Persistable;

/** Its id is chosen before it is stored, so it says itself whether it is new. */
@Entity
@Table(name = "refresh_token")
class RefreshTokenEntity implements Persistable<UUID> {
    @Id
    private UUID id;

    private String secretHash;
    private String subject;
    private String clientId;
    private Instant createdAt;
    private Instant expiresAt;

    @Transient
    private boolean fresh;

    @SuppressWarnings("NullAway.Init") // for Hibernate, which sets the fields
    protected RefreshTokenEntity() {}

    RefreshTokenEntity(
            UUID id, String secretHash, String subject, String clientId, Instant createdAt, Instant expiresAt) {
        this.id = id;
        this.secretHash = secretHash;
        this.subject = subject;
        this.clientId = clientId;
        this.createdAt = createdAt;
        this.expiresAt = expiresAt;
        this.fresh = true;
    }

    @Override
    public UUID getId() {
        return id;
    }

    @Override
    public boolean isNew() {
        return fresh;
    }

    @PostLoad
    @PostPersist
    void stored() {
        fresh = false;
    }

    String secretHash() {
        return secretHash;
    }

    String subject() {
        return subject;
    }

    String clientId() {
        return clientId;
    }

    Instant createdAt() {
        return createdAt;
    }

    Instant expiresAt() {
        return expiresAt;
    }
}
