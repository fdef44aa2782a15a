package io.berth.docker.network;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * How a container is connected to a network, as its user wants it (Engine API, EndpointSettings without operational data).
 *
 * <pre>{"IPAMConfig": {"IPv4Address": "10.5.0.9"}, "Aliases": ["db"], "Links": ["other:alias"], "GwPriority": 1}</pre>
 *
 * @param links {@code container:alias}
 * @param gwPriority the connection with the highest is the way to everything else
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EndpointConfig(
        @JsonProperty("IPAMConfig") @Nullable EndpointIpamConfig ipamConfig,
        @Nullable List<String> links,
        @Nullable List<String> aliases,
        @Nullable String macAddress,
        @Nullable Map<String, String> driverOpts,
        int gwPriority) {

    /** Nothing in particular. */
    public static final EndpointConfig DEFAULT = new EndpointConfig(null, null, null, null, null, 0);

    /** This, with another hardware address. */
    public EndpointConfig withMacAddress(String address) {
        return new EndpointConfig(ipamConfig, links, aliases, address, driverOpts, gwPriority);
    }

    /**
     * Addresses that a container is to have.
     *
     * @param linkLocalIps further ones, of the link only
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record EndpointIpamConfig(
            @JsonProperty("IPv4Address") @Nullable String ipv4Address,
            @JsonProperty("IPv6Address") @Nullable String ipv6Address,
            @JsonProperty("LinkLocalIPs") @Nullable List<String> linkLocalIps) {}

    public List<String> aliasesOrNone() {
        return aliases == null ? List.of() : aliases;
    }

    public List<String> linksOrNone() {
        return links == null ? List.of() : links;
    }

    public Map<String, String> driverOptsOrNone() {
        return driverOpts == null ? Map.of() : driverOpts;
    }

    /** The IPv4 address asked for, or empty. */
    public String ipv4Address() {
        return ipamConfig == null || ipamConfig.ipv4Address() == null ? "" : ipamConfig.ipv4Address();
    }

    /** The IPv6 address asked for, or empty. */
    public String ipv6Address() {
        return ipamConfig == null || ipamConfig.ipv6Address() == null ? "" : ipamConfig.ipv6Address();
    }

    /** The addresses of the link asked for. */
    public List<String> linkLocalAddresses() {
        return ipamConfig == null || ipamConfig.linkLocalIps() == null ? List.of() : ipamConfig.linkLocalIps();
    }
}
