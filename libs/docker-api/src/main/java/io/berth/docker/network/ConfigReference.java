package io.berth.docker.network;

import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * Names another network whose configuration is used (Engine API, ConfigReference).
 *
 * @param network its name; empty for none
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record ConfigReference(String network) {}
