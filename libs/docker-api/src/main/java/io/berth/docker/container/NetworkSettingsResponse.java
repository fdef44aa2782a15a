package io.berth.docker.container;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A container's network in inspect (Engine API, NetworkSettings).
 *
 * @param sandboxKey path of the network namespace; empty when it does not run
 * @param ports published ports by container port
 * @param networks joined networks by name
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record NetworkSettingsResponse(
        @JsonProperty("SandboxID") String sandboxId,
        String sandboxKey,
        Map<String, @Nullable List<Map<String, String>>> ports,
        Map<String, Map<String, Object>> networks) {}
