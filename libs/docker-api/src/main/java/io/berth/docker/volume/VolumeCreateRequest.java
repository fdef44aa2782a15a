package io.berth.docker.volume;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A volume to be created (Engine API, VolumeCreateRequest).
 *
 * <pre>{"Name": "data", "Driver": "local", "DriverOpts": {"type": "tmpfs", "device": "tmpfs"}, "Labels": {"a": "b"}}</pre>
 *
 * @param name empty for a generated one
 * @param driver empty for the default
 * @param clusterVolumeSpec not null for a volume of a cluster
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record VolumeCreateRequest(
        String name,
        String driver,
        @Nullable Map<String, String> driverOpts,
        @Nullable Map<String, String> labels,
        @Nullable Map<String, Object> clusterVolumeSpec) {
    @SuppressWarnings("ConstantValue") // Jackson passes null for what the request leaves out
    public VolumeCreateRequest {
        name = name == null ? "" : name;
        driver = driver == null ? "" : driver;
    }
}
