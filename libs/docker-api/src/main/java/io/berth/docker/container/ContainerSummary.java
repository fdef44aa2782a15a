package io.berth.docker.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.berth.docker.network.EndpointSettings;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A container in a list (Engine API, ContainerSummary).
 *
 * <pre>{"Id": "aa86…", "Names": ["/web"], "Image": "nginx", "State": "running", "Status": "Up 3 seconds"}</pre>
 *
 * @param created seconds since the epoch
 * @param sizeRw bytes, only when asked for
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ContainerSummary(
        String id,
        List<String> names,
        String image,
        @JsonProperty("ImageID") String imageId,
        String command,
        long created,
        List<PortSummary> ports,
        @Nullable Long sizeRw,
        @Nullable Long sizeRootFs,
        Map<String, String> labels,
        String state,
        String status,
        HostConfigSummary hostConfig,
        NetworkSummary networkSettings,
        List<MountPoint> mounts,
        @Nullable HealthSummary health) {

    /** The part of the host configuration that a list shows. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record HostConfigSummary(String networkMode) {}

    /** Joined networks by name. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record NetworkSummary(Map<String, EndpointSettings> networks) {}

    /**
     * A port, and where it is published.
     *
     * @param ip of the host; null when it is not published
     * @param publicPort likewise
     * @param type {@code tcp}, {@code udp} or {@code sctp}
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record PortSummary(
            @JsonProperty("IP") @Nullable String ip,
            int privatePort,
            @Nullable Integer publicPort,
            String type) {}

    /** From API 1.52 on. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record HealthSummary(String status, int failingStreak) {}
}
