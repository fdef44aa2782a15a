package io.berth.gateway.resilience;

import java.time.Duration;

/**
 * How a backend is guarded.
 *
 * @param windowSize number of last calls that the failure rate is taken over
 * @param minimumCalls calls needed before the breaker may open
 * @param failureRatePercent the breaker opens at this share of failed calls, 1 to 100
 * @param openFor how long an open breaker refuses before it lets probes through
 * @param probes calls let through to find out whether the backend has recovered
 * @param maxConcurrent requests that may wait for a response head at once
 * @param share of those requests that one caller may have waiting, at one backend
 * @param restartPatience how long requests wait for a backend that has just stopped to accept connections; zero for not at
 *     all
 */
public record GuardSettings(
        int windowSize,
        int minimumCalls,
        float failureRatePercent,
        Duration openFor,
        int probes,
        int maxConcurrent,
        Share share,
        Duration restartPatience) {}
