package io.berth.engine.log;

import io.berth.docker.container.LogConfig;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How containers log that do not say it themselves.
 *
 * @param driver name of a log driver
 * @param options of that driver, as with {@code docker run --log-opt}
 */
@ConfigurationProperties("berth.engine.log")
public record LogProperties(
        @DefaultValue("json-file") String driver,
        @DefaultValue Map<String, String> options) {
    public LogProperties {
        options = Map.copyOf(options);
        try {
            LogDrivers.check(new LogConfig(driver, options));
        } catch (LogDriverException e) {
            throw new IllegalArgumentException("berth.engine.log: " + e.getMessage(), e);
        }
    }

    /** As a container's own configuration. */
    public LogConfig config() {
        return new LogConfig(driver, options);
    }
}
