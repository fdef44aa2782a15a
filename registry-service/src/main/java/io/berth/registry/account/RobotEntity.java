package io.berth.registry.account;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

@Entity
@Table(name = "robot")
class RobotEntity {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private @Nullable Long id;

    private String name;
    private String description;
    private String secretHash;
    private boolean disabled;
    private Instant createdAt;
    private Instant expiresAt;
    private Instant tokensFrom;

    @SuppressWarnings("NullAway.Init") // for Hibernate, which sets the fields
    protected RobotEntity() {}

    RobotEntity(String name, String description, String secretHash, Instant now, Instant expiresAt) {
        this.name = name;
        this.description = description;
        this.secretHash = secretHash;
        this.createdAt = now;
        this.expiresAt = expiresAt;
        this.tokensFrom = now;
    }

    Robot robot() {
        return new Robot(name, description, secretHash, disabled, createdAt, expiresAt, tokensFrom);
    }

    void secret(String hash, Instant now, Instant expires) {
        this.secretHash = hash;
        this.expiresAt = expires;
        this.tokensFrom = now;
    }

    void disabled(boolean value, Instant now) {
        if (value && !disabled) {
            tokensFrom = now;
        }
        this.disabled = value;
    }
}
