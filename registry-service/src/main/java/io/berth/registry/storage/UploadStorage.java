package io.berth.registry.storage;

import io.berth.oci.Digest;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The bytes of upload sessions, until they are complete. Thread-safe; the changes of one session are made by one claim at a
 * time. Every method that names a session throws {@link NoSuchFileException} when there is none of this id.
 */
public interface UploadStorage {
    /** Begins an empty one. */
    void create(UUID id) throws IOException;

    /** How many bytes are kept, also if this process dies now. */
    long size(UUID id) throws IOException;

    /** When something was last added. */
    Instant touchedAt(UUID id) throws IOException;

    /**
     * Takes the right to change a session, alone among all processes that share the storage; empty while another one has
     * it. A process that dies loses it.
     */
    Optional<Claim> claim(UUID id) throws IOException;

    /** The right to change a session; given back by {@link #close()}. */
    interface Claim extends Closeable {
        /** Appends to what is there. The caller closes it. */
        UploadWriter append() throws IOException;

        /** What is there, if it can be read before it is complete. */
        Optional<Content> open() throws IOException;

        /** Where {@link #complete} will put it. */
        Location location(Digest digest) throws IOException;

        /**
         * Makes the session's bytes content; durable on return. The session itself is still to be discarded.
         *
         * @param location of {@link #location}
         */
        void complete(Location location) throws IOException;

        /** Ends the session, complete or not. What was completed stays. */
        void discard() throws IOException;

        @Override
        void close() throws IOException;
    }

    /**
     * Brings sessions and bytes together after a start, when only this process has been using the storage: gives back what
     * belongs to no session.
     *
     * @param known every session there is
     * @return those that have no bytes any more, and are to be forgotten
     */
    Set<UUID> reconcile(Collection<UUID> known) throws IOException;

    /**
     * Gives back what belongs to no session, while sessions go on: what a process that shares the storage left when it died.
     *
     * @param known sessions there were a moment ago
     * @param before time before which it was last touched
     */
    default void removeOrphans(Collection<UUID> known, Instant before) throws IOException {
        // Where one process has the storage, reconcile has done it.
    }
}
