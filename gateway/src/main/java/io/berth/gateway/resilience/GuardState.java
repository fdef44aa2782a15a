package io.berth.gateway.resilience;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of a backend's guard.
 *
 * @param breaker {@code CLOSED}, {@code OPEN} or {@code HALF_OPEN}; by an operator's wish also {@code FORCED_OPEN}, which
 *     lets nothing pass, or {@code DISABLED}, which lets everything pass
 * @param requests requests that wanted to go to the backend since the gateway started
 * @param failures those that got no response head
 * @param refusals those that the breaker or the bulkhead refused
 * @param retries requests that were sent a second time
 * @param waiting requests that wait for a response head now
 * @param unreachableMillis how long the backend has accepted no connection, 0 when it does
 * @param lastFailure the last request that got no response head, or null
 */
public record GuardState(
        String breaker,
        long requests,
        long failures,
        long refusals,
        long retries,
        int waiting,
        long unreachableMillis,
        @Nullable Failure lastFailure) {
    /**
     * A request without an answer.
     *
     * @param at when it was given up
     * @param cause what was seen
     */
    public record Failure(Instant at, String cause) {}
}
