package io.berth.registry.storage;

import io.berth.oci.Digest;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where the bytes of blobs and manifests are. What is where, and who may see it, is in the database. Thread-safe.
 *
 * <p>Whoever stores something writes its location to {@link ContentRemovals} first and takes it off in the transaction that
 * names it, so that nothing is left behind when the process is killed between the two.
 */
public interface ContentStorage {
    /** A location for new content, which nothing has had before. */
    Location newLocation(Digest digest);

    /** Stores bytes; durable on return. */
    void write(Location location, byte[] content) throws IOException;

    /** Opens content; empty when there is none. The caller closes it. */
    Optional<Content> open(Location location) throws IOException;

    /** Removes content, if there is any. */
    void remove(Location location) throws IOException;

    /** Everything that is kept, in no order, read as it is asked for. The caller closes it. */
    Stream<Stored> stored() throws IOException;

    /** Whether this process alone uses the storage. */
    boolean exclusive();

    /** One piece of content that was found. */
    record Stored(Location location, long sizeBytes, Instant storedAt) {}

    /** Whether {@link #redirect} may have links at all. */
    default boolean redirects() {
        return false;
    }

    /** A link that lets its holder read the content for some minutes from elsewhere; empty when it is read here. */
    default Optional<URI> redirect(Location location) {
        return Optional.empty();
    }
}
