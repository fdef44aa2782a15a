package io.berth.registry.storage.s3;

import io.berth.oci.Digest;
import io.berth.registry.storage.Content;
import io.berth.registry.storage.Location;
import io.berth.registry.storage.UploadStorage;
import io.berth.registry.storage.UploadWriter;
import io.berth.registry.storage.s3.S3UploadRows.State;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Uploads as S3's own uploads in parts, which become the blob's object without a copy. What is too short for a part is an object
 * of its own, {@code uploads/<id>/<uuid>}. Rows of the database say how far an upload is, so any process goes on with it.
 * Thread-safe.
 */
final class S3UploadStorage implements UploadStorage {
    private static final String TAILS = "uploads/";
    private static final int FIRST_BUFFER = 64 * 1024;

    private final S3Bucket bucket;
    private final S3UploadRows rows;
    private final S3UploadClaims claims;
    private final int partSize;

    S3UploadStorage(S3Bucket bucket, S3UploadRows rows, S3UploadClaims claims, int partSize) {
        this.bucket = bucket;
        this.rows = rows;
        this.claims = claims;
        this.partSize = partSize;
    }

    @Override
    public void create(UUID id) {
        rows.create(id);
    }

    @Override
    public long size(UUID id) throws IOException {
        State state = rows.state(id);
        return state.partBytes() + state.tailBytes();
    }

    @Override
    public Instant touchedAt(UUID id) throws IOException {
        return rows.touchedAt(id);
    }

    @Override
    public Optional<Claim> claim(UUID id) throws IOException {
        return claims.take(id).map(claim -> new S3Claim(id, claim));
    }

    private byte[] tail(State state) throws IOException {
        if (state.tail() == null) {
            return new byte[0];
        }
        try (InputStream in = bucket.read(state.tail(), 0, state.tailBytes())) {
            return in.readAllBytes();
        }
    }

    private static String key(UUID id) {
        return S3ContentStorage.location(id).value();
    }

    private static String tails(UUID id) {
        return TAILS + id + "/";
    }

    private final class S3Claim implements Claim {
        private final UUID id;
        private final String claim;

        S3Claim(UUID id, String claim) {
            this.id = id;
            this.claim = claim;
        }

        @Override
        public UploadWriter append() throws IOException {
            return new Writer(id, claim, rows.state(id));
        }

        /** Parts cannot be read. */
        @Override
        public Optional<Content> open() {
            return Optional.empty();
        }

        @Override
        public Location location(Digest digest) {
            return S3ContentStorage.location(id);
        }

        @Override
        public void complete(Location location) throws IOException {
            rows.require(id, claim);
            State state = rows.state(id);
            byte[] tail = tail(state);
            String multipart = state.multipart();
            if (multipart == null || state.tags().isEmpty()) {
                bucket.put(key(id), tail, tail.length);
                return;
            }
            // An upload that has gone was completed before, by a process that died right after.
            if (!complete(multipart, state.tags(), tail) && bucket.size(key(id)).isEmpty()) {
                throw new NoSuchFileException(id.toString());
            }
        }

        private boolean complete(String multipart, List<String> known, byte[] tail) throws IOException {
            List<String> tags = new ArrayList<>(known);
            if (tail.length > 0) {
                Optional<String> last = bucket.part(key(id), multipart, tags.size() + 1, tail, tail.length);
                if (last.isEmpty()) {
                    return false;
                }
                tags.add(last.get());
            }
            return bucket.complete(key(id), multipart, tags);
        }

        @Override
        public void discard() throws IOException {
            S3UploadStorage.this.discard(id);
        }

        @Override
        public void close() {
            claims.release(id, claim);
        }
    }

    private void discard(UUID id) throws IOException {
        String multipart = rows.state(id).multipart();
        if (multipart != null) {
            bucket.abort(key(id), multipart);
        }
        try (Stream<S3Bucket.Listed> tails = bucket.list(tails(id))) {
            for (S3Bucket.Listed tail : tails.toList()) {
                bucket.delete(tail.key());
            }
        }
        rows.delete(id);
    }

