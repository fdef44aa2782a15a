package io.berth.registry.tag;

import io.berth.oci.Digest;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

@Entity
@Table(name = "tag")
class TagEntity {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private @Nullable Long id;

    private long repositoryId;
    private String name;
    private String digest;
    private Instant updatedAt;

    @SuppressWarnings("NullAway.Init") // for Hibernate, which sets the fields
    protected TagEntity() {}

    TagEntity(long repositoryId, TagName name, Digest digest, Instant updatedAt) {
        this.repositoryId = repositoryId;
        this.name = name.value();
        this.digest = digest.toString();
        this.updatedAt = updatedAt;
    }

    @Nullable
    Long id() {
        return id;
    }

    long repositoryId() {
        return repositoryId;
    }

    String name() {
        return name;
    }

    String digest() {
        return digest;
    }

    Instant updatedAt() {
        return updatedAt;
    }

    void pointTo(Digest newDigest, Instant now) {
        this.digest = newDigest.toString();
        this.updatedAt = now;
    }
}
