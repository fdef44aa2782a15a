package io.berth.registry.collection;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Reading stored content again.
 *
 * @param period after which each blob's content is read again
 * @param rate how much is read in a second, so that those who pull hardly notice
 */
@ConfigurationProperties("berth.registry.scrub")
record ScrubProperties(
        @DefaultValue("30d") Duration period,
        @DefaultValue("20MB") DataSize rate) {
    ScrubProperties {
        if (!period.isPositive()) {
            throw new IllegalArgumentException("berth.registry.scrub.period: " + period + " (expected: > 0)");
        }
        if (rate.toBytes() <= 0) {
            throw new IllegalArgumentException("berth.registry.scrub.rate: " + rate + " (expected: > 0)");
        }
    }
}
