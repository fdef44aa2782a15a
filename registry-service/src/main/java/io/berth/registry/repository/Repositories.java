package io.berth.registry.repository;

import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.springframework.data.domain.Limit;
import org.springframework.stereotype.Component;

/**
 * The repositories that exist: those something was pushed to. Thread-safe; the methods that change or lock a row belong
 * into a transaction of the caller's.
 */
@Component
public class Repositories {
    private final RepositoryRows rows;
    private final Clock clock;

    Repositories(RepositoryRows rows) {
        this.rows = rows;
        this.clock = Clock.systemUTC();
    }

    /** The row id that links, tags and manifests of a repository carry; empty when nothing was pushed to it. */
    public Optional<Long> find(RepositoryName name) {
        return rows.idOf(name.value());
    }

    /** As {@link #find}, creating the repository first when it is new. */
    public long findOrCreate(RepositoryName name) {
        return find(name).orElseGet(() -> create(name));
    }

    /**
     * As {@link #findOrCreate}, and keeps other changes of what the repository's manifests need away until the transaction
     * ends: a blob must not be deleted between the check that it exists and the manifest that names it.
     */
    public long lockOrCreate(RepositoryName name) {
        return lock(name).orElseGet(() -> create(name));
    }

    /** As {@link #lockOrCreate} for a repository that must exist. */
    public Optional<Long> lock(RepositoryName name) {
        return rows.lock(name.value()).map(RepositoryEntity::id);
    }

    /** As the other one, by the row id; whether it exists. */
    public boolean lock(long id) {
        return rows.lock(id).isPresent();
    }

    private long create(RepositoryName name) {
        RepositoryEntity created = rows.save(new RepositoryEntity(name, clock.instant()));
        return Objects.requireNonNull(created.id());
    }

    /** Names in byte order, from the first one after {@code last}. */
    public List<String> namesAfter(String last, int limit) {
        return rows.namesAfter(last, Limit.of(limit));
    }
}
