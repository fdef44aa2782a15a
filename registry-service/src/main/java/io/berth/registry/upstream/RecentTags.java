package io.berth.registry.upstream;

import io.berth.registry.repository.RepositoryName;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** Until when references need not be looked up at their registry again; those used last, in this process. Thread-safe. */
final class RecentTags {
    private static final int CAPACITY = 100_000;

    private final Map<Key, Instant> until = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Instant> eldest) {
            return size() > CAPACITY;
        }
    };

    record Key(RepositoryName repository, String reference) {}

    synchronized void keep(Key key, Instant limit) {
        until.put(key, limit);
    }

    synchronized boolean isRecent(Key key, Instant now) {
        Instant limit = until.get(key);
        return limit != null && now.isBefore(limit);
    }
}
