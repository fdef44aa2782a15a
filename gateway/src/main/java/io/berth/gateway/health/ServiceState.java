package io.berth.gateway.health;

import org.jspecify.annotations.Nullable;

/**
 * How one service answered when asked for its health.
 *
 * @param status {@code UP} or {@code DOWN}
 * @param cause why it is down, or null
 * @param millis time the answer took
 */
public record ServiceState(String status, @Nullable String cause, long millis) {
    public static ServiceState up(long millis) {
        return new ServiceState("UP", null, millis);
    }

    public static ServiceState down(String cause, long millis) {
        return new ServiceState("DOWN", cause, millis);
    }

    public boolean healthy() {
        return cause == null;
    }
}
