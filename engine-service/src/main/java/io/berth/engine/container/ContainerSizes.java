package io.berth.engine.container;

import io.berth.archive.TreeUsage;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/**
 * What containers take on disk, as du(1) counts: allocated blocks, directories included, each file once, without what is mounted
 * in them. (Docker's containerd store counts so too; its older overlay2 driver added up the lengths of files.) Image layers do
 * not change, so each is measured once. Thread-safe.
 */
@Component
public final class ContainerSizes {
    private static final int MOST_LAYERS = 10_000;

    private final Map<Path, Long> layers = new ConcurrentHashMap<>();

    /** Bytes of a container's writable layer. */
    public long writable(Path containerDirectory) {
        return TreeUsage.of(containerDirectory.resolve("upper"));
    }

    /** Bytes of its writable layer and of its image's. */
    public long root(ContainerSpec spec, Path containerDirectory) {
        if (layers.size() > MOST_LAYERS) {
            layers.clear(); // most of them are of images that have been deleted
        }
        return writable(containerDirectory)
                + spec.layerDirectories().stream()
                        .mapToLong(layer -> layers.computeIfAbsent(layer, TreeUsage::of))
                        .sum();
    }
}
