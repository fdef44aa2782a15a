package io.berth.docker.container;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What an update request has beside resources, which are those of {@link HostConfig} (Engine API, ContainerUpdate).
 *
 * <pre>{"Memory": 314572800, "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 4}}</pre>
 *
 * @param restartPolicy null, or one without a name, stays as it is
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record UpdateRequest(@Nullable Policy restartPolicy) {
    /** A restart policy that may be none. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Policy(@Nullable String name, int maximumRetryCount) {}
}
