package io.berth.engine.network.kernel;

import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.engine.network.runtime.NetworkPlan.Driver;
import io.berth.linux.netlink.IpPrefix;
import io.berth.linux.nftables.BaseChain;
import io.berth.linux.nftables.BaseChain.Hook;
import io.berth.linux.nftables.DataType;
import io.berth.linux.nftables.Field;
import io.berth.linux.nftables.NftBatch;
import io.berth.linux.nftables.NftRule;
import io.berth.linux.nftables.NftSet;
import io.berth.linux.nftables.NftTable;
import io.berth.linux.nftables.NftValue;
import java.net.InetAddress;
import java.util.Collection;
import java.util.Set;

/**
 * The chains and rules of the bridge table: what containers may send into their bridge, and which of them reach each other
 * there. They hold for every frame, whether or not bridges pass frames through netfilter (br_netfilter). Pure functions.
 *
 * <p>The bridge family has no connections (nf_conntrack_bridge is a module that many kernels lack), so all this is decided by
 * each frame alone.
 */
final class BridgeRules {
    private static final int ETH_P_IP = 0x0800;
    private static final int ETH_P_ARP = 0x0806;
    private static final int ETH_P_IPV6 = 0x86DD;
    private static final int IPPROTO_TCP = 6;
    private static final int IPPROTO_ICMPV6 = 58;
    private static final int ROUTER_ADVERTISEMENT = 134;
    private static final int NEIGHBOUR_SOLICITATION = 135;
    private static final int NEIGHBOUR_ADVERTISEMENT = 136;
    private static final int REDIRECT = 137;
    private static final int SYN = 0x02;
    private static final int SYN_ACK = 0x12;
    private static final InetAddress ANY4 = InetAddress.ofLiteral("0.0.0.0");
    private static final InetAddress ANY6 = InetAddress.ofLiteral("::");

    private static final IpPrefix LINK_LOCAL = IpPrefix.parse("fe80::/10");

    private final NftBatch batch;
    private final NftTable table;

    private BridgeRules(NftBatch batch, NftTable table) {
        this.batch = batch;
        this.table = table;
    }

    /**
     * Adds the commands that make the table anew, with its sets empty.
     *
     * @param networks that there are: where none of them separates its containers, forwarded frames meet no rules at all, which
     *     saves some hundred nanoseconds for each
     */
    static void replace(NftBatch batch, NftTable table, Set<NftTable.Flag> flags, Collection<NetworkPlan> networks) {
        batch.replaceTable(table, flags);
        for (FirewallSet set : FirewallSet.values()) {
            if (set.inBridge()) {
                batch.addSet(table, set.set());
            }
        }
        BridgeRules rules = new BridgeRules(batch, table);
        rules.addSourceChains();
        if (networks.stream().anyMatch(BridgeRules::areSeparated)) {
            rules.addSeparationChains();
        }
    }

    /** Whether the containers of a network do not reach each other. */
    static boolean areSeparated(NetworkPlan network) {
        return network.driver() == Driver.BRIDGE && !network.interContainer();
    }

    private static NftRule protocol(int number) {
        return NftRule.rule().is(Field.PROTOCOL, NftValue.number(DataType.ETHER_TYPE, number));
    }

    private static NftRule icmp6(NftRule rule, int type) {
        return rule.is(Field.TRANSPORT_PROTOCOL, NftValue.protocol(IPPROTO_ICMPV6))
                .is(Field.ICMPV6_TYPE, NftValue.number(DataType.ICMPV6_TYPE, type));
    }

    private void add(String chain, NftRule rule) {
        batch.addRule(table, chain, rule);
    }

    /**
     * What comes out of a container has the container's addresses. The most frequent packets are decided by the first rule, with
     * one look-up; the rest is for other bridges' frames, ARP, and IPv6.
     */
    private void addSourceChains() {
        batch.addChain(table, "from-container");
        batch.addChain(table, "from-container6");
        batch.addChain(table, "prerouting", BaseChain.filter(Hook.PREROUTING, BaseChain.BRIDGE_FILTER));
        add(
                "prerouting",
                protocol(ETH_P_IP)
                        .in(sources4(), Field.INPUT_INTERFACE, Field.ETHER_SOURCE, Field.IPV4_SOURCE)
                        .accept());
        add(
                "prerouting",
                NftRule.rule()
                        .in(FirewallSet.INTERFACES.set(), Field.INPUT_INTERFACE)
                        .jump("from-container"));
        NftRule ownMac = NftRule.rule().notIn(FirewallSet.MACS.set(), Field.INPUT_INTERFACE, Field.ETHER_SOURCE);
        add("from-container", ownMac.drop().comment("not its Ethernet address"));
        add("from-container", protocol(ETH_P_IPV6).jump("from-container6"));
        // RFC 5227: a probe for an address that may be taken has no sender's address yet.
        NftRule arp = protocol(ETH_P_ARP).in(FirewallSet.MACS.set(), Field.INPUT_INTERFACE, Field.ARP_SENDER_MAC);
        add(
                "from-container",
                arp.is(Field.ARP_SENDER_ADDRESS, NftValue.address(ANY4)).accept());
        add(
                "from-container",
                protocol(ETH_P_ARP)
                        .in(sources4(), Field.INPUT_INTERFACE, Field.ARP_SENDER_MAC, Field.ARP_SENDER_ADDRESS)
                        .accept());
        add("from-container", protocol(ETH_P_ARP).drop().comment("not its address in ARP"));
        add(
                "from-container",
                protocol(ETH_P_IP).is(Field.IPV4_SOURCE, NftValue.address(ANY4)).accept());
        add("from-container", protocol(ETH_P_IP).drop().comment("not its IPv4 address"));
        addSources6();
    }

