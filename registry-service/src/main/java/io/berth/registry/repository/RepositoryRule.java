package io.berth.registry.repository;

import io.berth.oci.Digest;

/**
 * Something that may refuse changes of a repository which are allowed otherwise. Each method is called within the transaction
 * that makes the change, before it is made, and throws a {@link io.berth.registry.error.RegistryException} to refuse it.
 * Thread-safe.
 */
public interface RepositoryRule {
    /** Somebody begins to send a blob of unknown size; not within a transaction. */
    default void beginUpload(RepositoryName repository) {}

    /** A blob is to be linked; perhaps it is already. */
    default void linkBlob(RepositoryName repository, Digest digest, long sizeBytes) {}

    /** A manifest is to be stored; perhaps it is already. */
    default void storeManifest(RepositoryName repository, Digest digest, long sizeBytes) {}

    /** A tag is to point at another manifest than it does, or to go; not asked of the tags of other registries. */
    default void changeTag(RepositoryName repository, String tag) {}
}
