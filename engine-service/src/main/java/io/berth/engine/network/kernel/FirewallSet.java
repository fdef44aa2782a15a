package io.berth.engine.network.kernel;

import static io.berth.linux.nftables.DataType.ETHER_ADDRESS;
import static io.berth.linux.nftables.DataType.INET_PROTOCOL;
import static io.berth.linux.nftables.DataType.INET_SERVICE;
import static io.berth.linux.nftables.DataType.INTERFACE_NAME;
import static io.berth.linux.nftables.DataType.IPV4_ADDRESS;
import static io.berth.linux.nftables.DataType.IPV6_ADDRESS;
import static io.berth.linux.nftables.DataType.VERDICT;

import io.berth.linux.nftables.NftSet;

/**
 * The sets and maps that the firewall's rules ask. The rules are the same for a network with one container and with a
 * thousand: containers that start and stop change elements only.
 */
@SuppressWarnings("ImmutableEnumChecker") // NftSet is a record of immutable lists
enum FirewallSet {
    /** Bridges of networks: packets of other links are none of the firewall's business. */
    BRIDGES(Table.INET, NftSet.of("bridges", INTERFACE_NAME)),
    /** Bridges that nothing gets out of or into. */
    INTERNAL(Table.INET, NftSet.of("internal", INTERFACE_NAME)),
    /** Bridges, twice, whose containers reach each other. */
    SAME_BRIDGE(Table.INET, NftSet.of("same_bridge", INTERFACE_NAME, INTERFACE_NAME)),
    /** Bridges, twice, whose containers do not. */
    SEPARATED(Table.INET, NftSet.of("separated", INTERFACE_NAME, INTERFACE_NAME)),
    /** Bridges whose containers do not reach each other; the same as before, once. */
    SEPARATED_BRIDGES(Table.INET, NftSet.of("separated_bridges", INTERFACE_NAME)),
    /** Bridges whose containers are reached at every port by IPv4 (NAT_UNPROTECTED). */
    OPEN4(Table.INET, NftSet.of("open4", INTERFACE_NAME)),
    OPEN6(Table.INET, NftSet.of("open6", INTERFACE_NAME)),
    /** Bridges whose containers are reached at published ports by their own IPv4 addresses (ROUTED). */
    ROUTED4(Table.INET, NftSet.of("routed4", INTERFACE_NAME)),
    ROUTED6(Table.INET, NftSet.of("routed6", INTERFACE_NAME)),
    /** Those ports. */
    ROUTED_PORTS4(Table.INET, NftSet.of("routed_ports4", IPV4_ADDRESS, INET_PROTOCOL, INET_SERVICE)),
    ROUTED_PORTS6(Table.INET, NftSet.of("routed_ports6", IPV6_ADDRESS, INET_PROTOCOL, INET_SERVICE)),
    /** Ports published at one of the host's addresses. */
    PORTS4(
            Table.INET,
            NftSet.of("ports4", IPV4_ADDRESS, INET_PROTOCOL, INET_SERVICE).to(IPV4_ADDRESS, INET_SERVICE)),
    PORTS6(
            Table.INET,
            NftSet.of("ports6", IPV6_ADDRESS, INET_PROTOCOL, INET_SERVICE).to(IPV6_ADDRESS, INET_SERVICE)),
    /** Ports published at all of the host's addresses. */
    ANY_PORTS4(Table.INET, NftSet.of("any_ports4", INET_PROTOCOL, INET_SERVICE).to(IPV4_ADDRESS, INET_SERVICE)),
    ANY_PORTS6(Table.INET, NftSet.of("any_ports6", INET_PROTOCOL, INET_SERVICE).to(IPV6_ADDRESS, INET_SERVICE)),
    /** Subnets, and the chain that says what the source of connections from there becomes. */
    SUBNETS4(Table.INET, NftSet.ofIntervals("subnets4", IPV4_ADDRESS).to(VERDICT)),
    SUBNETS6(Table.INET, NftSet.ofIntervals("subnets6", IPV6_ADDRESS).to(VERDICT)),
    /** Who may reach which port of whom, although their network separates containers. */
    LINKS4(Table.BOTH, NftSet.of("links4", IPV4_ADDRESS, IPV4_ADDRESS, INET_PROTOCOL, INET_SERVICE)),
    LINKS6(Table.BOTH, NftSet.of("links6", IPV6_ADDRESS, IPV6_ADDRESS, INET_PROTOCOL, INET_SERVICE)),
    /** The same pairs, in both directions: they may ask for each other's Ethernet addresses. */
    PEERS4(Table.BRIDGE, NftSet.of("peers4", IPV4_ADDRESS, IPV4_ADDRESS)),
    PEERS6(Table.BRIDGE, NftSet.of("peers6", IPV6_ADDRESS, IPV6_ADDRESS)),
    /** The host's ends of containers' interfaces. */
    INTERFACES(Table.BRIDGE, NftSet.of("interfaces", INTERFACE_NAME)),
    /** Those of networks that separate containers. */
    SEPARATED_INTERFACES(Table.BRIDGE, NftSet.of("separated_interfaces", INTERFACE_NAME)),
    /** The Ethernet addresses that come through them. */
    MACS(Table.BRIDGE, NftSet.of("macs", INTERFACE_NAME, ETHER_ADDRESS)),
    /** And with which IP addresses. */
    SOURCES4(Table.BRIDGE, NftSet.of("sources4", INTERFACE_NAME, ETHER_ADDRESS, IPV4_ADDRESS)),
    SOURCES6(Table.BRIDGE, NftSet.of("sources6", INTERFACE_NAME, ETHER_ADDRESS, IPV6_ADDRESS));

    /** The tables that a set is in. */
    enum Table {
        INET,
        BRIDGE,
        BOTH
    }

    private final Table table;
    private final NftSet set;

    FirewallSet(Table table, NftSet set) {
        this.table = table;
        this.set = set;
    }

    NftSet set() {
        return set;
    }

    boolean inInet() {
        return table != Table.BRIDGE;
    }

    boolean inBridge() {
        return table != Table.INET;
    }
}
