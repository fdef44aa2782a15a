package io.berth.linux.nftables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.netlink.Attributes;
import io.berth.linux.netlink.IpPrefix;
import io.berth.linux.netlink.MacAddress;
import io.berth.linux.netlink.NetlinkMessage;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The bytes of batches, without a kernel. */
class NftBatchTest {
    private static final NftTable TABLE = new NftTable(NftFamily.INET, "t");
    private static final NftSet PORTS = NftSet.of("m", DataType.INET_PROTOCOL, DataType.INET_SERVICE)
            .to(DataType.IPV4_ADDRESS, DataType.INET_SERVICE);

    private static String hex(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return HexFormat.of().formatHex(copy);
    }

    private static String payload(NftBatch batch) {
        return hex(batch.commands().getFirst().payload());
    }

    @Test
    void aBatchIsFramedAndItsLastCommandAcknowledged() {
        NftBatch batch = new NftBatch().addTable(TABLE, Set.of()).addChain(TABLE, "c");
        List<NetlinkMessage> messages = NetlinkMessage.parse(batch.encode(7));
        assertThat(messages).extracting(NetlinkMessage::type).containsExactly(0x10, 0xA00, 0xA03, 0x11);
        assertThat(messages).extracting(NetlinkMessage::sequence).containsExactly(7, 8, 9, 10);
        assertThat(messages).extracting(NetlinkMessage::flags).containsExactly(1, 0x401, 0x405, 1);
        assertThat(hex(messages.getFirst().payload()))
                .as("nfgenmsg with the subsystem, big-endian")
                .isEqualTo("0000000a");
    }

