package io.berth.docker.network;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * Asks for a container to be disconnected from a network (Engine API, NetworkDisconnectRequest).
 *
 * @param force also one that does not exist any more
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record NetworkDisconnectRequest(@Nullable String container, boolean force) {}
