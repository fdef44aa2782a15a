package io.berth.registry.manifest;

import io.berth.oci.Digest;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.tag.TagName;
import java.util.Optional;

/** How a request names a manifest: by digest or by tag. */
public sealed interface ManifestReference {
    record ByDigest(Digest digest) implements ManifestReference {}

    record ByTag(TagName tag) implements ManifestReference {}

    /**
     * Reads the last segment of a manifest's path. Empty when it is neither, which a reader finds simply unknown.
     *
     * @throws RegistryException DIGEST_INVALID for something with a colon that is no complete digest
     */
    static Optional<ManifestReference> parse(String text) {
        if (text.indexOf(':') >= 0) {
            try {
                return Optional.of(new ByDigest(Digest.parse(text)));
            } catch (IllegalArgumentException e) {
                throw (RegistryException) RegistryException.of(ErrorCode.DIGEST_INVALID, "invalid digest")
                        .initCause(e);
            }
        }
        return TagName.isValid(text) ? Optional.of(new ByTag(new TagName(text))) : Optional.empty();
    }
}
