package io.berth.engine.volume;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Volumes on disk. Each call is one transaction; when it returns, its effect survives a kill -9 of the engine. Thread-safe. */
public interface VolumeStore {
    /**
     * Adds a volume.
     *
     * @param madeFor id of the container that it goes with, or null when it goes with none
     */
    void insert(Volume volume, @Nullable String madeFor);

    /** The volumes that go with a container stay when it goes. */
    void disown(String containerId);

    /** Volumes that go with a container: name to the container's id. */
    Map<String, String> owned();

    /** Forgets a volume; does nothing when it is not there. */
    void delete(String name);

    /** All volumes. */
    List<Volume> loadAll();
}
