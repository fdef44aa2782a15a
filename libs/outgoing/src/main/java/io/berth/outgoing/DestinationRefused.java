package io.berth.outgoing;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A connection was not made, because whoever wanted it may not go there. The message is for them: it is the same for a name that
 * does not exist and for one of a private address, and for a port that is open and one that is not.
 */
public final class DestinationRefused extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * @param host as it was asked for
     * @param literal whether that is an address
     */
    DestinationRefused(String host, boolean literal, @Nullable Throwable cause) {
        super(
                "refusing to connect to " + host
                        + (literal
                                ? ": it is a private address, which is not allowed"
                                : ": there is no such host, or it has a private address, which is not allowed"),
                cause);
    }

    /** The refusal that a failure comes from; null when it comes from none. */
    public static @Nullable DestinationRefused in(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof DestinationRefused refused) {
                return refused;
            }
        }
        return null;
    }
}
