package io.berth.docker.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.berth.docker.network.EndpointSettings;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A container's network in inspect (Engine API, NetworkSettings).
 *
 * <pre>{"SandboxID": "bced…", "Ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]}, "Networks": {"bridge": {…}}}</pre>
 *
 * @param sandboxKey path of the network namespace; empty when it does not run
 * @param ports by container port; null for one that is exposed and not published
 * @param networks joined networks by name
 * @param legacy what clients before API 1.52 get
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record NetworkSettingsResponse(
        @JsonProperty("SandboxID") String sandboxId,
        String sandboxKey,
        @JsonInclude(content = JsonInclude.Include.ALWAYS) Map<String, @Nullable List<PortBinding>> ports,
        @JsonUnwrapped @Nullable Legacy legacy,
        Map<String, EndpointSettings> networks) {

    /** An address and port of the host, as texts. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record PortBinding(String hostIp, String hostPort) {}

    /** Fields that clients before API 1.52 expect: mostly what the connection to the default bridge has. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.ALWAYS)
    public record Legacy(
            String bridge,
            boolean hairpinMode,
            @JsonProperty("LinkLocalIPv6Address") String linkLocalIpv6Address,
            @JsonProperty("LinkLocalIPv6PrefixLen") int linkLocalIpv6PrefixLen,
            @JsonProperty("SecondaryIPAddresses") @Nullable List<Object> secondaryIpAddresses,

            @JsonProperty("SecondaryIPv6Addresses") @Nullable
            List<Object> secondaryIpv6Addresses,

            @JsonProperty("EndpointID") String endpointId,
            String gateway,
            @JsonProperty("GlobalIPv6Address") String globalIpv6Address,
            @JsonProperty("GlobalIPv6PrefixLen") int globalIpv6PrefixLen,
            @JsonProperty("IPAddress") String ipAddress,
            @JsonProperty("IPPrefixLen") int ipPrefixLen,
            @JsonProperty("IPv6Gateway") String ipv6Gateway,
            String macAddress) {}
}
