package io.berth.registry.upload;

import io.berth.oci.Digest;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.repository.RepositoryName;
import io.berth.registry.storage.Content;
import io.berth.registry.storage.UploadStorage;
import io.berth.registry.storage.UploadWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One upload as this process knows it: the digest of what has arrived here.
 *
 * <p>The storage alone says how far the upload is. The digest runs along while one process receives everything; after a
 * restart, a failed write or a chunk that went to another process it is computed again from what is stored. One request writes
 * at a time: a second one is refused, since two writers of one upload are a client's mistake.
 */
final class UploadSession {
    private static final int BUFFER_SIZE = 128 * 1024;
    private static final int CONFLICT = 409;

    private final UUID id;
    private final RepositoryName repository;
    private final HashAlgorithm algorithm;
    private final String subject;
    private final UploadStorage storage;
    private final ReentrantLock writing = new ReentrantLock();
    /** Digest of the first {@link #hashed} bytes that are kept, null when it has to be computed again; by the lock. */
    private @Nullable MessageDigest running;
    /** By the lock. */
    private long hashed;
    /** Whether the session is over, finished or cancelled; by the lock. */
    private boolean closed;

    UploadSession(UUID id, RepositoryName repository, HashAlgorithm algorithm, String subject, UploadStorage storage) {
        this.id = id;
        this.repository = repository;
        this.algorithm = algorithm;
        this.subject = subject;
        this.storage = storage;
    }

    /** Who began it; nobody else may go on with it. */
    String subject() {
        return subject;
    }

    UUID id() {
        return id;
    }

    RepositoryName repository() {
        return repository;
    }

    /** How many bytes have arrived. */
    long offset() throws IOException {
        try {
            return storage.size(id);
        } catch (NoSuchFileException e) {
            throw unknown(e);
        }
    }

    /**
     * Runs something that changes the session, alone.
     *
     * @throws RegistryException 409 while another request writes, BLOB_UPLOAD_UNKNOWN when the session is over
     */
    <T> T exclusively(Change<T> change) throws IOException {
        if (!writing.tryLock()) {
            throw busy();
        }
        try {
            if (closed) {
                throw unknown(null);
            }
            try (UploadStorage.Claim claim = storage.claim(id).orElseThrow(UploadSession::busy)) {
                return change.run(claim);
            }
        } catch (NoSuchFileException e) {
            throw unknown(e);
        } finally {
            writing.unlock();
        }
    }

    private static RegistryException busy() {
        return RegistryException.of(
                CONFLICT, ErrorCode.BLOB_UPLOAD_INVALID, "another request is writing to this upload");
    }

    interface Change<T> {
        T run(UploadStorage.Claim claim) throws IOException;
    }

    /** Marks the session as over. Only inside {@link #exclusively}. */
    void close() {
        closed = true;
        running = null;
    }

    /**
     * Appends a chunk. Only inside {@link #exclusively}.
     *
     * @param keepPartial whether what arrived before the client vanished stays, so that it can resume
     * @return the new offset
     * @throws ChunkOutOfOrder when the chunk does not begin at the offset
     * @throws RegistryException SIZE_INVALID when the body does not have the announced length; nothing of it stays
     */
    long append(UploadStorage.Claim claim, Chunk chunk, boolean keepPartial) throws IOException {
        try (UploadWriter writer = claim.append()) {
            long start = writer.offset();
            if (chunk.placed() && chunk.first() != start) {
                throw new ChunkOutOfOrder(chunk.first(), start);
            }
            if (start == 0) {
                running = algorithm.newMessageDigest();
                hashed = 0;
            }
            boolean keep = keepPartial;
            try {
                copy(chunk, writer, start);
                keep = true;
            } catch (RegistryException e) {
                keep = false;
                throw e;
            } finally {
                finish(writer, keep);
            }
            return writer.offset();
        }
    }

    private void copy(Chunk chunk, UploadWriter writer, long start) throws IOException {
        // After a failed write the digest and what is stored differ: then it is computed again at the end.
        MessageDigest digest = hashed == start ? running : null;
        BodyHash hash = new BodyHash(digest);
        try (hash) {
            receive(chunk, writer, start, hash);
        } finally {
            if (digest != null) {
                hashed += hash.length();
            }
        }
    }

    private static void receive(Chunk chunk, UploadWriter writer, long start, BodyHash hash) throws IOException {
        int read;
        while ((read = chunk.body().read(hash.buffer())) >= 0) {
            if (chunk.length() >= 0 && writer.offset() - start + read > chunk.length()) {
                throw RegistryException.of(ErrorCode.SIZE_INVALID, "body is longer than announced");
            }
            writer.write(hash.buffer(), 0, read);
            hash.update(read); // what is stored, and nothing else
        }
        if (chunk.length() >= 0 && writer.offset() - start != chunk.length()) {
            throw RegistryException.of(ErrorCode.SIZE_INVALID, "body is shorter than announced");
        }
    }

    private void finish(UploadWriter writer, boolean keep) throws IOException {
        boolean kept = false;
        try {
            if (keep) {
                writer.commit();
                kept = true;
            }
        } finally {
            if (!kept) {
                running = null; // it has seen bytes that are gone
            }
        }
    }

    /**
     * The digest of the whole, if it is known or can be computed before the upload is complete. Only inside
     * {@link #exclusively}; knows nothing any more afterwards.
     *
     * @param wanted algorithm of the answer
     */
    Optional<Digest> digest(UploadStorage.Claim claim, HashAlgorithm wanted) throws IOException {
        MessageDigest known = running;
        running = null;
        if (known != null && wanted == algorithm && hashed == offset()) {
            return Optional.of(wanted.digest(known.digest()));
        }
        Optional<Content> stored = claim.open();
        if (stored.isEmpty()) {
            return Optional.empty();
        }
        try (Content content = stored.get()) {
            return Optional.of(digest(content, wanted));
        }
    }

    /** The digest of stored content. */
    static Digest digest(Content content, HashAlgorithm wanted) throws IOException {
        MessageDigest digest = wanted.newMessageDigest();
        byte[] buffer = new byte[BUFFER_SIZE];
        try (InputStream in = content.read(0, content.size())) {
            int read;
            while ((read = in.read(buffer)) >= 0) {
                digest.update(buffer, 0, read);
            }
        }
        return wanted.digest(digest.digest());
    }

    private RegistryException unknown(@Nullable Throwable cause) {
        RegistryException unknown = RegistryException.about(ErrorCode.BLOB_UPLOAD_UNKNOWN, "uuid", id);
        if (cause != null) {
            unknown.initCause(cause);
        }
        return unknown;
    }
}
