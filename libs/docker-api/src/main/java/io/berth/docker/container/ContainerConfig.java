package io.berth.docker.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What a container runs, as far as it does not depend on the host (Engine API, ContainerConfig). It is the body of a create
 * request, next to {@link CreateRequest}, and part of inspect.
 *
 * <pre>{"Image": "busybox", "Cmd": ["echo", "hi"], "Env": ["A=1"], "Tty": false}</pre>
 *
 * @param exposedPorts keys such as {@code 80/tcp}, values empty
 * @param env {@code NAME=value}; a bare {@code NAME} in a request removes the image's variable
 * @param stopTimeout seconds
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.ALWAYS)
public record ContainerConfig(
        String hostname,
        String domainname,
        String user,
        boolean attachStdin,
        boolean attachStdout,
        boolean attachStderr,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Map<String, Map<String, Object>> exposedPorts,
        boolean tty,
        boolean openStdin,
        boolean stdinOnce,
        @Nullable List<String> env,
        @Nullable List<String> cmd,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable HealthConfig healthcheck,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Boolean argsEscaped,
        String image,
        @Nullable Map<String, Map<String, Object>> volumes,
        String workingDir,
        @Nullable List<String> entrypoint,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Boolean networkDisabled,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String macAddress,
        @Nullable List<String> onBuild,
        @Nullable Map<String, String> labels,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String stopSignal,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Integer stopTimeout,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<String> shell) {

    /** Absent texts are empty, as in Go. */
    @SuppressWarnings("ConstantValue") // Jackson passes null for what the request leaves out
    public ContainerConfig {
        hostname = text(hostname);
        domainname = text(domainname);
        user = text(user);
        image = text(image);
        workingDir = text(workingDir);
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }
}
