package io.berth.docker.error;

import org.jspecify.annotations.Nullable;

/** Something failed that the caller cannot mend: 500. */
public non-sealed class SystemFailure extends ApiException {
    private static final long serialVersionUID = 1L;

    public SystemFailure(String message) {
        super(message, null);
    }

    public SystemFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
