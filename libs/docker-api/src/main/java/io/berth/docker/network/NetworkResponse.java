package io.berth.docker.network;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A network (Engine API, Network and NetworkInspect).
 *
 * <pre>{"Name": "web", "Id": "31b0…", "Created": "2026-11-27T06:00:13.9Z", "Scope": "local", "Driver": "bridge", …}</pre>
 *
 * @param enableIpv4 from API 1.48 on; else null
 * @param containers that run in it, by id
 * @param status of its addresses, from API 1.52 on, for one network; else null
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.ALWAYS)
public record NetworkResponse(
        String name,
        String id,
        String created,
        String scope,
        String driver,

        @JsonProperty("EnableIPv4") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
        Boolean enableIpv4,

        @JsonProperty("EnableIPv6") boolean enableIpv6,
        @JsonProperty("IPAM") Ipam ipam,
        boolean internal,
        boolean attachable,
        boolean ingress,
        ConfigReference configFrom,
        boolean configOnly,
        Map<String, EndpointResource> containers,
        Map<String, String> options,
        Map<String, String> labels,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Status status) {

    /**
     * A container in a network.
     *
     * @param ipv4Address with the length of the subnet's prefix; empty when it has none
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record EndpointResource(
            String name,
            @JsonProperty("EndpointID") String endpointId,
            String macAddress,
            @JsonProperty("IPv4Address") String ipv4Address,
            @JsonProperty("IPv6Address") String ipv6Address) {}

    /** What is in use. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Status(@JsonProperty("IPAM") IpamStatus ipam) {}

    /** By subnet. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record IpamStatus(Map<String, SubnetStatus> subnets) {}

    /**
     * How full a subnet is.
     *
     * @param ipsInUse with those of the gateway and of others
     * @param dynamicIpsAvailable that containers can still get; at most 2^63 - 1
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record SubnetStatus(
            @JsonProperty("IPsInUse") long ipsInUse,
            @JsonProperty("DynamicIPsAvailable") long dynamicIpsAvailable) {}
}
