package io.berth.engine.container.store;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Transient;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Persistable;

/** A row of the table {@code container}; see the migration for what is in it. */
@Entity
@Table(name = "container")
class ContainerRow implements Persistable<String> {
    @Id
    private String id = "";

    private String name = "";

    private String spec = "";

    private String status = "";
    private long pid;
    private long startTicks;
    private String bootId = "";
    private int exitCode;

    private String error = "";

    private boolean oomKilled;
    private @Nullable Instant startedAt;
    private @Nullable Instant finishedAt;
    private int restartCount;
    private boolean stoppedByUser;
    private @Nullable String health;
    private long restartDelayMillis;

    @Transient
    private boolean added;

    /** For Hibernate. */
    protected ContainerRow() {}

    @SuppressWarnings("TooManyParameters") // one for each column
    ContainerRow(
            String id,
            String name,
            String spec,
            String status,
            long pid,
            long startTicks,
            String bootId,
            int exitCode,
            String error,
            boolean oomKilled,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt,
            int restartCount,
            boolean stoppedByUser,
            @Nullable String health,
            long restartDelayMillis) {
        this.id = id;
        this.name = name;
        this.spec = spec;
        this.status = status;
        this.pid = pid;
        this.startTicks = startTicks;
        this.bootId = bootId;
        this.exitCode = exitCode;
        this.error = error;
        this.oomKilled = oomKilled;
        this.startedAt = startedAt;
        this.finishedAt = finishedAt;
        this.restartCount = restartCount;
        this.stoppedByUser = stoppedByUser;
        this.health = health;
        this.restartDelayMillis = restartDelayMillis;
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

    String name() {
        return name;
    }

    String spec() {
        return spec;
    }

    String status() {
        return status;
    }

    long pid() {
        return pid;
    }

    long startTicks() {
        return startTicks;
    }

    String bootId() {
        return bootId;
    }

    int exitCode() {
        return exitCode;
    }

    String error() {
        return error;
    }

    boolean oomKilled() {
        return oomKilled;
    }

    @Nullable
    Instant startedAt() {
        return startedAt;
    }

    @Nullable
    Instant finishedAt() {
        return finishedAt;
    }

    int restartCount() {
        return restartCount;
    }

    boolean stoppedByUser() {
        return stoppedByUser;
    }

    @Nullable
    String health() {
        return health;
    }

    long restartDelayMillis() {
        return restartDelayMillis;
    }
}
