package io.berth.docker.network;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/** Asks for a container to be connected to a network (Engine API, NetworkConnectRequest). */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record NetworkConnectRequest(
        @Nullable String container, @Nullable EndpointConfig endpointConfig) {}
