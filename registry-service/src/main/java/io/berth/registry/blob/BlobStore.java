package io.berth.registry.blob;

import io.berth.oci.Digest;
import io.berth.registry.durability.DurableTransactions;
import io.berth.registry.storage.Content;
import io.berth.registry.storage.ContentRemovals;
import io.berth.registry.storage.ContentStorage;
import io.berth.registry.storage.Location;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Content by digest, once for all repositories. Who may see a blob is not decided here. Thread-safe.
 *
 * <p>Storing takes two steps, so that nothing is left over when the process is killed between them: the bytes are stored
 * ({@link #stage}, or an upload), then a transaction makes them the content of their digest ({@link #adopt}) and links them.
 */
@Component
public class BlobStore {
    private final BlobRows rows;
    private final ContentStorage storage;
    private final ContentRemovals removals;
    private final DurableTransactions transactions;
    private final KnownLocations known = new KnownLocations();

    BlobStore(BlobRows rows, ContentStorage storage, ContentRemovals removals, DurableTransactions transactions) {
        this.rows = rows;
        this.storage = storage;
        this.removals = removals;
        this.transactions = transactions;
    }

    /** Opens a blob; empty when the store has none of this digest. The caller closes it. */
    public Optional<Content> open(Digest digest) throws IOException {
        Optional<Location> remembered = known.of(digest);
        if (remembered.isPresent()) {
            Optional<Content> content = storage.open(remembered.get());
            if (content.isPresent()) {
                return content;
            }
        }
        Optional<Location> current = located(digest);
        return current.isPresent() ? storage.open(current.get()) : Optional.empty();
    }

    private Optional<Location> located(Digest digest) {
        Optional<Location> location = rows.location(digest);
        location.ifPresentOrElse(found -> known.remember(digest, found), () -> known.forget(digest));
        return location;
    }

    /** A link under which the storage itself hands out a blob for some minutes; empty when it is to be read here. */
    public Optional<URI> redirect(Digest digest) {
        return storage.redirects() ? located(digest).flatMap(storage::redirect) : Optional.empty();
    }

    /**
     * Stores bytes whose digest the caller has verified; durable on return. They are removed again unless a transaction
     * adopts them.
     */
    public Staged stage(Digest digest, byte[] content) throws IOException {
        Location location = storage.newLocation(digest);
        announce(location);
        storage.write(location, content);
        return new Staged(digest, location, content.length);
    }

    /** Says that content is going to be stored; committed on return. */
    public void announce(Location location) {
        transactions.committed(() -> {
            removals.announce(location);
            return location;
        });
    }

    /** Has bytes removed soon that were announced and are not what they should be. */
    public void reject(Location location, long sizeBytes) {
        transactions.committed(() -> {
            removals.enqueue(location, sizeBytes, Instant.now());
            return location;
        });
    }

    /**
     * Makes staged bytes the content of their digest. What a blob of this digest had before is removed after a while: the
     * bytes are the same, and what was damaged heals. Belongs into a transaction of the caller's, which links the digest.
     */
    public void adopt(Staged staged) {
        removals.keep(staged.location());
        rows.store(staged);
    }

    /** Bytes that are stored and that no digest names yet. */
    public record Staged(Digest digest, Location location, long sizeBytes) {}
}
