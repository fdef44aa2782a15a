package io.berth.registry.upload;

import io.berth.oci.Digest;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.repository.RepositoryName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One upload: a file that grows, and the digest of what is in it.
 *
 * <p>The file alone says how far the upload is. The digest runs along while one process receives everything; after a
 * restart or a failed write it is computed again from the file. One request writes at a time: a second one is refused,
 * since two writers of one upload are a client's mistake.
 */
final class UploadSession {
    private static final int BUFFER_SIZE = 128 * 1024;
    private static final int CONFLICT = 409;

    private final UUID id;
    private final RepositoryName repository;
    private final HashAlgorithm algorithm;
    private final Path file;
    private final ReentrantLock writing = new ReentrantLock();
    /** Digest of the first {@link #hashed} bytes of the file, null when it has to be computed again; by the lock. */
    private @Nullable MessageDigest running;
    /** By the lock. */
    private long hashed;
    /** Whether the session is over, finished or cancelled; by the lock. */
    private boolean closed;

    UploadSession(UUID id, RepositoryName repository, HashAlgorithm algorithm, Path file) {
        this.id = id;
        this.repository = repository;
        this.algorithm = algorithm;
        this.file = file;
    }

    UUID id() {
        return id;
    }

    RepositoryName repository() {
        return repository;
    }

    Path file() {
        return file;
    }

    /** How many bytes have arrived. */
    long offset() throws IOException {
        try {
            return Files.size(file);
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
            throw RegistryException.of(
                    CONFLICT, ErrorCode.BLOB_UPLOAD_INVALID, "another request is writing to this upload");
        }
        try {
            if (closed) {
                throw unknown(null);
            }
            return change.run();
        } finally {
            writing.unlock();
        }
    }

    interface Change<T> {
        T run() throws IOException;
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
    long append(Chunk chunk, boolean keepPartial) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long start = channel.size();
            if (chunk.placed() && chunk.first() != start) {
                throw new ChunkOutOfOrder(chunk.first(), start);
            }
            boolean complete = false;
            try {
                long end = copy(chunk, channel, start);
                complete = true;
                return end;
            } catch (RegistryException e) {
                truncate(channel, start);
                throw e;
            } finally {
                if (!complete && !keepPartial) {
                    truncate(channel, start);
                }
            }
        } catch (NoSuchFileException e) {
            throw unknown(e);
        }
    }

    private long copy(Chunk chunk, FileChannel channel, long start) throws IOException {
        byte[] buffer = new byte[BUFFER_SIZE];
        long position = start;
        if (position == 0) {
            restartDigest();
        }
        int read;
        while ((read = chunk.body().read(buffer)) >= 0) {
            if (chunk.length() >= 0 && position - start + read > chunk.length()) {
                throw RegistryException.of(ErrorCode.SIZE_INVALID, "body is longer than announced");
            }
            write(channel, ByteBuffer.wrap(buffer, 0, read), position);
            // Only what is in the file is hashed: after a failed write the two would differ.
            if (running != null && hashed == position) {
                running.update(buffer, 0, read);
                hashed += read;
            }
            position += read;
        }
        if (chunk.length() >= 0 && position - start != chunk.length()) {
            throw RegistryException.of(ErrorCode.SIZE_INVALID, "body is shorter than announced");
        }
        return position;
    }

    private static void write(FileChannel channel, ByteBuffer bytes, long position) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    private void restartDigest() {
        running = algorithm.newMessageDigest();
        hashed = 0;
    }

    private void truncate(FileChannel channel, long size) throws IOException {
        channel.truncate(size);
        running = null; // it has seen bytes that are gone
    }

    /**
     * Syncs the file and says what its digest is. Only inside {@link #exclusively}.
     *
     * @param wanted algorithm of the answer
     */
    Digest complete(HashAlgorithm wanted) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MessageDigest digest = running;
            running = null;
            if (digest == null || wanted != algorithm || hashed != channel.size()) {
                digest = wanted.newMessageDigest();
                hash(channel, digest);
            }
            channel.force(true);
            return wanted.digest(digest.digest());
        } catch (NoSuchFileException e) {
            throw unknown(e);
        }
    }

    private static void hash(FileChannel channel, MessageDigest digest) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_SIZE);
        channel.position(0);
        while (channel.read(buffer) >= 0) {
            digest.update(buffer.flip());
            buffer.clear();
        }
    }

    private RegistryException unknown(@Nullable Throwable cause) {
        RegistryException unknown = RegistryException.about(ErrorCode.BLOB_UPLOAD_UNKNOWN, "uuid", id);
        if (cause != null) {
            unknown.initCause(cause);
        }
        return unknown;
    }
}
