package io.berth.docker.container;

import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A relative weight of one block device (Engine API, WeightDevice).
 *
 * @param path of the device on the host
 * @param weight 10 to 1000
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record WeightDevice(String path, int weight) {
    @SuppressWarnings("ConstantValue") // Jackson passes null for what the request leaves out
    public WeightDevice {
        path = path == null ? "" : path;
    }
}
