package io.berth.registryclient;

import java.time.Duration;

/**
 * How patient a registry client is.
 *
 * @param attempts how often a request is tried before its failure is final, at least 1
 * @param firstPause before the second attempt; doubles with each further one
 * @param longestPause upper bound of any pause, also of one that a registry asks for by {@code Retry-After}
 * @param connectTimeout for one connection
 * @param silence longest time without a byte from (or, when uploading, to) the registry
 */
public record TransferLimits(
        int attempts, Duration firstPause, Duration longestPause, Duration connectTimeout, Duration silence) {
    public TransferLimits {
        if (attempts < 1) {
            throw new IllegalArgumentException("attempts: " + attempts + " (expected: >= 1)");
        }
    }

    /** The same patience for a single attempt. */
    TransferLimits once() {
        return new TransferLimits(1, firstPause, longestPause, connectTimeout, silence);
    }

    /** The pause after this many failed attempts. */
    Duration pauseAfter(int failedAttempts) {
        Duration pause = firstPause.multipliedBy(1L << Math.min(failedAttempts - 1, 16));
        return pause.compareTo(longestPause) < 0 ? pause : longestPause;
    }
}
