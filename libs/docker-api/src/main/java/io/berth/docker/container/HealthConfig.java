package io.berth.docker.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A health check (Engine API, HealthConfig). Durations are nanoseconds; zero or absent inherits.
 *
 * @param test {@code ["NONE"]}, {@code ["CMD", …]} or {@code ["CMD-SHELL", command]}; empty inherits
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HealthConfig(
        @Nullable List<String> test,
        @Nullable Long interval,
        @Nullable Long timeout,
        @Nullable Long startPeriod,
        @Nullable Long startInterval,
        @Nullable Integer retries) {}
