package io.berth.gateway.resilience;

/**
 * A snapshot of a backend's guard.
 *
 * @param breaker {@code CLOSED}, {@code OPEN} or {@code HALF_OPEN}
 * @param requests requests that wanted to go to the backend since the gateway started
 * @param failures those that got no response head
 * @param refusals those that the breaker or the bulkhead refused
 * @param waiting requests that wait for a response head now
 */
public record GuardState(String breaker, long requests, long failures, long refusals, int waiting) {}
