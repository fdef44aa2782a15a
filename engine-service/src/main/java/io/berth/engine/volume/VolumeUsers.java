package io.berth.engine.volume;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;

/**
 * Who uses volumes. It is derived from what containers are made of, never counted, so that no crash can make it wrong.
 * Thread-safe.
 */
public interface VolumeUsers {
    /** Ids of containers, running or not, by the name of a volume that they use. */
    Map<String, SortedSet<String>> byVolume();

    /** Those of some containers that are there for the present caller, in their order. */
    List<String> shown(Set<String> containerIds);
}
