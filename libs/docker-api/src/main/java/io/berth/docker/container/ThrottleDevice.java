package io.berth.docker.container;

import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A limit of one block device (Engine API, ThrottleDevice).
 *
 * @param path of the device on the host
 * @param rate bytes or operations per second, by the field it is in
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record ThrottleDevice(String path, long rate) {
    @SuppressWarnings("ConstantValue") // Jackson passes null for what the request leaves out
    public ThrottleDevice {
        path = path == null ? "" : path;
    }
}
