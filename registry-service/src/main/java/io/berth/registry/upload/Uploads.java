package io.berth.registry.upload;

import io.berth.oci.Digest;
import io.berth.registry.access.Callers;
import io.berth.registry.blob.BlobLinks;
import io.berth.registry.blob.BlobStore;
import io.berth.registry.durability.DurableTransactions;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.event.Change;
import io.berth.registry.event.Changes;
import io.berth.registry.repository.RepositoryName;
import io.berth.registry.repository.RepositoryRules;
import io.berth.registry.storage.Content;
import io.berth.registry.storage.ContentStorage;
import io.berth.registry.storage.Location;
import io.berth.registry.storage.UploadStorage;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.springframework.stereotype.Component;

/**
 * All upload sessions. Thread-safe.
 *
 * <p>A session is a row (which repository, which algorithm) and what the storage has of it, so it outlives the process and,
 * where processes share both, may go on in another one. It belongs to the repository it was started in and to whoever
 * started it: under another name, or for somebody else, it does not exist.
 */
@Component
public class Uploads {
    private final UploadRows rows;
    private final UploadStorage storage;
    private final ContentStorage contents;
    private final BlobStore store;
    private final BlobLinks links;
    private final RepositoryRules rules;
    private final Changes changes;
    private final DurableTransactions transactions;
    private final Clock clock;
    /** Sessions this process has touched; others are read from their row when asked for. */
    private final ConcurrentMap<UUID, UploadSession> sessions = new ConcurrentHashMap<>();

    Uploads(
            UploadRows rows,
            UploadStorage storage,
            ContentStorage contents,
            BlobStore store,
            BlobLinks links,
            RepositoryRules rules,
            Changes changes,
            DurableTransactions transactions) {
        this.rows = rows;
        this.storage = storage;
        this.contents = contents;
        this.store = store;
        this.links = links;
        this.rules = rules;
        this.changes = changes;
        this.transactions = transactions;
        this.clock = Clock.systemUTC();
    }

    /** Starts a session, ready for its first byte. */
    public UUID start(RepositoryName repository, HashAlgorithm algorithm) throws IOException {
        rules.beginUpload(repository);
        UUID id = UUID.randomUUID();
        // The storage first: a row without it would be a session that cannot be used.
        storage.create(id);
        String subject = subject();
        transactions.committed(() -> rows.save(new UploadEntity(id, repository, algorithm, clock.instant(), subject)));
        sessions.put(id, new UploadSession(id, repository, algorithm, subject, storage));
        return id;
    }

    /**
     * Takes a whole blob in one request, verifies it and links it; durable on return. Nobody is told of a session, so none is
     * written down; what a killed process leaves of it goes with the next start.
     *
     * @throws RegistryException DIGEST_INVALID when the content has another digest, SIZE_INVALID when it has not the announced
     *     length; nothing of it stays
     */
    public void take(RepositoryName repository, Digest digest, Chunk whole) throws IOException {
        rules.beginUpload(repository);
        UUID id = UUID.randomUUID();
        storage.create(id);
        UploadSession session =
                new UploadSession(id, repository, HashAlgorithm.of(digest.algorithm()), subject(), storage);
        Boolean verified = session.exclusively(claim -> {
            try {
                session.append(claim, whole, false);
                return complete(session, claim, digest);
            } finally {
                session.close();
                claim.discard();
            }
        });
        requireVerified(verified, digest);
    }

    private static void requireVerified(boolean verified, Digest digest) {
        if (!verified) {
            throw RegistryException.about(ErrorCode.DIGEST_INVALID, "digest", digest);
        }
    }

    /** How many bytes a session has. */
    public long offset(RepositoryName repository, String id) throws IOException {
        return session(repository, id).offset();
    }

    /**
     * Appends a chunk. When the client vanishes in its middle, what arrived stays, and the client can ask where to go on.
     *
     * @return the new offset
     */
    public long append(RepositoryName repository, String id, Chunk chunk) throws IOException {
        UploadSession session = session(repository, id);
        return session.exclusively(claim -> session.append(claim, chunk, true));
    }

