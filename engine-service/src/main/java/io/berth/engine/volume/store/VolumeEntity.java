package io.berth.engine.volume.store;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Transient;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Persistable;

/** A row of the table {@code volume}; see the migration for what is in it. */
@Entity
@Table(name = "volume")
class VolumeEntity implements Persistable<String> {
    @Id
    private String name = "";

    private @Nullable String labels;
    private @Nullable String options;
    private Instant createdAt = Instant.EPOCH;
    private @Nullable String madeFor;

    @Transient
    private boolean added;

    /** For Hibernate. */
    protected VolumeEntity() {}

    VolumeEntity(
            String name,
            @Nullable String labels,
            @Nullable String options,
            Instant createdAt,
            @Nullable String madeFor) {
        this.name = name;
        this.labels = labels;
        this.options = options;
        this.createdAt = createdAt;
        this.madeFor = madeFor;
        this.added = true;
    }

    @Override
    public String getId() {
        return name;
    }

    @Override
    public boolean isNew() {
        return added;
    }

    @Nullable
    String labels() {
        return labels;
    }

    @Nullable
    String options() {
        return options;
    }

    Instant createdAt() {
        return createdAt;
    }

    @Nullable
    String madeFor() {
        return madeFor;
    }
}
