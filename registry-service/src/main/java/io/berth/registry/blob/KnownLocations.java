package io.berth.registry.blob;

import io.berth.oci.Digest;
import io.berth.registry.storage.Location;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where the blobs are that were read last, so that a read need not ask the database. May be out of date, which shows when the
 * location has nothing: no location is used twice. Thread-safe.
 */
final class KnownLocations {
    private static final int CAPACITY = 10_000;

    private final Map<Digest, Location> locations = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Digest, Location> eldest) {
            return size() > CAPACITY;
        }
    };

    synchronized Optional<Location> of(Digest digest) {
        return Optional.ofNullable(locations.get(digest));
    }

    synchronized void remember(Digest digest, Location location) {
        locations.put(digest, location);
    }

    synchronized void forget(Digest digest) {
        locations.remove(digest);
    }
}
