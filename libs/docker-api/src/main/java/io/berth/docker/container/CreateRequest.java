package io.berth.docker.container;

import io.berth.docker.network.EndpointConfig;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What a create request has beside the fields of {@link ContainerConfig}, which are at the top level of the same body: read
 * the body once as each.
 *
 * <pre>{"HostConfig": {…}, "NetworkingConfig": {"EndpointsConfig": {"bridge": {}}}}</pre>
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record CreateRequest(
        @Nullable HostConfig hostConfig, @Nullable NetworkingConfig networkingConfig) {

    /**
     * The networks to join.
     *
     * @param endpointsConfig by name of the network
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record NetworkingConfig(@Nullable Map<String, @Nullable EndpointConfig> endpointsConfig) {}
}
