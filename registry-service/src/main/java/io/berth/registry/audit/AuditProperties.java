package io.berth.registry.audit;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How much of the audit log is kept.
 *
 * @param keep how long an entry is
 * @param maxEntries how many are; the oldest go first
 */
@ConfigurationProperties("berth.registry.audit")
record AuditProperties(
        @DefaultValue("365d") Duration keep,
        @DefaultValue("1000000") long maxEntries) {
    AuditProperties {
        if (!keep.isPositive() || maxEntries < 1) {
            throw new IllegalArgumentException("berth.registry.audit.keep and .max-entries must be greater than 0");
        }
    }
}
