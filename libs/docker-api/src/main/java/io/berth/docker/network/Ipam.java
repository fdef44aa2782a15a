package io.berth.docker.network;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * How a network's addresses are managed (Engine API, IPAM).
 *
 * <pre>{"Driver": "default", "Options": {}, "Config": [{"Subnet": "172.20.0.0/16", "Gateway": "172.20.0.1"}]}</pre>
 *
 * @param driver empty is {@code default}
 * @param config a pool for each subnet; null in a request is left to the engine
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.ALWAYS)
public record Ipam(
        @Nullable String driver,
        @Nullable Map<String, String> options,
        @Nullable List<IpamConfig> config) {

    /**
     * A pool of addresses.
     *
     * @param subnet such as {@code 172.20.0.0/16}
     * @param ipRange the part of it that containers get addresses from
     * @param auxiliaryAddresses in use by others: a name for each
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record IpamConfig(
            @Nullable String subnet,
            @JsonProperty("IPRange") @Nullable String ipRange,
            @Nullable String gateway,
            @Nullable Map<String, String> auxiliaryAddresses) {
        /** Clients that have no null write an empty text. */
        public IpamConfig {
            ipRange = "".equals(ipRange) ? null : ipRange;
            gateway = "".equals(gateway) ? null : gateway;
        }
    }
}
