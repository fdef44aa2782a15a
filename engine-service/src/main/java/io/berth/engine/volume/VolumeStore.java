package io.berth.engine.volume;

import java.util.List;

/** Volumes on disk. Each call is one transaction; when it returns, its effect survives a kill -9 of the engine. Thread-safe. */
public interface VolumeStore {
    /** Adds a volume. */
    void insert(Volume volume);

    /** Forgets a volume; does nothing when it is not there. */
    void delete(String name);

    /** All volumes. */
    List<Volume> loadAll();
}
