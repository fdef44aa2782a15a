package io.berth.registry.durability;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * When garbage may be collected.
 *
 * @param grace how long blobs that no manifest names, and manifests that nothing keeps, stay all the same; longer than the
 *     longest push takes, and than the clocks of two processes differ
 * @param delay how long content stays after nothing names it any more, for those who are reading it and for backups
 * @param untagged whether manifests go, too, that neither a tag nor an index nor their subject keeps
 */
@ConfigurationProperties("berth.registry.gc")
record CollectionProperties(
        @DefaultValue("24h") Duration grace,
        @DefaultValue("1h") Duration delay,
        @DefaultValue("false") boolean untagged) {
    CollectionProperties {
        if (!grace.isPositive()) {
            throw new IllegalArgumentException("berth.registry.gc.grace: " + grace + " (expected: > 0)");
        }
        if (delay.isNegative()) {
            throw new IllegalArgumentException("berth.registry.gc.delay: " + delay + " (expected: >= 0)");
        }
    }
}
