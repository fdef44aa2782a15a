package io.berth.linux.nftables;

import static io.berth.linux.nftables.NetworkCommands.sh;
import static io.berth.linux.nftables.NetworkCommands.succeeds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.kernel.KernelTest;
import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Fd;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import io.berth.linux.netlink.IpPrefix;
import io.berth.linux.netlink.MacAddress;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the kernel makes of batches, as the nft command shows it. */
@KernelTest
class NftKernelTest {
    private static final NftTable TABLE = new NftTable(NftFamily.INET, "t");
    private static final InetAddress CONTAINER = InetAddress.ofLiteral("172.17.0.2");
    private static final InetAddress CONTAINER6 = InetAddress.ofLiteral("fd00::2");

    private Fd namespace;

    @BeforeEach
    void makeNamespace() {
        namespace = Namespaces.create(Namespace.NETWORK);
    }

    @AfterEach
    void dropNamespace() {
        namespace.close();
    }

    private NftSocket open() {
        return Namespaces.callIn(namespace, Namespace.NETWORK, NftSocket::open);
    }

    private void commit(NftBatch batch) {
        try (NftSocket socket = open()) {
            socket.commit(batch);
        }
    }

    private static NftBatch tableWith(NftRule... rules) {
        NftBatch batch = new NftBatch()
                .addTable(TABLE, Set.of())
                .addChain(TABLE, "c", BaseChain.filter(BaseChain.Hook.FORWARD, BaseChain.FILTER));
        for (NftRule rule : rules) {
            batch.addRule(TABLE, "c", rule);
        }
        return batch;
    }

    private String chain(String name) {
        return sh(namespace, "nft list chain inet t " + name);
    }

    @Test
    void rulesAreShownAsNftWouldWriteThem() {
        NftSet bridges = NftSet.of("bridges", DataType.INTERFACE_NAME);
        NftSet verdicts = NftSet.of("verdicts", DataType.INTERFACE_NAME).to(DataType.VERDICT);
        NftBatch batch = new NftBatch()
                .addTable(TABLE, Set.of())
                .addSet(TABLE, bridges)
                .addChain(TABLE, "to-bridge")
                .addSet(TABLE, verdicts)
                .addElements(TABLE, bridges, List.of(NftElement.of(NftValue.interfaceName("br0"))))
                .addElements(
                        TABLE,
                        verdicts,
                        List.of(NftElement.of(NftValue.interfaceName("br0")).to(Verdict.jump("to-bridge"))))
                .addChain(TABLE, "c", BaseChain.filter(BaseChain.Hook.FORWARD, BaseChain.FILTER));
        for (NftRule rule : List.of(
                NftRule.rule()
                        .hasAny(Field.CT_STATE, ConnectionBits.CT_STATE_ESTABLISHED | ConnectionBits.CT_STATE_RELATED)
                        .accept()
                        .comment("known"),
                NftRule.rule()
                        .hasAny(Field.CT_STATUS, ConnectionBits.CT_STATUS_DNAT)
                        .accept(),
                NftRule.rule().in(bridges, Field.INPUT_INTERFACE).count().drop(),
                NftRule.rule().notIn(bridges, Field.INPUT_INTERFACE).jump("to-bridge"),
                NftRule.rule().decideBy(verdicts, Field.OUTPUT_INTERFACE),
                NftRule.rule()
                        .family(NftFamily.IPV4)
                        .is(Field.IPV4_SOURCE, NftValue.address(CONTAINER))
                        .isNot(Field.OUTPUT_INTERFACE, NftValue.interfaceName("br0"))
                        .drop(),
                NftRule.rule()
                        .family(NftFamily.IPV6)
                        .is(Field.IPV6_DESTINATION, NftValue.address(CONTAINER6))
                        .is(Field.TRANSPORT_PROTOCOL, NftValue.protocol(17))
                        .is(Field.DESTINATION_PORT, NftValue.port(53))
                        .reject(),
                NftRule.rule()
                        .is(Field.TRANSPORT_PROTOCOL, NftValue.protocol(6))
                        .masked(Field.TCP_FLAGS, 0x12, 0x02)
                        .reset(),
                NftRule.rule()
                        .is(Field.MARK, NftValue.number(DataType.MARK, 0x10))
                        .setMarkBits(0x4),
                NftRule.rule()
                        .is(Field.TRANSPORT_PROTOCOL, NftValue.protocol(1))
                        .is(Field.ICMP_TYPE, NftValue.number(DataType.ICMP_TYPE, 8))
                        .decide(Verdict.RETURN),
                NftRule.rule()
                        .is(Field.CT_DIRECTION, NftValue.number(DataType.CT_DIRECTION, 1))
                        .decide(Verdict.goTo("to-bridge")))) {
            batch.addRule(TABLE, "c", rule);
        }
        commit(batch);
        assertThat(chain("c")).isEqualTo("""
                table inet t {
                	chain c {
                		type filter hook forward priority filter; policy accept;
                		ct state established,related accept comment "known"
                		ct status dnat accept
                		iifname @bridges counter packets 0 bytes 0 drop
                		iifname != @bridges jump to-bridge
                		oifname vmap @verdicts
                		ip saddr 172.17.0.2 oifname != "br0" drop
                		ip6 daddr fd00::2 udp dport 53 reject
                		tcp flags & (syn | ack) == syn reject with tcp reset
                		meta mark 0x00000010 meta mark set meta mark | 0x00000004
                		icmp type echo-request return
                		ct direction reply goto to-bridge
                	}
                }
                """);
    }

