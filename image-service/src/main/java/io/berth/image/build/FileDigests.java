package io.berth.image.build;

import io.berth.linux.fd.FileStat;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/**
 * Digests of files that were read before, by inode and the time it last changed: a context that stays from one build to the next is
 * read once. Thread-safe, in memory, bounded.
 */
@Component
final class FileDigests {
    private static final int MOST = 200_000;

    private final Map<Inode, String> digests = new LinkedHashMap<>(1024, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Inode, String> eldest) {
            return size() > MOST;
        }
    };

    private record Inode(int major, int minor, long number, long size, Instant changed) {}

    /** The digest of a file's content, by reading it unless that was done. */
    String of(FileStat stat, Supplier<String> read) {
        Inode inode = new Inode(stat.deviceMajor(), stat.deviceMinor(), stat.inode(), stat.size(), stat.changed());
        synchronized (digests) {
            String known = digests.get(inode);
            if (known != null) {
                return known;
            }
        }
        String digest = read.get();
        // What changed a moment ago may change again within the same tick of the clock.
        if (stat.changed().isBefore(Instant.now().minusMillis(50))) {
            synchronized (digests) {
                digests.put(inode, digest);
            }
        }
        return digest;
    }
}
