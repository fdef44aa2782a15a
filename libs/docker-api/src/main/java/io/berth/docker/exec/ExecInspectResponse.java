package io.berth.docker.exec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The state of an exec.
 *
 * <pre>{"ID": "f33b…", "Running": false, "ExitCode": 2, "ContainerID": "b53e…", "Pid": 42000}</pre>
 *
 * @param exitCode null until it has ended
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.ALWAYS)
public record ExecInspectResponse(
        @JsonProperty("ID") String id,
        boolean running,
        @Nullable Integer exitCode,
        ProcessConfig processConfig,
        boolean openStdin,
        boolean openStderr,
        boolean openStdout,
        boolean canRemove,
        @JsonProperty("ContainerID") String containerId,
        String detachKeys,
        long pid) {

    /** What runs; the names are lower case here. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ProcessConfig(
            boolean tty,
            String entrypoint,
            List<String> arguments,
            @Nullable Boolean privileged,
            @Nullable String user) {}
}
