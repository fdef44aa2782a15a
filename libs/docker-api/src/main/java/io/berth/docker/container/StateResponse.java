package io.berth.docker.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A container's state in inspect (Engine API, ContainerState).
 *
 * <pre>{"Status": "running", "Running": true, "Pid": 1234, "ExitCode": 0, "StartedAt": "2020-01-06T09:06:59.4Z"}</pre>
 *
 * @param pid in the host's view; zero when it does not run
 * @param startedAt RFC 3339; year 1 when never
 * @param finishedAt RFC 3339; year 1 when never
 * @param health null without a health check
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record StateResponse(
        String status,
        boolean running,
        boolean paused,
        boolean restarting,
        @JsonProperty("OOMKilled") boolean oomKilled,
        boolean dead,
        long pid,
        int exitCode,
        String error,
        String startedAt,
        String finishedAt,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable HealthResponse health) {}
