package io.berth.docker.error;

import org.jspecify.annotations.Nullable;

/** The caller is known and may not: 403. */
public non-sealed class Forbidden extends ApiException {
    private static final long serialVersionUID = 1L;

    public Forbidden(String message) {
        super(message, null);
    }

    public Forbidden(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
