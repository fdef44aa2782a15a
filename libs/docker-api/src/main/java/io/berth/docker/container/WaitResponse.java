package io.berth.docker.container;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * Answer to a wait request.
 *
 * <pre>{"StatusCode": 0}</pre>
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record WaitResponse(long statusCode, @Nullable WaitError error) {
    /** Why there is no proper exit code. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record WaitError(String message) {}
}