    /**
     * Appends the last chunk, verifies the whole and links it as a blob of the repository; durable on return.
     *
     * @throws RegistryException DIGEST_INVALID when the content has another digest; the session is over then, since nothing
     *     can be appended that would repair it
     */
    public void finish(RepositoryName repository, String id, Digest digest, Chunk last) throws IOException {
        UploadSession session = session(repository, id);
        Boolean verified = session.exclusively(claim -> {
            // Not kept when it breaks off: a client that repeats the request sends all of it again.
            session.append(claim, last, false);
            boolean matches = complete(session, claim, digest);
            if (matches) {
                end(session, claim);
            } else {
                forget(session, claim);
            }
            return matches;
        });
        requireVerified(verified, digest);
    }

    /** Whether the upload has this digest and is now a blob of the repository. */
    private boolean complete(UploadSession session, UploadStorage.Claim claim, Digest digest) throws IOException {
        HashAlgorithm algorithm = HashAlgorithm.of(digest.algorithm());
        Optional<Digest> computed = session.digest(claim, algorithm);
        if (computed.isPresent() && !computed.get().equals(digest)) {
            return false;
        }
        Location location = claim.location(digest);
        store.announce(location);
        long size = session.offset();
        claim.complete(location);
        if (computed.isEmpty() && !digest(location, algorithm).equals(digest)) {
            store.reject(location, size);
            return false;
        }
        // After the content: a link must never name what a power loss could take.
        transactions.durable(() -> {
            links.link(session.repository(), new BlobStore.Staged(digest, location, size));
            changes.note(
                    Change.BLOB_PUSH,
                    session.repository().value(),
                    Map.of("digest", digest.toString(), "bytes", String.valueOf(size)));
            return rows.delete(session.id());
        });
        return true;
    }

    private Digest digest(Location location, HashAlgorithm algorithm) throws IOException {
        try (Content content = contents.open(location)
                .orElseThrow(() -> new NoSuchFileException(location.value(), null, "was stored a moment ago"))) {
            return UploadSession.digest(content, algorithm);
        }
    }

    /** Ends a session and gives its bytes back. */
    public void cancel(RepositoryName repository, String id) throws IOException {
        UploadSession session = session(repository, id);
        session.exclusively(claim -> {
            forget(session, claim);
            return true;
        });
    }

    private void forget(UploadSession session, UploadStorage.Claim claim) throws IOException {
        transactions.committed(() -> rows.delete(session.id()));
        end(session, claim);
    }

    private void end(UploadSession session, UploadStorage.Claim claim) throws IOException {
        session.close();
        sessions.remove(session.id());
        claim.discard();
    }

    /** Forgets sessions that have ended in another process. */
    void forgetAllBut(Collection<UUID> known) {
        sessions.keySet().retainAll(known);
    }

    private static String subject() {
        return Callers.current().subject().toString();
    }

    private UploadSession session(RepositoryName repository, String text) {
        UUID id = parse(text);
        UploadSession session = sessions.get(id);
        if (session == null) {
            UploadEntity row = rows.findById(id).orElseThrow(() -> unknown(text));
            session = sessions.computeIfAbsent(
                    id, key -> new UploadSession(key, row.repository(), row.algorithm(), row.subject(), storage));
        }
        if (!session.repository().equals(repository) || !session.subject().equals(subject())) {
            throw unknown(text);
        }
        return session;
    }

    private static UUID parse(String text) {
        try {
            UUID id = UUID.fromString(text);
            if (id.toString().equals(text)) { // fromString takes short forms too
                return id;
            }
        } catch (IllegalArgumentException e) {
            throw (RegistryException) unknown(text).initCause(e);
        }
        throw unknown(text);
    }

    private static RegistryException unknown(String id) {
        return RegistryException.about(ErrorCode.BLOB_UPLOAD_UNKNOWN, "uuid", id);
    }
}
