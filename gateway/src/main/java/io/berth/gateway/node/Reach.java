package io.berth.gateway.node;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether a node answers.
 *
 * @param engineCause why the engine does not, or null when it does
 * @param imageCause why the image service does not, or null when it does
 * @param since when this began
 */
public record Reach(@Nullable String engineCause, @Nullable String imageCause, Instant since) {
    /** Whether the engine answers, without which a node is lost. */
    public boolean up() {
        return engineCause == null;
    }

    /** The cause that is worth telling, or null when all is well. */
    public @Nullable String cause() {
        return engineCause != null
                ? "engine: " + engineCause
                : imageCause != null ? "image-service: " + imageCause : null;
    }
}
