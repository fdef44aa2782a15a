package io.berth.linux.netlink;

import io.berth.fuzz.Fuzzer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** Answers of netlink with lengths and types that do not fit. */
class NetlinkFuzzTest {
    private static final short RTA_DST = 1;
    private static final short RTA_OIF = 4;
    private static final short RTA_GATEWAY = 5;

    @Test
    void messages() {
        Fuzzer.of("netlink")
                .example(message((short) 24, new byte[] {2, 24, 0, 0, (byte) 254, 3, 0, 1, 0, 0, 0, 0}))
                .example(message((short) 16, new byte[] {0, 0, 1, 0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}))
                .refusesBy(IllegalArgumentException.class)
                .run(input -> {
                    for (NetlinkMessage message : NetlinkMessage.parse(ByteBuffer.wrap(input))) {
                        Route.parse(message);
                        Link.parse(message);
                    }
                });
    }

    @Test
    void attributes() {
        Fuzzer.of("netlink attributes")
                .example(nested())
                .refusesBy(IllegalArgumentException.class)
                .run(input -> {
                    Attributes attributes =
                            Attributes.parse(ByteBuffer.wrap(input).order(ByteOrder.nativeOrder()));
                    for (int type = 0; type < 8; type++) {
                        attributes.text(type);
                        attributes.number(type, 0);
                        attributes.bytes(type);
                        attributes.nested(type);
                    }
                });
    }

    private static byte[] message(short type, byte[] fixed) {
        byte[] attributes = nested();
        ByteBuffer message =
                ByteBuffer.allocate(16 + fixed.length + attributes.length).order(ByteOrder.nativeOrder());
        message.putInt(message.capacity())
                .putShort(type)
                .putShort((short) 2)
                .putInt(1)
                .putInt(2);
        return message.put(fixed).put(attributes).array();
    }

    private static byte[] nested() {
        ByteBuffer bytes = ByteBuffer.allocate(24).order(ByteOrder.nativeOrder());
        bytes.putShort((short) 8).putShort(RTA_DST).put(new byte[] {10, 1, 2, 0});
        bytes.putShort((short) 8).putShort(RTA_GATEWAY).put(new byte[] {10, 1, 2, 1});
        bytes.putShort((short) 8).putShort(RTA_OIF).putInt(3);
        return bytes.array();
    }
}
