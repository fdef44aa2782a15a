package io.berth.registry.repository;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

@Entity
@Table(name = "repository")
class RepositoryEntity {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private @Nullable Long id;

    private String name;
    private Instant createdAt;

    @SuppressWarnings("NullAway.Init") // for Hibernate, which sets the fields
    protected RepositoryEntity() {}

    RepositoryEntity(RepositoryName name, Instant createdAt) {
        this.name = name.value();
        this.createdAt = createdAt;
    }

    @Nullable
    Long id() {
        return id;
    }

    String name() {
        return name;
    }

    Instant createdAt() {
        return createdAt;
    }
}
