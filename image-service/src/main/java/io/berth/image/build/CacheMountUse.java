package io.berth.image.build;

import io.berth.dockerfile.RunMount;
import io.berth.image.cache.CacheMounts;
import io.berth.image.cache.CacheMounts.CacheMount;
import io.berth.image.layer.Layer;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.TreeCopy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The caches that commands of one build have mounted. One that is not here, but in a cache that the client has named, begins with what
 * is there, under a name of its own: builds that do not name that cache never see it. A project's caches are in its own builds alone.
 * Thread-safe.
 */
final class CacheMountUse {
    private final CacheMounts mounts;
    private final StepResults results;
    private final String project;
    private final Map<String, Used> used = new ConcurrentSkipListMap<>();

    /**
     * A cache.
     *
     * @param id as the Dockerfile has it
     * @param key by which this node has it
     * @param imported what it began with; null for this node's own
     */
    record Used(String id, String key, @Nullable Layer imported) {}

    /** @param project whose caches these are; empty for those of operators */
    CacheMountUse(CacheMounts mounts, StepResults results, String project) {
        this.project = project;
        this.mounts = mounts;
        this.results = results;
    }

    /** A command names a cache, and may not even run. */
    void named(String id) {
        used.putIfAbsent(id, new Used(id, key(id), null));
    }

    /** An id of an operator's cannot have a line break in front. */
    private String key(String id) {
        return project.isEmpty() ? id : "\nproject " + project + "\n" + id;
    }

    /** @param fill gives a new cache what it begins with, unless it is in one that the client has named */
    CacheMount take(RunMount.Cache cache, Consumer<Directory> fill) throws InterruptedException {
        String id = cache.id();
        CacheMounts.Sharing sharing =
                CacheMounts.Sharing.valueOf(cache.sharing().name());
        Optional<Layer> imported = mounts.exists(key(id)) ? Optional.empty() : results.importedMount(id);
        if (imported.isEmpty()) {
            return mounts.take(key(id), sharing, fill);
        }
        Layer layer = imported.get();
        String key = key(id) + " of " + layer.diffId();
        used.put(id, new Used(id, key, layer));
        return mounts.take(key, sharing, content -> {
            try (Directory begin = Directory.open(layer.directory())) {
                TreeCopy.copy(begin, content);
            }
        });
    }

    /** Sorted by id. */
    List<Used> all() {
        return List.copyOf(used.values());
    }
}
