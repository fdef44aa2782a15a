package io.berth.docker.container;

import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A device of the host that a container gets (Engine API, DeviceMapping).
 *
 * @param cgroupPermissions any of {@code r}, {@code w}, {@code m}; empty is all three
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record DeviceMapping(String pathOnHost, String pathInContainer, String cgroupPermissions) {
    @SuppressWarnings("ConstantValue") // Jackson passes null for what the request leaves out
    public DeviceMapping {
        pathOnHost = pathOnHost == null ? "" : pathOnHost;
        pathInContainer = pathInContainer == null || pathInContainer.isEmpty() ? pathOnHost : pathInContainer;
        cgroupPermissions = cgroupPermissions == null || cgroupPermissions.isEmpty() ? "rwm" : cgroupPermissions;
    }
}