    @Test
    void publishedPortsAreMapsOfAddressesAndPorts() {
        NftSet ports = NftSet.of("ports", DataType.IPV4_ADDRESS, DataType.INET_PROTOCOL, DataType.INET_SERVICE)
                .to(DataType.IPV4_ADDRESS, DataType.INET_SERVICE);
        NftSet ports6 = NftSet.of("ports6", DataType.INET_PROTOCOL, DataType.INET_SERVICE)
                .to(DataType.IPV6_ADDRESS, DataType.INET_SERVICE);
        commit(new NftBatch()
                .addTable(TABLE, Set.of())
                .addSet(TABLE, ports)
                .addSet(TABLE, ports6)
                .addElements(
                        TABLE,
                        ports,
                        List.of(NftElement.of(
                                        NftValue.address(InetAddress.ofLiteral("10.0.0.1")),
                                        NftValue.protocol(6),
                                        NftValue.port(8080))
                                .to(NftValue.address(CONTAINER), NftValue.port(80))))
                .addElements(
                        TABLE,
                        ports6,
                        List.of(NftElement.of(NftValue.protocol(132), NftValue.port(8080))
                                .to(NftValue.address(CONTAINER6), NftValue.port(80))))
                .addChain(TABLE, "c", BaseChain.nat(BaseChain.Hook.PREROUTING, BaseChain.DSTNAT))
                .addRule(
                        TABLE,
                        "c",
                        NftRule.rule()
                                .family(NftFamily.IPV4)
                                .is(
                                        Field.DESTINATION_ADDRESS_TYPE,
                                        NftValue.number(DataType.FIB_ADDRESS_TYPE, Field.LOCAL))
                                .destinationFrom(
                                        ports,
                                        Field.IPV4_DESTINATION,
                                        Field.TRANSPORT_PROTOCOL,
                                        Field.DESTINATION_PORT))
                .addRule(
                        TABLE,
                        "c",
                        NftRule.rule()
                                .family(NftFamily.IPV6)
                                .destinationFrom(ports6, Field.TRANSPORT_PROTOCOL, Field.DESTINATION_PORT))
                .addChain(TABLE, "d", BaseChain.nat(BaseChain.Hook.POSTROUTING, BaseChain.SRCNAT))
                .addRule(
                        TABLE,
                        "d",
                        NftRule.rule()
                                .family(NftFamily.IPV4)
                                .is(Field.IPV4_SOURCE, NftValue.address(CONTAINER))
                                .source(InetAddress.ofLiteral("10.0.0.9")))
                .addRule(
                        TABLE,
                        "d",
                        NftRule.rule()
                                .family(NftFamily.IPV6)
                                .is(Field.TRANSPORT_PROTOCOL, NftValue.protocol(6))
                                .source(CONTAINER6, 53))
                .addRule(TABLE, "d", NftRule.rule().masquerade()));
        assertThat(sh(namespace, "nft list table inet t")).isEqualTo("""
                table inet t {
                	map ports {
                		type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service
                		elements = { 10.0.0.1 . tcp . 8080 : 172.17.0.2 . 80 }
                	}

                	map ports6 {
                		type inet_proto . inet_service : ipv6_addr . inet_service
                		elements = { sctp . 8080 : fd00::2 . 80 }
                	}

                	chain c {
                		type nat hook prerouting priority dstnat; policy accept;
                		fib daddr type local dnat ip to ip daddr . meta l4proto . th dport map @ports
                		meta nfproto ipv6 dnat ip6 to meta l4proto . th dport map @ports6
                	}

                	chain d {
                		type nat hook postrouting priority srcnat; policy accept;
                		ip saddr 172.17.0.2 snat ip to 10.0.0.9
                		meta nfproto ipv6 meta l4proto tcp snat ip6 to [fd00::2]:53
                		masquerade
                	}
                }
                """);
    }

