package io.berth.registry.manifest;

import io.berth.oci.Digest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bytes of manifests that were asked for lately. What a digest stands for never changes, so an entry is never wrong, whatever
 * other processes do; who may see it is asked elsewhere, each time. The arrays are shared: nobody changes them. Thread-safe.
 */
final class ManifestCache {
    /** One large index must not push out everything else. */
    private static final int PART = 16;

    private final long capacity;
    private final ReentrantLock lock = new ReentrantLock();
    /** Least recently used first; by the lock. */
    private final Map<Digest, byte[]> entries = new LinkedHashMap<>(64, 0.75f, true);
    /** Bytes of all entries; by the lock. */
    private long size;

    /** @param capacity in bytes; 0 keeps nothing */
    ManifestCache(long capacity) {
        this.capacity = capacity;
    }

    Optional<byte[]> find(Digest digest) {
        lock.lock();
        try {
            return Optional.ofNullable(entries.get(digest));
        } finally {
            lock.unlock();
        }
    }

    /** Keeps bytes that have this digest; not those that take more than a sixteenth of the capacity. */
    void keep(Digest digest, byte[] content) {
        if (content.length > capacity / PART) {
            return;
        }
        lock.lock();
        try {
            byte[] replaced = entries.put(digest, content);
            size += content.length - (replaced == null ? 0 : replaced.length);
            var eldest = entries.entrySet().iterator();
            while (size > capacity) {
                size -= eldest.next().getValue().length;
                eldest.remove();
            }
        } finally {
            lock.unlock();
        }
    }
}
