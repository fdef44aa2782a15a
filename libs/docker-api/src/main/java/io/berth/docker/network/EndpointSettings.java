package io.berth.docker.network;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A container's connection to a network in inspect (Engine API, EndpointSettings): what was asked for, and what there is.
 *
 * @param gwPriority from API 1.48 on; else null
 * @param dnsNames by which others in the network find it, from API 1.44 on; else left out
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.ALWAYS)
public record EndpointSettings(
        @JsonProperty("IPAMConfig") EndpointConfig.@Nullable EndpointIpamConfig ipamConfig,
        @Nullable List<String> links,
        @Nullable List<String> aliases,
        String macAddress,
        @Nullable Map<String, String> driverOpts,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Integer gwPriority,
        @JsonProperty("NetworkID") String networkId,
        @JsonProperty("EndpointID") String endpointId,
        String gateway,
        @JsonProperty("IPAddress") String ipAddress,
        @JsonProperty("IPPrefixLen") int ipPrefixLen,
        @JsonProperty("IPv6Gateway") String ipv6Gateway,
        @JsonProperty("GlobalIPv6Address") String globalIpv6Address,
        @JsonProperty("GlobalIPv6PrefixLen") int globalIpv6PrefixLen,
        @JsonProperty("DNSNames") @Nullable List<String> dnsNames) {}
