package io.berth.docker.error;

import org.jspecify.annotations.Nullable;

/** The request does not fit the present state of what it names: 409. */
public non-sealed class Conflict extends ApiException {
    private static final long serialVersionUID = 1L;

    public Conflict(String message) {
        super(message, null);
    }

    public Conflict(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
