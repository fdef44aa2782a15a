package io.berth.registry.blob;

import io.berth.oci.Digest;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

@Entity
@Table(name = "blob_link")
class BlobLinkEntity {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private @Nullable Long id;

    private long repositoryId;
    private String digest;
    private long sizeBytes;
    private Instant linkedAt;
    private @Nullable Instant unreferencedSince;

    @SuppressWarnings("NullAway.Init") // for Hibernate, which sets the fields
    protected BlobLinkEntity() {}

    BlobLinkEntity(long repositoryId, Digest digest, long sizeBytes, Instant linkedAt) {
        this.repositoryId = repositoryId;
        this.digest = digest.toString();
        this.sizeBytes = sizeBytes;
        this.linkedAt = linkedAt;
        this.unreferencedSince = linkedAt; // until a manifest names it
    }

    @Nullable
    Long id() {
        return id;
    }

    long repositoryId() {
        return repositoryId;
    }

    String digest() {
        return digest;
    }

    long sizeBytes() {
        return sizeBytes;
    }

    Instant linkedAt() {
        return linkedAt;
    }

    @Nullable
    Instant unreferencedSince() {
        return unreferencedSince;
    }
}