    /** Sends a part whenever there is enough for one. A part that is not committed is overwritten by the next of its number. */
    private final class Writer implements UploadWriter {
        private final UUID id;
        private final String claim;
        private final State before;
        private final List<String> tags;
        /** The bytes of the next part; grows up to its size. */
        private byte[] buffer;

        private int filled;
        private @Nullable String multipart;
        private long partBytes;

        Writer(UUID id, String claim, State before) throws IOException {
            this.id = id;
            this.claim = claim;
            this.before = before;
            tags = new ArrayList<>(before.tags());
            multipart = before.multipart();
            partBytes = before.partBytes();
            buffer = tail(before);
            filled = buffer.length;
        }

        @Override
        public long offset() {
            return partBytes + filled;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            int written = 0;
            while (written < length) {
                int step = Math.min(length - written, partSize - filled);
                if (buffer.length < filled + step) {
                    int doubled = (int) Math.min(partSize, Math.max(FIRST_BUFFER, 2L * buffer.length));
                    buffer = Arrays.copyOf(buffer, Math.max(filled + step, doubled));
                }
                System.arraycopy(bytes, offset + written, buffer, filled, step);
                filled += step;
                written += step;
                if (filled == partSize) {
                    send();
                }
            }
        }

        private void send() throws IOException {
            rows.require(id, claim);
            if (multipart == null) {
                multipart = bucket.begin(key(id));
                rows.began(id, claim, multipart); // before anything is in it, so that it is given back
            }
            tags.add(bucket.part(key(id), multipart, tags.size() + 1, buffer, filled)
                    .orElseThrow(() -> new NoSuchFileException(id.toString())));
            partBytes += filled;
            filled = 0;
        }

        @Override
        public void commit() throws IOException {
            if (offset() == before.partBytes() + before.tailBytes()) {
                return;
            }
            String tail = null;
            if (filled > 0) {
                tail = tails(id) + UUID.randomUUID();
                bucket.put(tail, buffer, filled);
            }
            rows.advance(id, claim, before.tags().size(), new State(multipart, tags, partBytes, tail, filled));
            if (before.tail() != null) {
                bucket.delete(before.tail());
            }
        }

        @Override
        public void close() {
            // What is not committed is in no row.
        }
    }

    /** Others use the storage, too: what belongs to no session may belong to one that begins at this moment. */
    @Override
    public Set<UUID> reconcile(Collection<UUID> known) {
        Set<UUID> unusable = new HashSet<>(known);
        unusable.removeAll(rows.ids());
        return unusable;
    }

    @Override
    public void removeOrphans(Collection<UUID> sessions, Instant before) throws IOException {
        for (UUID orphan : rows.orphans(before)) {
            discard(orphan);
        }
        Set<UUID> known = rows.ids();
        try (Stream<S3Bucket.Unfinished> unfinished = bucket.unfinished(S3ContentStorage.PREFIX)) {
            for (S3Bucket.Unfinished upload : (Iterable<S3Bucket.Unfinished>) unfinished::iterator) {
                // One that a process began and did not live to write down; its bytes cost money and no list of objects
                // shows them.
                Optional<UUID> id = id(upload.key());
                if (upload.begunAt().isBefore(before) && id.isPresent() && !known.contains(id.get())) {
                    bucket.abort(upload.key(), upload.upload());
                }
            }
        }
        try (Stream<S3Bucket.Listed> tails = bucket.list(TAILS)) {
            for (S3Bucket.Listed tail : (Iterable<S3Bucket.Listed>) tails::iterator) {
                if (tail.modifiedAt().isBefore(before) && !rows.names(tail.key())) {
                    bucket.delete(tail.key());
                }
            }
        } catch (UncheckedIOException e) {
            throw new IOException("cannot list unfinished uploads", e);
        }
    }

    private static Optional<UUID> id(String key) {
        try {
            return Optional.of(UUID.fromString(key.substring(key.lastIndexOf('/') + 1)));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // not ours
        }
    }
}
