package io.berth.engine.network.runtime;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** The kernel refused something. */
public final class NetworkFailure extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    public NetworkFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
