package io.berth.engine.secret.store;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Transient;
import java.time.Instant;
import org.springframework.data.domain.Persistable;

/** A row of the table {@code secret}; see the migration for what is in it. */
@Entity
@Table(name = "secret")
class SecretEntity implements Persistable<String> {
    @Id
    private String id = "";

    private String kind = "";
    private String name = "";
    private String labels = "";
    private long version;
    private Instant createdAt = Instant.EPOCH;
    private Instant updatedAt = Instant.EPOCH;

    @Transient
    private boolean added;

    /** For Hibernate. */
    protected SecretEntity() {}

    SecretEntity(
            String id, String kind, String name, String labels, long version, Instant createdAt, Instant updatedAt) {
        this.id = id;
        this.kind = kind;
        this.name = name;
        this.labels = labels;
        this.version = version;
        this.createdAt = createdAt;
        this.updatedAt = updatedAt;
        this.added = true;
    }

    @Override
    public String getId() {
        return id;
    }

    @Override
    public boolean isNew() {
        return added;
    }

    String kind() {
        return kind;
    }

    String name() {
        return name;
    }

    String labels() {
        return labels;
    }

    long version() {
        return version;
    }

    Instant createdAt() {
        return createdAt;
    }

    Instant updatedAt() {
        return updatedAt;
    }
}
