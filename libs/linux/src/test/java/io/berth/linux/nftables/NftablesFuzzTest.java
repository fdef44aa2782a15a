package io.berth.linux.nftables;

import io.berth.fuzz.Fuzzer;
import io.berth.linux.netlink.NetfilterAttributes;
import io.berth.linux.netlink.NetlinkMessage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What nftables tells of tables and chains, with lengths and types that do not fit. */
class NftablesFuzzTest {
    private static final int NEW_TABLE = NftSocket.SUBSYSTEM << 8;
    private static final int NEW_CHAIN = NftSocket.SUBSYSTEM << 8 | 3;

    @Test
    void tablesAndChains() {
        Fuzzer.of("nftables")
                .example(message(
                        NEW_TABLE, new NetfilterAttributes().text(1, "berth").number(2, 1)))
                .example(message(
                        NEW_CHAIN,
                        new NetfilterAttributes()
                                .text(1, "berth")
                                .text(3, "forward")
                                .nested(4, hook -> hook.number(1, 2).number(2, 0))
                                .number(5, 1)))
                .refusesBy(IllegalArgumentException.class)
                .run(input -> {
                    List<NftTable> tables = new ArrayList<>();
                    List<NftChain> chains = new ArrayList<>();
                    for (NetlinkMessage message : NetlinkMessage.parse(ByteBuffer.wrap(input))) {
                        NftSocket.addTable(message, 1, tables);
                        NftSocket.addBaseChain(message, chains);
                    }
                });
    }

    private static byte[] message(int type, NetfilterAttributes attributes) {
        ByteBuffer value = attributes.toBuffer();
        ByteBuffer payload = ByteBuffer.allocate(4 + value.remaining())
                .put((byte) NftFamily.INET.number())
                .put(new byte[3])
                .put(value)
                .flip();
        ByteBuffer message = NetlinkMessage.encode(type, 0, 1, payload);
        byte[] bytes = new byte[message.remaining()];
        message.get(bytes);
        return bytes;
    }
}
