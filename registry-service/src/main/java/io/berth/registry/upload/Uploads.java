package io.berth.registry.upload;

import io.berth.oci.Digest;
import io.berth.registry.blob.BlobLinks;
import io.berth.registry.blob.FileBlobStore;
import io.berth.registry.durability.DataDirectory;
import io.berth.registry.durability.DurableTransactions;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.repository.RepositoryName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.springframework.stereotype.Component;

/**
 * All upload sessions. Thread-safe.
 *
 * <p>A session is a row (which repository, which algorithm) and a file (the bytes), so it outlives the process. It belongs
 * to the repository it was started in: under another name it does not exist.
 */
@Component
public class Uploads {
    private final UploadRows rows;
    private final DataDirectory directory;
    private final FileBlobStore store;
    private final BlobLinks links;
    private final DurableTransactions transactions;
    private final Clock clock;
    /** Sessions this process has touched; others are read from their row when asked for. */
    private final ConcurrentMap<UUID, UploadSession> sessions = new ConcurrentHashMap<>();

    Uploads(
            UploadRows rows,
            DataDirectory directory,
            FileBlobStore store,
            BlobLinks links,
            DurableTransactions transactions) {
        this.rows = rows;
        this.directory = directory;
        this.store = store;
        this.links = links;
        this.transactions = transactions;
        this.clock = Clock.systemUTC();
    }

    /** Starts a session, ready for its first byte. */
    public UUID start(RepositoryName repository, HashAlgorithm algorithm) throws IOException {
        UUID id = UUID.randomUUID();
        // The file first: a row without one would be a session that cannot be used.
        Files.createFile(file(id));
        transactions.committed(() -> rows.save(new UploadEntity(id, repository, algorithm, clock.instant())));
        sessions.put(id, new UploadSession(id, repository, algorithm, file(id)));
        return id;
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
        return session.exclusively(() -> session.append(chunk, true));
    }

    /**
     * Appends the last chunk, verifies the whole and links it as a blob of the repository; durable on return.
     *
     * @throws RegistryException DIGEST_INVALID when the content has another digest; the session is over then, since nothing
     *     can be appended that would repair it
     */
    public void finish(RepositoryName repository, String id, Digest digest, Chunk last) throws IOException {
        UploadSession session = session(repository, id);
        Boolean verified = session.exclusively(() -> {
            // Not kept when it breaks off: a client that repeats the request sends all of it again.
            session.append(last, false);
            boolean matches =
                    session.complete(HashAlgorithm.of(digest.algorithm())).equals(digest);
            if (matches) {
                publish(session, digest);
            }
            forget(session);
            return matches;
        });
        if (!verified) {
            throw RegistryException.about(ErrorCode.DIGEST_INVALID, "digest", digest);
        }
    }

    private void publish(UploadSession session, Digest digest) throws IOException {
        long size = session.offset();
        store.publish(session.file(), digest);
        // After the rename: a link must never name content that a power loss could take.
        transactions.durable(() -> {
            links.link(session.repository(), digest, size);
            return rows.delete(session.id());
        });
    }

    /** Ends a session and gives its bytes back. */
    public void cancel(RepositoryName repository, String id) throws IOException {
        UploadSession session = session(repository, id);
        session.exclusively(() -> {
            forget(session);
            return true;
        });
    }

    private void forget(UploadSession session) throws IOException {
        transactions.committed(() -> rows.delete(session.id()));
        session.close();
        sessions.remove(session.id());
        Files.deleteIfExists(session.file());
    }

    private UploadSession session(RepositoryName repository, String text) {
        UUID id = parse(text);
        UploadSession session = sessions.get(id);
        if (session == null) {
            UploadEntity row = rows.findById(id).orElseThrow(() -> unknown(text));
            session = sessions.computeIfAbsent(
                    id, key -> new UploadSession(key, row.repository(), row.algorithm(), file(key)));
        }
        if (!session.repository().equals(repository)) {
            throw unknown(text);
        }
        return session;
    }

    private Path file(UUID id) {
        return directory.uploads().resolve(id.toString());
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
