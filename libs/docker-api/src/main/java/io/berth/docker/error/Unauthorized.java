package io.berth.docker.error;

import org.jspecify.annotations.Nullable;

/** The caller is not known: 401. */
public non-sealed class Unauthorized extends ApiException {
    private static final long serialVersionUID = 1L;

    public Unauthorized(String message) {
        super(message, null);
    }

    public Unauthorized(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
