package io.berth.docker.error;

import org.jspecify.annotations.Nullable;

/** The request is malformed or asks for something that makes no sense: 400. */
public non-sealed class InvalidParameter extends ApiException {
    private static final long serialVersionUID = 1L;

    public InvalidParameter(String message) {
        super(message, null);
    }

    public InvalidParameter(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
