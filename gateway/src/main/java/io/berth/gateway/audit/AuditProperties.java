package io.berth.gateway.audit;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The audit log.
 *
 * @param keep how long entries are kept
 * @param maxEntries how many are kept at most
 * @param queue how many may wait to be written; more are counted as lost
 */
@Validated
@ConfigurationProperties("berth.gateway.audit")
record AuditProperties(
        @DefaultValue("90d") @NotNull @DurationMin(minutes = 1)
        Duration keep,

        @DefaultValue("1000000") @Min(1) int maxEntries,
        @DefaultValue("10000") @Min(1) @Max(1_000_000) int queue) {}
