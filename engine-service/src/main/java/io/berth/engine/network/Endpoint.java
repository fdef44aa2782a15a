package io.berth.engine.network;

import io.berth.linux.netlink.IpPrefix;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A container's connection to a network, while it runs; kept with the container's state.
 *
 * @param id 64 hex digits; empty when the container does not run
 * @param interfaceName inside the container
 * @param hostInterface the host's end; empty where there is none
 * @param ipv4 address with the length of the subnet's prefix; empty when it has none
 * @param ipv4Gateway the network's, empty when it has none
 */
public record Endpoint(
        String networkId,
        String networkName,
        String id,
        String interfaceName,
        String hostInterface,
        String mac,
        String ipv4,
        String ipv4Gateway,
        String ipv6,
        String ipv6Gateway) {

    /** What remains when the container has ended: where it was. */
    Endpoint ended() {
        return new Endpoint(networkId, networkName, "", "", "", "", "", "", "", "");
    }

    Endpoint attached(String host, String address) {
        return new Endpoint(
                networkId, networkName, id, interfaceName, host, address, ipv4, ipv4Gateway, ipv6, ipv6Gateway);
    }

    /** Whether the container is connected now. */
    public boolean active() {
        return !id.isEmpty();
    }

    /** Its addresses, with the lengths of their subnets' prefixes. */
    public List<IpPrefix> prefixes() {
        List<IpPrefix> prefixes = new ArrayList<>();
        Stream.of(ipv4, ipv6)
                .filter(text -> !text.isEmpty())
                .map(IpPrefix::parse)
                .forEach(prefixes::add);
        return prefixes;
    }

    /** Its addresses. */
    public List<InetAddress> addresses() {
        return prefixes().stream().map(IpPrefix::address).toList();
    }

    /** Its address of a family. */
    Optional<InetAddress> address(boolean ofIpv4) {
        return prefixes().stream()
                .filter(prefix -> prefix.isIpv4() == ofIpv4)
                .map(IpPrefix::address)
                .findFirst();
    }
}
