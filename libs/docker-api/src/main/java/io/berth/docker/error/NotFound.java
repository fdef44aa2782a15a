package io.berth.docker.error;

import org.jspecify.annotations.Nullable;

/** What the request names does not exist: 404. */
public non-sealed class NotFound extends ApiException {
    private static final long serialVersionUID = 1L;

    public NotFound(String message) {
        super(message, null);
    }

    public NotFound(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
