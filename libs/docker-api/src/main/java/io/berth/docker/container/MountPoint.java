package io.berth.docker.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A mount that a container has (Engine API, MountPoint).
 *
 * <pre>{"Type": "volume", "Name": "data", "Source": "/…/data/_data", "Destination": "/data", "Driver": "local", "Mode": "z", "RW": true}</pre>
 *
 * @param name of the volume, else null
 * @param source a path of the host; empty for tmpfs
 * @param driver of the volume, else null
 * @param mode the options as the user wrote them
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record MountPoint(
        String type,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Nullable
        String name,

        String source,
        String destination,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Nullable
        String driver,

        String mode,
        @JsonProperty("RW") boolean writable,
        String propagation) {}
