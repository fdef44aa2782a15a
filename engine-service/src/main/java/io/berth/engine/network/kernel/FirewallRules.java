package io.berth.engine.network.kernel;

import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.engine.network.runtime.NetworkPlan.Driver;
import io.berth.engine.network.runtime.NetworkPlan.GatewayMode;
import io.berth.linux.netlink.IpPrefix;
import io.berth.linux.nftables.BaseChain;
import io.berth.linux.nftables.BaseChain.Hook;
import io.berth.linux.nftables.ConnectionBits;
import io.berth.linux.nftables.DataType;
import io.berth.linux.nftables.Field;
import io.berth.linux.nftables.NftBatch;
import io.berth.linux.nftables.NftFamily;
import io.berth.linux.nftables.NftRule;
import io.berth.linux.nftables.NftTable;
import io.berth.linux.nftables.NftValue;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/**
 * The chains and rules of the inet table: which packets reach containers and leave them, and with which addresses. A pure
 * function of the networks; everything about single containers is in the sets ({@link FirewallSet}).
 *
 * <p>Decided as Docker does (moby's libnetwork/drivers/bridge/internal/nftabler), except that all published ports are looked up
 * in one step.
 */
final class FirewallRules {
    /**
     * Of a packet's mark, for packets of a network that separates its containers, from one to another through a published port:
     * the bridge table, which knows no connections, lets them pass. Never leaves the host.
     */
    static final int PUBLISHED_MARK = 0x0010_0000;

    /** After the translation of destinations. */
    private static final int MARK_PRIORITY = BaseChain.DSTNAT + 10;

    private static final IpPrefix LOOPBACK = IpPrefix.parse("127.0.0.0/8");
    private static final InetAddress LOOPBACK6 = InetAddress.ofLiteral("::1");
    private static final int IPPROTO_ICMP = 1;
    private static final int IPPROTO_ICMPV6 = 58;
    private static final int ICMP_ECHO = 8;
    private static final int ICMPV6_ECHO_REQUEST = 128;
    private static final int ICMPV6_NEIGHBOUR_SOLICITATION = 135;
    private static final int ICMPV6_NEIGHBOUR_ADVERTISEMENT = 136;

    private final NftBatch batch;
    private final NftTable table;

    private FirewallRules(NftBatch batch, NftTable table) {
        this.batch = batch;
        this.table = table;
    }

    /**
     * Adds the commands that make the table anew, with its sets empty.
     *
     * @param networks that there are: where none of them separates its containers, packets are not marked, which saves some hundred
     *     nanoseconds for each
     */
    static void replace(NftBatch batch, NftTable table, Set<NftTable.Flag> flags, Collection<NetworkPlan> networks) {
        batch.replaceTable(table, flags);
        for (FirewallSet set : FirewallSet.values()) {
            if (set.inInet()) {
                batch.addSet(table, set.set());
            }
        }
        FirewallRules rules = new FirewallRules(batch, table);
        rules.addLoopbackChain();
        rules.addPublishChains();
        if (networks.stream().anyMatch(BridgeRules::areSeparated)) {
            rules.addMarkChain();
        }
        rules.addForwardChains();
        rules.addSourceChains(networks);
    }

    /** Name of the chain that says what the source of a connection from a network's subnets becomes. */
    static String sourceChain(NetworkPlan network) {
        return "source-" + network.link();
    }

    private static NftRule rule() {
        return NftRule.rule();
    }

    private void add(String chain, NftRule rule) {
        batch.addRule(table, chain, rule);
    }

    /**
     * Bridges route to the host's loopback addresses, so that what is published there is reached by the host (route_localnet).
     * This is what keeps containers and neighbours from them.
     */
    private void addLoopbackChain() {
        batch.addChain(table, "loopback", BaseChain.filter(Hook.PREROUTING, BaseChain.RAW));
        NftRule foreign = rule().isNot(Field.INPUT_INTERFACE, NftValue.interfaceName("lo"));
        add(
                "loopback",
                foreign.family(NftFamily.IPV4)
                        .within(Field.IPV4_DESTINATION, LOOPBACK)
                        .drop());
        add(
                "loopback",
                foreign.family(NftFamily.IPV6)
                        .is(Field.IPV6_DESTINATION, NftValue.address(LOOPBACK6))
                        .drop());
    }

    /** Only what is for the host itself goes to containers: never what it forwards. */
    private void addPublishChains() {
        batch.addChain(table, "publish");
        addPublished(NftFamily.IPV4, FirewallSet.PORTS4, FirewallSet.ANY_PORTS4, Field.IPV4_DESTINATION);
        addPublished(NftFamily.IPV6, FirewallSet.PORTS6, FirewallSet.ANY_PORTS6, Field.IPV6_DESTINATION);
        NftRule local = rule().is(
                        Field.DESTINATION_ADDRESS_TYPE, NftValue.number(DataType.FIB_ADDRESS_TYPE, Field.LOCAL))
                .jump("publish");
        for (Hook hook : new Hook[] {Hook.PREROUTING, Hook.OUTPUT}) {
            String chain = hook == Hook.PREROUTING ? "prerouting" : "output";
            batch.addChain(table, chain, BaseChain.nat(hook, BaseChain.DSTNAT));
            add(chain, local);
        }
    }

