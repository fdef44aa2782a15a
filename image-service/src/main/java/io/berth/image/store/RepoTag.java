package io.berth.image.store;

import io.berth.docker.error.InvalidParameter;
import io.berth.oci.ImageReference;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The name that a client gives in the two parameters {@code repo} and {@code tag} (moby: httputils.RepoTagReference). */
public final class RepoTag {
    private RepoTag() {}

    /**
     * The name to give an image, with {@code latest} when no tag is given; nothing when there is no repository.
     *
     * @throws InvalidParameter in Docker's words, for a malformed name or one with a digest
     */
    public static Optional<ImageReference> of(@Nullable String repo, @Nullable String tag) {
        if (repo == null || repo.isEmpty()) {
            return Optional.empty();
        }
        try {
            ImageReference reference = ImageReference.parse(repo);
            if (reference.digest() != null) {
                throw new InvalidParameter("cannot import digest reference");
            }
            if (tag != null && !tag.isEmpty()) {
                reference = reference.withTag(tag);
            }
            if (reference.familiarName().equals("sha256")) {
                throw new InvalidParameter("refusing to create an ambiguous tag using digest algorithm as name");
            }
            return Optional.of(reference.withDefaultTag());
        } catch (IllegalArgumentException e) {
            throw new InvalidParameter(String.valueOf(e.getMessage()), e);
        }
    }
}
