package io.berth.registry.manifest;

import io.berth.registry.repository.RepositoryName;
import java.io.IOException;

/**
 * Something that may refuse to hand out manifests. Asked with what is going to be sent, when a reference has been resolved, so
 * that nothing can change between the two; not asked by HEAD, which hands out nothing. Thread-safe.
 */
public interface ServingRule {
    /** @throws io.berth.registry.error.RegistryException to refuse it */
    void serve(RepositoryName repository, StoredManifest manifest) throws IOException;
}