    /** Those of one of the host's addresses before those of all. */
    private void addPublished(NftFamily family, FirewallSet ports, FirewallSet anyPorts, Field destination) {
        add(
                "publish",
                rule().family(family)
                        .destinationFrom(ports.set(), destination, Field.TRANSPORT_PROTOCOL, Field.DESTINATION_PORT));
        add(
                "publish",
                rule().family(family)
                        .destinationFrom(anyPorts.set(), Field.TRANSPORT_PROTOCOL, Field.DESTINATION_PORT));
    }

    /** Where bridges pass frames through netfilter (br_netfilter), such a connection does not leave the bridge. */
    private void addMarkChain() {
        batch.addChain(table, "mark", BaseChain.filter(Hook.PREROUTING, MARK_PRIORITY));
        add(
                "mark",
                rule().in(FirewallSet.SEPARATED_BRIDGES.set(), Field.INPUT_INTERFACE)
                        .hasAny(Field.CT_STATUS, ConnectionBits.CT_STATUS_DNAT)
                        .setMarkBits(PUBLISHED_MARK));
    }

    private void addForwardChains() {
        batch.addChain(table, "to-bridge");
        batch.addChain(table, "from-bridge");
        batch.addChain(table, "forward", BaseChain.filter(Hook.FORWARD, BaseChain.FILTER));
        add(
                "forward",
                rule().hasAny(Field.CT_STATE, ConnectionBits.CT_STATE_ESTABLISHED | ConnectionBits.CT_STATE_RELATED)
                        .accept());
        add(
                "forward",
                rule().in(FirewallSet.BRIDGES.set(), Field.OUTPUT_INTERFACE).jump("to-bridge"));
        add(
                "forward",
                rule().in(FirewallSet.BRIDGES.set(), Field.INPUT_INTERFACE).jump("from-bridge"));
        addToBridge();
        add(
                "from-bridge",
                rule().in(FirewallSet.INTERNAL.set(), Field.INPUT_INTERFACE)
                        .drop()
                        .comment("out of an internal network"));
    }

    /** The order matters: what is dropped before the published ports are accepted is dropped for them too. */
    private void addToBridge() {
        String chain = "to-bridge";
        add(
                chain,
                rule().in(FirewallSet.SAME_BRIDGE.set(), Field.INPUT_INTERFACE, Field.OUTPUT_INTERFACE)
                        .accept());
        add(
                chain,
                rule().hasAny(Field.CT_STATUS, ConnectionBits.CT_STATUS_DNAT)
                        .in(FirewallSet.SEPARATED.set(), Field.INPUT_INTERFACE, Field.OUTPUT_INTERFACE)
                        .accept());
        // Where bridges pass frames through netfilter; which of them may pass, the bridge table has decided by then.
        for (int type : new int[] {ICMPV6_NEIGHBOUR_SOLICITATION, ICMPV6_NEIGHBOUR_ADVERTISEMENT}) {
            add(
                    chain,
                    rule().in(FirewallSet.SEPARATED.set(), Field.INPUT_INTERFACE, Field.OUTPUT_INTERFACE)
                            .is(Field.TRANSPORT_PROTOCOL, NftValue.protocol(IPPROTO_ICMPV6))
                            .is(Field.ICMPV6_TYPE, NftValue.number(DataType.ICMPV6_TYPE, type))
                            .accept());
        }
        for (FirewallSet links : new FirewallSet[] {FirewallSet.LINKS4, FirewallSet.LINKS6}) {
            boolean ipv4 = links == FirewallSet.LINKS4;
            add(
                    chain,
                    rule().in(FirewallSet.SEPARATED.set(), Field.INPUT_INTERFACE, Field.OUTPUT_INTERFACE)
                            .family(ipv4 ? NftFamily.IPV4 : NftFamily.IPV6)
                            .in(
                                    links.set(),
                                    ipv4 ? Field.IPV4_SOURCE : Field.IPV6_SOURCE,
                                    ipv4 ? Field.IPV4_DESTINATION : Field.IPV6_DESTINATION,
                                    Field.TRANSPORT_PROTOCOL,
                                    Field.DESTINATION_PORT)
                            .accept());
        }
        add(
                chain,
                rule().in(FirewallSet.SEPARATED.set(), Field.INPUT_INTERFACE, Field.OUTPUT_INTERFACE)
                        .drop()
                        .comment("between separated containers"));
        add(
                chain,
                rule().in(FirewallSet.INTERNAL.set(), Field.OUTPUT_INTERFACE)
                        .drop()
                        .comment("into an internal network"));
        add(
                chain,
                rule().in(FirewallSet.INTERNAL.set(), Field.INPUT_INTERFACE)
                        .drop()
                        .comment("out of an internal network"));
        add(
                chain,
                rule().hasAny(Field.CT_STATUS, ConnectionBits.CT_STATUS_DNAT)
                        .accept()
                        .comment("published"));
        addOpen(chain, NftFamily.IPV4);
        addOpen(chain, NftFamily.IPV6);
        add(chain, rule().drop().comment("not published"));
    }

