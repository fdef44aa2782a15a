package io.berth.docker.error;

import org.jspecify.annotations.Nullable;

/** What the request asks for is already so: 304, without a body. */
public non-sealed class NotModified extends ApiException {
    private static final long serialVersionUID = 1L;

    public NotModified(String message) {
        super(message, null);
    }

    public NotModified(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
