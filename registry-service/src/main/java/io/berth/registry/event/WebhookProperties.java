package io.berth.registry.event;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How webhooks are told.
 *
 * @param allowPrivate whether they may be at loopback, link-local or private addresses, which the registry reaches and those
 *     who make webhooks might not
 * @param timeout of one attempt
 * @param firstRetry pause after the first attempt that failed; doubled after each further one
 * @param longestRetry longest pause between attempts
 * @param giveUpAfter age at which a delivery is dropped
 */
@ConfigurationProperties("berth.registry.webhook")
record WebhookProperties(
        @DefaultValue("false") boolean allowPrivate,
        @DefaultValue("10s") Duration timeout,
        @DefaultValue("5s") Duration firstRetry,
        @DefaultValue("1h") Duration longestRetry,
        @DefaultValue("7d") Duration giveUpAfter) {
    private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(1);

    WebhookProperties {
        if (!timeout.isPositive()
                || timeout.compareTo(LONGEST_TIMEOUT) > 0
                || !firstRetry.isPositive()
                || longestRetry.compareTo(firstRetry) < 0
                || !giveUpAfter.isPositive()) {
            throw new IllegalArgumentException("berth.registry.webhook: timeout is at most 1m, first-retry and"
                    + " give-up-after are greater than 0, longest-retry not less than first-retry");
        }
    }

    /** The pause after so many attempts. */
    Duration pause(int attempts) {
        Duration doubled = firstRetry.multipliedBy(1L << Math.min(30, Math.max(0, attempts - 1)));
        return doubled.compareTo(longestRetry) < 0 ? doubled : longestRetry;
    }
}
