package io.berth.docker.system;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What runs here (Engine API, SystemVersion).
 *
 * <pre>{"Platform": {"Name": "Berth"}, "Version": "0.1.0", "ApiVersion": "1.55", "MinAPIVersion": "1.24", "Os": "linux"}</pre>
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record VersionResponse(
        PlatformName platform,
        List<Component> components,
        String version,
        String apiVersion,
        @JsonProperty("MinAPIVersion") String minApiVersion,
        String gitCommit,
        String goVersion,
        String os,
        String arch,
        String kernelVersion,
        String buildTime) {

    /** The product. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record PlatformName(String name) {}

    /** A part of the product with facts for people to read. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Component(String name, String version, Map<String, String> details) {}
}