    @Test
    void tablesHaveNamesAndFlags() {
        assertThat(payload(new NftBatch().addTable(TABLE, EnumSet.allOf(NftTable.Flag.class))))
                .isEqualTo("01000000" + "06000100" + "74000000" + "08000200" + "00000006");
        assertThat(new NftBatch().replaceTable(TABLE, Set.of()).commands())
                .extracting(NftBatch.Command::name)
                .containsExactly(
                        NftBatch.Name.NFT_MSG_NEWTABLE, NftBatch.Name.NFT_MSG_DELTABLE, NftBatch.Name.NFT_MSG_NEWTABLE);
        assertThatThrownBy(() -> new NftTable(NftFamily.INET, "")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void baseChainsHaveAHook() {
        assertThat(payload(new NftBatch()
                        .addChain(TABLE, "c", BaseChain.nat(BaseChain.Hook.PREROUTING, BaseChain.DSTNAT))))
                .isEqualTo("01000000" + "06000100" + "74000000" + "06000300" + "63000000" // TABLE, NAME
                        + "14000480" + "08000100" + "00000000" + "08000200" + "ffffff9c" // HOOK
                        + "08000500" + "00000001" + "08000700" + "6e617400"); // POLICY, TYPE
    }

    @Test
    void aRuleIsAListOfExpressions() {
        NftRule rule = NftRule.rule()
                .is(Field.DESTINATION_PORT, NftValue.port(53))
                .drop()
                .comment("dns");
        assertThat(payload(new NftBatch().addRule(TABLE, "c", rule)))
                .isEqualTo("01000000" + "06000100" + "74000000" + "06000200" + "63000000"
                        + "94000480" // EXPRESSIONS
                        + "34000180" + "0c000100" + "7061796c6f616400" + "24000280"
                        + "08000100" + "00000008" + "08000200" + "00000002" // to NFT_REG32_00, transport header
                        + "08000300" + "00000002" + "08000400" + "00000002"
                        + "2c000180" + "08000100" + "636d7000" + "20000280"
                        + "08000100" + "00000008" + "08000200" + "00000000" + "0c000380" + "06000100" + "00350000"
                        + "30000180" + "0e000100" + "696d6d656469617465000000" + "1c000280"
                        + "08000100" + "00000000" + "10000280" + "0c000280" + "08000100" + "00000000"
                        + "0a000700" + "0004646e7300" + "0000"); // USERDATA
    }

    @Test
    void setsSayWhatTheyHold() {
        ByteBuffer payload =
                new NftBatch().addSet(TABLE, PORTS).commands().getFirst().payload();
        Attributes attributes = Attributes.parse(
                payload.duplicate().order(ByteOrder.nativeOrder()).position(4));
        assertThat(attributes.text(2)).isEqualTo("m");
        assertThat(attributes.bytes(3)).as("NFT_SET_MAP").containsExactly(0, 0, 0, 8);
        assertThat(attributes.bytes(4)).as("inet_proto . inet_service").containsExactly(0, 0, 3, 13);
        assertThat(attributes.bytes(5)).as("two registers").containsExactly(0, 0, 0, 8);
        assertThat(attributes.bytes(6)).as("ipv4_addr . inet_service").containsExactly(0, 0, 1, (byte) 0xCD);
        assertThat(attributes.bytes(7)).containsExactly(0, 0, 0, 8);
    }

    @Test
    void partsOfAKeyBeginInRegistersOfTheirOwn() {
        assertThat(hex(ElementCodec.concatenate(List.of(
                        NftValue.interfaceName("veth1"),
                        NftValue.mac(MacAddress.parse("02:42:ac:11:00:02")),
                        NftValue.protocol(6),
                        NftValue.port(80)))))
                .isEqualTo("7665746831" + "00".repeat(11) + "0242ac1100020000" + "06000000" + "00500000");
        assertThat(hex(ElementCodec.concatenate(List.of(NftValue.port(80))))).isEqualTo("0050");
    }

    @Test
    void aPrefixEndsBeforeTheNextAddress() {
        assertThat(NftElement.prefix(IpPrefix.parse("10.1.2.3/16")).after())
                .isEqualTo(NftValue.address(InetAddress.ofLiteral("10.2.0.0")));
        assertThat(NftElement.prefix(IpPrefix.parse("255.255.0.0/16")).after()).isNull();
        assertThat(NftElement.prefix(IpPrefix.parse("ffff::/16")).after()).isNull();
        assertThat(NftElement.prefix(IpPrefix.parse("fd00::/64")).after())
                .isEqualTo(NftValue.address(InetAddress.ofLiteral("fd00:0:0:1::")));
        NftSet subnets = NftSet.ofIntervals("s", DataType.IPV4_ADDRESS);
        assertThat(ElementCodec.encode(subnets, NftElement.prefix(IpPrefix.parse("10.0.0.0/8"))))
                .extracting(NftBatchTest::hex)
                .containsExactly(
                        "0c000180" + "08000100" + "0a000000",
                        "0c000180" + "08000100" + "0b000000" + "08000300" + "00000001");
    }

    @Test
    void manyElementsAreSeveralMessages() {
        List<NftElement> elements = new ArrayList<>();
        for (int port = 0; port < 5_000; port++) {
            elements.add(NftElement.of(NftValue.protocol(6), NftValue.port(port))
                    .to(NftValue.address(InetAddress.ofLiteral("172.17.0.2")), NftValue.port(port)));
        }
        NftBatch batch = new NftBatch().addElements(TABLE, PORTS, elements);
        int read = 0;
        for (NetlinkMessage message : NetlinkMessage.parse(batch.encode(1))) {
            if (message.type() == 0xA0C) {
                byte[] list = Objects.requireNonNull(
                        Attributes.parse(message.reader().position(4)).bytes(3));
                assertThat(list).hasSizeLessThan(65_532);
                read += list.length
                        / ByteBuffer.wrap(list).order(ByteOrder.nativeOrder()).getShort();
            }
        }
        assertThat(read).isEqualTo(5_000);
    }

    @Test
    void whatDoesNotFitASetIsRefused() {
        assertThatThrownBy(() -> new NftBatch()
                        .addElements(TABLE, PORTS, List.of(NftElement.of(NftValue.port(80), NftValue.protocol(6)))))
                .hasMessageContaining("expected: [INET_PROTOCOL, INET_SERVICE]");
        assertThatThrownBy(() -> NftRule.rule().in(PORTS, Field.DESTINATION_PORT, Field.TRANSPORT_PROTOCOL))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> NftRule.rule().is(Field.SOURCE_PORT, NftValue.protocol(6)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> NftValue.port(65_536)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> NftValue.interfaceName("sixteen-letters-"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
