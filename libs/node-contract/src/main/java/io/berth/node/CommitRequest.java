package io.berth.node;

import io.berth.oci.Digest;
import io.berth.oci.ImageConfig.Execution;
import java.util.List;

/**
 * A container's changes, to become an image.
 *
 * @param parent the image that the container was made of
 * @param upperDirectory upper directory of the container's overlay, absolute; it is only read, and nothing writes to it
 *     meanwhile unless the user wants it so
 * @param command what the container ran, for the history
 * @param config how containers of the new image run, before the changes
 * @param changes Dockerfile instructions
 * @param comment or empty
 * @param author or empty
 * @param repository name to give it, or empty
 * @param tag of that name, or empty for {@code latest}
 */
public record CommitRequest(
        Digest parent,
        String upperDirectory,
        List<String> command,
        Execution config,
        List<String> changes,
        String comment,
        String author,
        String repository,
        String tag) {
    public CommitRequest {
        command = List.copyOf(command);
        changes = List.copyOf(changes);
    }

    /**
     * The new image.
     *
     * @param reference the name it was given, as Docker shows it; empty when none
     */
    public record Committed(Digest imageId, String reference) {}
}