    @Test
    void setsHaveTheTypesOfTheirKeys() {
        NftSet subnets = NftSet.ofIntervals("subnets", DataType.IPV4_ADDRESS);
        NftSet subnets6 = NftSet.ofIntervals("subnets6", DataType.IPV6_ADDRESS);
        NftSet sources = NftSet.of("sources", DataType.INTERFACE_NAME, DataType.ETHER_ADDRESS, DataType.IPV4_ADDRESS);
        NftTable bridge = new NftTable(NftFamily.BRIDGE, "t");
        commit(new NftBatch()
                .addTable(bridge, Set.of())
                .addSet(bridge, subnets)
                .addSet(bridge, subnets6)
                .addSet(bridge, sources)
                .addElements(
                        bridge,
                        subnets,
                        List.of(
                                NftElement.prefix(IpPrefix.parse("10.1.0.0/16")),
                                NftElement.prefix(IpPrefix.parse("255.255.255.0/24"))))
                .addElements(bridge, subnets6, List.of(NftElement.prefix(IpPrefix.parse("fd00::/64"))))
                .addElements(
                        bridge,
                        sources,
                        List.of(NftElement.of(
                                NftValue.interfaceName("veth1"),
                                NftValue.mac(MacAddress.parse("02:42:ac:11:00:02")),
                                NftValue.address(CONTAINER)))));
        assertThat(sh(namespace, "nft list table bridge t")).isEqualTo("""
                table bridge t {
                	set subnets {
                		type ipv4_addr
                		flags interval
                		elements = { 10.1.0.0/16, 255.255.255.0/24 }
                	}

                	set subnets6 {
                		type ipv6_addr
                		flags interval
                		elements = { fd00::/64 }
                	}

                	set sources {
                		type ifname . ether_addr . ipv4_addr
                		elements = { "veth1" . 02:42:ac:11:00:02 . 172.17.0.2 }
                	}
                }
                """);
        commit(new NftBatch()
                .deleteElements(bridge, subnets, List.of(NftElement.prefix(IpPrefix.parse("255.255.255.0/24")))));
        assertThat(sh(namespace, "nft list set bridge t subnets")).contains("elements = { 10.1.0.0/16 }");
    }

