package io.berth.image.layer;

import io.berth.docker.error.InvalidParameter;
import org.jspecify.annotations.Nullable;

/** A layer's archive is malformed, tries to leave its root, or exceeds a limit. Nothing of it is kept. */
public final class InvalidLayer extends InvalidParameter {
    private static final long serialVersionUID = 1L;

    public InvalidLayer(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