    /** Networks that are reached without translation. */
    private void addOpen(String chain, NftFamily family) {
        boolean ipv4 = family == NftFamily.IPV4;
        add(
                chain,
                rule().family(family)
                        .in((ipv4 ? FirewallSet.OPEN4 : FirewallSet.OPEN6).set(), Field.OUTPUT_INTERFACE)
                        .accept());
        NftRule routed = rule().family(family)
                .in((ipv4 ? FirewallSet.ROUTED4 : FirewallSet.ROUTED6).set(), Field.OUTPUT_INTERFACE);
        add(
                chain,
                routed.in(
                                (ipv4 ? FirewallSet.ROUTED_PORTS4 : FirewallSet.ROUTED_PORTS6).set(),
                                ipv4 ? Field.IPV4_DESTINATION : Field.IPV6_DESTINATION,
                                Field.TRANSPORT_PROTOCOL,
                                Field.DESTINATION_PORT)
                        .accept());
        add(
                chain,
                routed.is(Field.TRANSPORT_PROTOCOL, NftValue.protocol(ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6))
                        .is(
                                ipv4 ? Field.ICMP_TYPE : Field.ICMPV6_TYPE,
                                ipv4
                                        ? NftValue.number(DataType.ICMP_TYPE, ICMP_ECHO)
                                        : NftValue.number(DataType.ICMPV6_TYPE, ICMPV6_ECHO_REQUEST))
                        .accept());
    }

    private void addSourceChains(Collection<NetworkPlan> networks) {
        batch.addChain(table, "postrouting", BaseChain.nat(Hook.POSTROUTING, BaseChain.SRCNAT));
        NftRule toBridge = rule().in(FirewallSet.BRIDGES.set(), Field.OUTPUT_INTERFACE);
        add(
                "postrouting",
                toBridge.family(NftFamily.IPV4)
                        .within(Field.IPV4_SOURCE, LOOPBACK)
                        .masquerade());
        add(
                "postrouting",
                toBridge.family(NftFamily.IPV6)
                        .is(Field.IPV6_SOURCE, NftValue.address(LOOPBACK6))
                        .masquerade());
        add("postrouting", rule().family(NftFamily.IPV4).decideBy(FirewallSet.SUBNETS4.set(), Field.IPV4_SOURCE));
        add("postrouting", rule().family(NftFamily.IPV6).decideBy(FirewallSet.SUBNETS6.set(), Field.IPV6_SOURCE));
        networks.forEach(network -> addSourceChain(batch, table, network));
    }

    /**
     * What becomes of a connection's source in a network's subnets. To the network itself only what came by a published port is
     * changed, so that its answers come back this way; elsewhere it is the host's address.
     */
    static void addSourceChain(NftBatch batch, NftTable table, NetworkPlan network) {
        if (network.driver() != Driver.BRIDGE) {
            return;
        }
        String chain = sourceChain(network);
        NftValue bridge = NftValue.interfaceName(network.link());
        batch.addChain(table, chain);
        batch.addRule(
                table,
                chain,
                rule().is(Field.OUTPUT_INTERFACE, bridge)
                        .hasAny(Field.CT_STATUS, ConnectionBits.CT_STATUS_DNAT)
                        .masquerade());
        NftRule leaving = rule().isNot(Field.OUTPUT_INTERFACE, bridge);
        addTranslation(batch, table, chain, leaving.family(NftFamily.IPV4), network, true);
        addTranslation(batch, table, chain, leaving.family(NftFamily.IPV6), network, false);
    }

    private static void addTranslation(
            NftBatch batch, NftTable table, String chain, NftRule leaving, NetworkPlan network, boolean ipv4) {
        GatewayMode mode = ipv4 ? network.ipv4Mode() : network.ipv6Mode();
        boolean any = network.subnets().stream().anyMatch(subnet -> subnet.isIpv4() == ipv4);
        boolean translated = mode == GatewayMode.NAT || mode == GatewayMode.NAT_UNPROTECTED;
        if (!any || !translated || !network.masquerade()) {
            return;
        }
        Optional<InetAddress> source = network.sourceAddresses().stream()
                .filter(address -> address instanceof Inet4Address == ipv4)
                .findFirst();
        batch.addRule(table, chain, source.map(leaving::source).orElseGet(leaving::masquerade));
    }
}
