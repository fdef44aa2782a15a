package io.berth.registry.upload;

import io.berth.registry.repository.RepositoryName;
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
@Table(name = "upload")
class UploadEntity implements Persistable<UUID> {
    @Id
    private UUID id;

    private String repository;
    private String algorithm;
    private Instant startedAt;
    private String subject;

    @Transient
    private boolean fresh;

    @SuppressWarnings("NullAway.Init") // for Hibernate, which sets the fields
    protected UploadEntity() {}

    UploadEntity(UUID id, RepositoryName repository, HashAlgorithm algorithm, Instant startedAt, String subject) {
        this.id = id;
        this.repository = repository.value();
        this.algorithm = algorithm.ociName();
        this.startedAt = startedAt;
        this.subject = subject;
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

    RepositoryName repository() {
        return new RepositoryName(repository);
    }

    HashAlgorithm algorithm() {
        return HashAlgorithm.of(algorithm);
    }

    /** Whose the session is. */
    String subject() {
        return subject;
    }

    Instant startedAt() {
        return startedAt;
    }
}
