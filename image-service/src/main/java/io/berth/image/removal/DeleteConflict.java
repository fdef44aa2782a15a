package io.berth.image.removal;

import io.berth.docker.error.Conflict;
import io.berth.oci.Digest;

/** Why an image cannot be deleted, in exactly Docker's words (moby: daemon/images/image_delete.go). */
public final class DeleteConflict extends Conflict {
    private static final long serialVersionUID = 1L;

    private final boolean used;

    private DeleteConflict(String message, boolean used) {
        super(message);
        this.used = used;
    }

    /** Whether a container is the reason. */
    boolean used() {
        return used;
    }

    static DeleteConflict running(Digest imageId, String containerId) {
        return new DeleteConflict(
                "conflict: unable to delete " + imageId.shortHex()
                        + " (cannot be forced) - image is being used by running container " + shorten(containerId),
                true);
    }

    static DeleteConflict stopped(Digest imageId, String containerId) {
        return new DeleteConflict(
                "conflict: unable to delete " + imageId.shortHex()
                        + " (must be forced) - image is being used by stopped container " + shorten(containerId),
                true);
    }

    static DeleteConflict referenced(Digest imageId) {
        return new DeleteConflict(
                "conflict: unable to delete " + imageId.shortHex()
                        + " (must be forced) - image is referenced in multiple repositories",
                false);
    }

    static DeleteConflict reference(String reference, String containerId, Digest imageId) {
        return new DeleteConflict(
                "conflict: unable to remove repository reference \"" + reference + "\" (must force) - container "
                        + shorten(containerId) + " is using its referenced image " + imageId.shortHex(),
                true);
    }

    private static String shorten(String containerId) {
        return containerId.substring(0, Math.min(12, containerId.length()));
    }
}
