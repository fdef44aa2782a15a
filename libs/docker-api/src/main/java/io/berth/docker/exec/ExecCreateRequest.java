package io.berth.docker.exec;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A command to run in a running container.
 *
 * <pre>{"AttachStdout": true, "AttachStderr": true, "Cmd": ["date"], "Env": ["A=1"], "Tty": false}</pre>
 *
 * @param consoleSize rows and columns
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record ExecCreateRequest(
        String user,
        boolean privileged,
        boolean tty,
        @Nullable List<Integer> consoleSize,
        boolean attachStdin,
        boolean attachStderr,
        boolean attachStdout,
        String detachKeys,
        List<String> env,
        String workingDir,
        List<String> cmd) {

    /** Absent texts and lists are empty, as in Go. */
    @SuppressWarnings("ConstantValue") // Jackson passes null for what the request leaves out
    public ExecCreateRequest {
        user = user == null ? "" : user;
        detachKeys = detachKeys == null ? "" : detachKeys;
        env = env == null ? List.of() : List.copyOf(env);
        workingDir = workingDir == null ? "" : workingDir;
        cmd = cmd == null ? List.of() : List.copyOf(cmd);
    }
}
