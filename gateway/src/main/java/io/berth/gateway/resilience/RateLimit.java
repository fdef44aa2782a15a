package io.berth.gateway.resilience;

import java.time.Duration;

/**
 * A number of requests that each client of a role may make.
 *
 * @param requests at least 1
 * @param per the time in which it may make them
 */
public record RateLimit(int requests, Duration per) {}
