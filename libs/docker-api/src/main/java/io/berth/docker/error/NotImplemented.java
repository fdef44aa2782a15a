package io.berth.docker.error;

import org.jspecify.annotations.Nullable;

/** The request is valid and not offered here: 501. */
public non-sealed class NotImplemented extends ApiException {
    private static final long serialVersionUID = 1L;

    public NotImplemented(String message) {
        super(message, null);
    }

    public NotImplemented(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
