package io.berth.docker.error;

import org.jspecify.annotations.Nullable;

/** A part of the platform that the request needs does not answer now: 503. */
public non-sealed class Unavailable extends ApiException {
    private static final long serialVersionUID = 1L;

    public Unavailable(String message) {
        super(message, null);
    }

    public Unavailable(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
