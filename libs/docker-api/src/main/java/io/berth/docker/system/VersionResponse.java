package io.berth.docker.system;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.berth.docker.ApiVersion;
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
    /** The release of Docker that brought the API's minor versions above 1.51. */
    private static final String COMPARABLE = "29.0.0";

    /** The build writes no other, so that two builds of one commit give the same bytes. */
    private static final String BUILD_TIME = "2026-01-01T00:00:00.000000000+00:00";

    /**
     * What this platform tells of itself.
     *
     * @param version Berth's own
     * @param commit it was built from, or empty
     * @param arch as Go names it
     * @param kernelVersion as {@code uname -r} tells it
     */
    public static VersionResponse of(
            String version, String commit, String arch, String kernelVersion, List<Component> components) {
        return new VersionResponse(
                new PlatformName("Berth"),
                components,
                comparable(version),
                ApiVersion.MAX.toString(),
                ApiVersion.MIN.toString(),
                commit,
                "",
                "linux",
                arch,
                kernelVersion,
                BUILD_TIME);
    }

    /**
     * What clients see as the server's version, such as {@code 29.0.0+berth.0.1.0}: they compare it with releases of Docker (Testcontainers
     * works with 1.6.0 and newer only), and Berth's own would tell them of an engine of 2013.
     */
    public static String comparable(String version) {
        return COMPARABLE + "+berth." + version;
    }

    /** The same with other components. */
    public VersionResponse with(List<Component> others) {
        return new VersionResponse(
                platform,
                others,
                version,
                apiVersion,
                minApiVersion,
                gitCommit,
                goVersion,
                os,
                arch,
                kernelVersion,
                buildTime);
    }

    /** The engine as a component. */
    public static Component engine(String version, String commit, String arch, String kernelVersion) {
        return new Component(
                "Engine",
                version,
                Map.of(
                        "ApiVersion",
                        ApiVersion.MAX.toString(),
                        "MinAPIVersion",
                        ApiVersion.MIN.toString(),
                        "Arch",
                        arch,
                        "Os",
                        "linux",
                        "KernelVersion",
                        kernelVersion,
                        "BuildTime",
                        BUILD_TIME,
                        "Experimental",
                        "false",
                        "GitCommit",
                        commit,
                        "GoVersion",
                        ""));
    }

    /** The product. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record PlatformName(String name) {}

    /** A part of the product with facts for people to read. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Component(String name, String version, Map<String, String> details) {}
}
