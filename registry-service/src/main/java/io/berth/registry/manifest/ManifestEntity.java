package io.berth.registry.manifest;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

@Entity
@Table(name = "manifest")
class ManifestEntity {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private @Nullable Long id;

    private long repositoryId;
    private String digest;
    private String mediaType;
    private long sizeBytes;
    private @Nullable String subject;
    private @Nullable String artifactType;
    private Instant pushedAt;

    @SuppressWarnings("NullAway.Init") // for Hibernate, which sets the fields
    protected ManifestEntity() {}

    ManifestEntity(long repositoryId, Digest digest, long sizeBytes, ManifestDocument document, Instant pushedAt) {
        Descriptor referred = document.subject();
        this.repositoryId = repositoryId;
        this.digest = digest.toString();
        this.mediaType = document.mediaType();
        this.sizeBytes = sizeBytes;
        this.subject = referred == null ? null : referred.digest().toString();
        this.artifactType = document.artifactType();
        this.pushedAt = pushedAt;
    }

    @Nullable
    Long id() {
        return id;
    }

    long repositoryId() {
        return repositoryId;
    }

    StoredManifest stored() {
        return new StoredManifest(Digest.parse(digest), mediaType, sizeBytes);
    }

    @Nullable
    String subject() {
        return subject;
    }

    @Nullable
    String artifactType() {
        return artifactType;
    }

    Instant pushedAt() {
        return pushedAt;
    }
}
