package io.berth.registry.collection;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * When collection runs by itself.
 *
 * @param interval pause between two collections
 */
@ConfigurationProperties("berth.registry.gc.schedule")
record ScheduleProperties(@DefaultValue("10m") Duration interval) {
    ScheduleProperties {
        if (!interval.isPositive()) {
            throw new IllegalArgumentException("berth.registry.gc.schedule.interval: " + interval + " (expected: > 0)");
        }
    }
}