    @Test
    void aTableOfFiveThousandElementsIsOneTransaction() {
        NftSet set = NftSet.of("s", DataType.IPV4_ADDRESS, DataType.INET_SERVICE);
        List<NftElement> elements = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            elements.add(NftElement.of(
                    NftValue.address(InetAddress.ofLiteral("10.0." + i / 250 + "." + i % 250)), NftValue.port(i)));
        }
        commit(new NftBatch().addTable(TABLE, Set.of()).addSet(TABLE, set).addElements(TABLE, set, elements));
        assertThat(sh(namespace, "nft -j list set inet t s").split("\"concat\""))
                .hasSize(5_001);
    }

    @Test
    void aRefusedBatchSaysWhatWasRefusedAndChangesNothing() {
        commit(tableWith());
        NftSet missing = NftSet.of("missing", DataType.INTERFACE_NAME);
        assertThatThrownBy(() -> commit(new NftBatch()
                        .addChain(TABLE, "another")
                        .addRule(
                                TABLE,
                                "c",
                                NftRule.rule()
                                        .in(missing, Field.INPUT_INTERFACE)
                                        .drop()
                                        .comment("from bridges"))))
                .isInstanceOfSatisfying(SyscallException.class, e -> {
                    assertThat(e.errno()).isEqualTo(Errno.ENOENT);
                    assertThat(e.call()).isEqualTo("NFT_MSG_NEWRULE");
                    assertThat(e.subject()).startsWith("inet t c \"from bridges\"");
                });
        assertThat(sh(namespace, "nft list table inet t")).doesNotContain("another");
        commit(new NftBatch().addChain(TABLE, "another").deleteChain(TABLE, "another"));
    }

    @Test
    void tablesAreDroppedAndReplacedWhateverThereWas() {
        try (NftSocket socket = open()) {
            int before = socket.generation();
            socket.commit(new NftBatch().dropTable(TABLE));
            socket.commit(tableWith(NftRule.rule().drop()).addTable(new NftTable(NftFamily.IPV4, "u"), Set.of()));
            assertThat(socket.tables()).containsExactlyInAnyOrder(TABLE, new NftTable(NftFamily.IPV4, "u"));
            assertThat(socket.generation()).isNotEqualTo(before);
            socket.commit(new NftBatch().flushChain(TABLE, "c"));
            assertThat(chain("c")).doesNotContain("drop");
            socket.commit(new NftBatch().replaceTable(TABLE, Set.of()));
            assertThat(sh(namespace, "nft list table inet t")).isEqualTo("table inet t {\n}\n");
            socket.commit(new NftBatch().dropTable(TABLE));
            assertThat(socket.tables()).containsExactly(new NftTable(NftFamily.IPV4, "u"));
        }
    }

    @Test
    void anOwnedTableIsItsOwnersAloneAndCanBeClaimedAfterIts() {
        Set<NftTable.Flag> flags = EnumSet.allOf(NftTable.Flag.class);
        try (NftSocket owner = open()) {
            owner.commit(new NftBatch().replaceTable(TABLE, flags).addChain(TABLE, "c"));
            sh(namespace, "nft flush ruleset");
            assertThat(chain("c")).contains("chain c");
            assertThat(succeeds(namespace, "nft add chain inet t d")).isFalse();
            try (NftSocket other = open()) {
                assertThatThrownBy(() -> other.commit(new NftBatch().replaceTable(TABLE, flags)))
                        .isInstanceOfSatisfying(
                                SyscallException.class,
                                e -> assertThat(e.errno()).isEqualTo(Errno.EPERM));
            }
            owner.commit(new NftBatch().replaceTable(TABLE, flags).addChain(TABLE, "d"));
        }
        assertThat(sh(namespace, "nft list table inet t")).contains("flags persist", "chain d");
        try (NftSocket heir = open()) {
            heir.commit(new NftBatch().replaceTable(TABLE, flags).addChain(TABLE, "e"));
            assertThat(succeeds(namespace, "nft delete table inet t")).isFalse();
            assertThat(sh(namespace, "nft list table inet t"))
                    .contains("chain e")
                    .doesNotContain("chain d");
        }
    }

    @Test
    void aMonitorHearsWhatOthersDo() {
        try (NftSocket socket = open();
                NftMonitor monitor = Namespaces.callIn(namespace, Namespace.NETWORK, NftMonitor::open)) {
            socket.commit(tableWith());
            assertThat(monitor.changes(socket.port()).tables()).isEmpty();
            sh(namespace, "nft add table ip other");
            assertThat(monitor.changes(socket.port()).tables()).containsExactly(new NftTable(NftFamily.IPV4, "other"));
            sh(namespace, "nft flush ruleset");
            assertThat(monitor.changes(socket.port()).mayConcern(TABLE)).isTrue();
            assertThat(monitor.changes(socket.port()).tables()).isEmpty();
        }
    }

    @Test
    void nameServersAtOtherPortsAreFoundAtPort53() {
        sh(namespace, "ip link set lo up");
        commit(DnsRedirect.batch(5301, 5302));
        assertThat(sh(namespace, "nft list table ip berth-dns")).isEqualTo("""
                table ip berth-dns {
                	chain output {
                		type nat hook output priority dstnat; policy accept;
                		ip daddr 127.0.0.11 udp dport 53 dnat to 127.0.0.11:5301
                		ip daddr 127.0.0.11 tcp dport 53 dnat to 127.0.0.11:5302
                	}

                	chain postrouting {
                		type nat hook postrouting priority srcnat; policy accept;
                		ip saddr 127.0.0.11 udp sport 5301 snat to 127.0.0.11:53
                		ip saddr 127.0.0.11 tcp sport 5302 snat to 127.0.0.11:53
                	}
                }
                """);
        String servers = "socat -T 1 UDP4-LISTEN:5301,bind=127.0.0.11,fork EXEC:cat >/dev/null 2>&1 & u=$!;"
                + " socat -T 1 TCP4-LISTEN:5302,bind=127.0.0.11,fork EXEC:cat >/dev/null 2>&1 & t=$!;"
                + " trap 'kill $u $t; wait' EXIT;"
                + " until ss -Hltun | grep -q 5301 && ss -Hltn | grep -q 5302; do sleep 0.02; done;";
        assertThat(sh(namespace, servers + " echo question | socat -t 2 - UDP4:127.0.0.11:53,connect-timeout=2"))
                .isEqualTo("question\n");
        assertThat(sh(namespace, servers + " echo question | socat -t 2 - TCP4:127.0.0.11:53,connect-timeout=2"))
                .isEqualTo("question\n");
    }
}