    /** A container is no router (CVE-2020-13401), and tells of no neighbours but itself. */
    private void addSources6() {
        String chain = "from-container6";
        NftRule any = NftRule.rule();
        add(chain, icmp6(any, ROUTER_ADVERTISEMENT).drop().comment("router advertisement"));
        add(chain, icmp6(any, REDIRECT).drop().comment("redirect"));
        NftRule told = icmp6(any, NEIGHBOUR_ADVERTISEMENT);
        add(
                chain,
                told.notIn(sources6(), Field.INPUT_INTERFACE, Field.ETHER_SOURCE, Field.NEIGHBOUR_TARGET)
                        .outside(Field.NEIGHBOUR_TARGET, LINK_LOCAL)
                        .drop()
                        .comment("not its address in a neighbour advertisement"));
        add(
                chain,
                any.in(sources6(), Field.INPUT_INTERFACE, Field.ETHER_SOURCE, Field.IPV6_SOURCE)
                        .accept());
        add(chain, any.is(Field.IPV6_SOURCE, NftValue.address(ANY6)).accept());
        add(chain, any.outside(Field.IPV6_SOURCE, LINK_LOCAL).drop().comment("not its IPv6 address"));
        add(chain, any.accept());
    }

    /** Links are in one direction; back come answers only, which for TCP no packet is that opens a connection. */
    private void addSeparationChains() {
        batch.addChain(table, "separated");
        batch.addChain(table, "forward", BaseChain.filter(Hook.FORWARD, BaseChain.BRIDGE_FILTER));
        add(
                "forward",
                NftRule.rule()
                        .in(FirewallSet.SEPARATED_INTERFACES.set(), Field.INPUT_INTERFACE)
                        .in(FirewallSet.SEPARATED_INTERFACES.set(), Field.OUTPUT_INTERFACE)
                        .jump("separated"));
        addLinks(true);
        addLinks(false);
        add(
                "separated",
                protocol(ETH_P_ARP)
                        .in(FirewallSet.PEERS4.set(), Field.ARP_SENDER_ADDRESS, Field.ARP_TARGET_ADDRESS)
                        .accept());
        add(
                "separated",
                icmp6(protocol(ETH_P_IPV6), NEIGHBOUR_SOLICITATION)
                        .in(FirewallSet.PEERS6.set(), Field.IPV6_SOURCE, Field.NEIGHBOUR_TARGET)
                        .accept());
        add(
                "separated",
                icmp6(protocol(ETH_P_IPV6), NEIGHBOUR_ADVERTISEMENT)
                        .in(FirewallSet.PEERS6.set(), Field.IPV6_SOURCE, Field.IPV6_DESTINATION)
                        .accept());
        add(
                "separated",
                NftRule.rule()
                        .hasAny(Field.MARK, FirewallRules.PUBLISHED_MARK)
                        .accept()
                        .comment("published"));
        add("separated", NftRule.rule().drop().comment("between separated containers"));
    }

    private void addLinks(boolean ipv4) {
        FirewallSet links = ipv4 ? FirewallSet.LINKS4 : FirewallSet.LINKS6;
        Field source = ipv4 ? Field.IPV4_SOURCE : Field.IPV6_SOURCE;
        Field destination = ipv4 ? Field.IPV4_DESTINATION : Field.IPV6_DESTINATION;
        NftRule packet = protocol(ipv4 ? ETH_P_IP : ETH_P_IPV6);
        add(
                "separated",
                packet.in(links.set(), source, destination, Field.TRANSPORT_PROTOCOL, Field.DESTINATION_PORT)
                        .accept());
        NftRule answer = packet.in(links.set(), destination, source, Field.TRANSPORT_PROTOCOL, Field.SOURCE_PORT);
        add(
                "separated",
                answer.is(Field.TRANSPORT_PROTOCOL, NftValue.protocol(IPPROTO_TCP))
                        .masked(Field.TCP_FLAGS, SYN_ACK, SYN)
                        .drop());
        add("separated", answer.accept());
    }

    private static NftSet sources4() {
        return FirewallSet.SOURCES4.set();
    }

    private static NftSet sources6() {
        return FirewallSet.SOURCES6.set();
    }
}
