package io.berth.image.cache;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Transient;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Persistable;

/** One record of the cache. */
@Entity
@Table(name = "build_cache")
class CacheEntity implements Persistable<String> {
    private static final int MAX_DESCRIPTION = 1024;

    @Id
    private String cacheKey;

    private String kind;
    private String description;

    private @Nullable String diffId;

    private @Nullable String directory;

    private @Nullable String parentKey;

    private long contentSize;

    @Column(updatable = false)
    private Instant createdAt;

    private Instant usedAt;
    private int uses;

    @Transient
    private boolean fresh;

    @SuppressWarnings("NullAway.Init") // for Hibernate, which sets the fields
    protected CacheEntity() {}

    CacheEntity(
            String cacheKey,
            String kind,
            String description,
            @Nullable String diffId,
            @Nullable String directory,
            @Nullable String parentKey,
            long contentSize,
            Instant now) {
        this.cacheKey = cacheKey;
        this.kind = kind;
        this.description =
                description.length() > MAX_DESCRIPTION ? description.substring(0, MAX_DESCRIPTION) : description;
        this.diffId = diffId;
        this.directory = directory;
        this.parentKey = parentKey;
        this.contentSize = contentSize;
        this.createdAt = now;
        this.usedAt = now;
        this.uses = 0;
    }

    /** There is no row of this key. */
    CacheEntity fresh() {
        fresh = true;
        return this;
    }

    @Override
    public String getId() {
        return cacheKey;
    }

    @Override
    public boolean isNew() {
        return fresh;
    }

    CacheRecord toRecord(boolean inUse, boolean shared) {
        return new CacheRecord(
                cacheKey,
                kind,
                description,
                diffId,
                directory,
                parentKey,
                contentSize,
                createdAt,
                usedAt,
                uses,
                inUse,
                shared);
    }
}
