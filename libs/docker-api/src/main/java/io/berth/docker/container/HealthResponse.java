package io.berth.docker.container;

import java.util.List;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A container's health in inspect (Engine API, Health).
 *
 * <pre>{"Status": "healthy", "FailingStreak": 0, "Log": [{"Start": "2020-01-04T10:44:24.4Z", "End": "…", "ExitCode": 0, "Output": ""}]}</pre>
 *
 * @param status {@code starting}, {@code healthy} or {@code unhealthy}
 * @param failingStreak failures in a row
 * @param log the last results, oldest first
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record HealthResponse(String status, int failingStreak, List<Result> log) {
    /**
     * The result of one probe.
     *
     * @param start RFC 3339
     * @param end RFC 3339
     * @param exitCode 0 is healthy; -1 when the probe did not end in time or could not be started
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Result(String start, String end, int exitCode, String output) {}
}
