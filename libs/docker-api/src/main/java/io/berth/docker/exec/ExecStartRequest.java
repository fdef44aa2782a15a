package io.berth.docker.exec;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * How to start an exec.
 *
 * <pre>{"Detach": false, "Tty": true, "ConsoleSize": [40, 120]}</pre>
 *
 * @param consoleSize rows and columns
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record ExecStartRequest(
        boolean detach, boolean tty, @Nullable List<Integer> consoleSize) {}
