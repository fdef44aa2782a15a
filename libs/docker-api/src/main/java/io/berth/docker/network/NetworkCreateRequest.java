package io.berth.docker.network;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The body of a request for a new network (Engine API, NetworkCreate).
 *
 * <pre>{"Name": "web", "Driver": "bridge", "EnableIPv6": false, "IPAM": {"Config": [{"Subnet": "10.5.0.0/24"}]}, "Labels": {}}</pre>
 *
 * @param driver empty is {@code bridge}
 * @param configFrom takes its configuration from a network that is nothing but one
 * @param enableIpv4 null is true
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record NetworkCreateRequest(
        @Nullable String name,
        @Nullable String driver,
        @Nullable String scope,
        boolean internal,
        boolean attachable,
        boolean ingress,
        boolean configOnly,
        @Nullable ConfigReference configFrom,
        @JsonProperty("IPAM") @Nullable Ipam ipam,
        @JsonProperty("EnableIPv4") @Nullable Boolean enableIpv4,
        @JsonProperty("EnableIPv6") @Nullable Boolean enableIpv6,
        @Nullable Map<String, String> options,
        @Nullable Map<String, String> labels) {}
