package io.berth.engine.secret;

import java.util.List;

/** Secrets and configs on disk, without values. Each call is one transaction. Thread-safe. */
public interface SecretStore {
    /** Adds one. */
    void insert(Secret secret);

    /** Writes labels, version and time of the update. */
    void update(Secret secret);

    /** Forgets one; does nothing when it is not there. */
    void delete(String id);

    /** All of both kinds. */
    List<Secret> loadAll();
}
