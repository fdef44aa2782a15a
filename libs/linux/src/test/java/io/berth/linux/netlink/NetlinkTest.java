package io.berth.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class NetlinkTest {
    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
    }

    @Test
    void requestsAreTheBytesOfTheKernelsStructs() {
        assertThat(ByteOrder.nativeOrder()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
        assertThat(HexFormat.of().formatHex(LinkRequests.up(1).encode(7)))
                .isEqualTo("20000000" + "1000" + "0500" + "07000000" + "00000000" // nlmsghdr
                        + "00000000" + "01000000" + "01000000" + "01000000"); // ifinfomsg
        assertThat(HexFormat.of().formatHex(LinkRequests.list().encode(2)))
                .isEqualTo("28000000" + "1200" + "0503" + "02000000" + "00000000" + "00".repeat(16) // ifinfomsg
                        + "08001d00" + "08000000"); // IFLA_EXT_MASK: without counters
        assertThat(HexFormat.of().formatHex(LinkRequests.interfaceUp("lo")))
                .isEqualTo("6c6f" + "00".repeat(14) + "4100" + "00".repeat(22));
        assertThatThrownBy(() -> LinkRequests.interfaceUp("a-name-too-long1"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void readsLinks() {
        ByteBuffer payload = buffer(200);
        payload.put((byte) 0)
                .put((byte) 0)
                .putShort((short) 1)
                .putInt(5)
                .putInt(0x1043)
                .putInt(0);
        attribute(payload, 3, "eth0\0".getBytes(StandardCharsets.US_ASCII));
        attribute(payload, 4, new byte[] {(byte) 0xDC, 5, 0, 0});
        attribute(payload, 1, new byte[] {2, 0x42, (byte) 0xAC, 17, 0, 2});
        attribute(payload, 10, new byte[] {9, 0, 0, 0});
        attribute(payload, 5, new byte[] {6, 0, 0, 0});
        attribute(payload, 20, "a note\0".getBytes(StandardCharsets.US_ASCII));
        attribute(payload, 0x8000 | 18, new byte[] {9, 0, 1, 0, 'v', 'e', 't', 'h', 0, 0, 0, 0});
        List<NetlinkMessage> messages = NetlinkMessage.parse(NetlinkMessage.encode(16, 2, 1, payload.flip()));
        assertThat(messages).hasSize(1);
        Link link = Link.parse(messages.getFirst());
        assertThat(link).isEqualTo(new Link(5, "eth0", 0x1043, 1500, "veth", "02:42:ac:11:00:02", 9, 6, "a note"));
        assertThat(link.isUp()).isTrue();
    }

    private static void attribute(ByteBuffer target, int type, byte[] value) {
        target.putShort((short) (value.length + 4)).putShort((short) type).put(value);
        while (target.position() % 4 != 0) {
            target.put((byte) 0);
        }
    }

    @Test
    void errorsCarryTheKernelsExplanation() {
        ByteBuffer payload = buffer(100);
        payload.putInt(-Errno.ENODEV)
                .putInt(32)
                .putShort((short) 16)
                .putShort((short) 5)
                .putInt(7)
                .putInt(0);
        attribute(payload, 1, "no such link\0".getBytes(StandardCharsets.US_ASCII));
        NetlinkMessage error = NetlinkMessage.parse(NetlinkMessage.encode(
                        NetlinkMessage.ERROR, NetlinkMessage.F_CAPPED | NetlinkMessage.F_ACK_TLVS, 7, payload.flip()))
                .getFirst();
        SyscallException failure = error.failure("RTM_NEWLINK", "link 9 up");
        assertThat(failure)
                .hasMessage("RTM_NEWLINK(link 9 up: no such link) failed: ENODEV (No such device)")
                .extracting(SyscallException::errno)
                .isEqualTo(Errno.ENODEV);
        NetlinkMessage acknowledged = new NetlinkMessage(NetlinkMessage.ERROR, 0, 7, 0, buffer(20));
        assertThat(acknowledged.failure("x", "y")).isNull();
    }

    @Test
    void brokenMessagesAreRefusedNotRead() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(120)];
            random.nextBytes(bytes);
            if (bytes.length > 16) {
                ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).putInt(0, random.nextInt(bytes.length + 10));
            }
            try {
                for (NetlinkMessage message : NetlinkMessage.parse(ByteBuffer.wrap(bytes))) {
                    assertThat(Link.parse(message).name()).isNotNull();
                    assertThat(LinkAddress.parse(message)).isNotNull();
                    assertThat(Route.parse(message)).isNotNull();
                }
            } catch (IllegalArgumentException e) {
                assertThat(e).as("seed %d", seed).hasMessageContaining("expected");
            }
        }
    }

    @Test
    void listsTheLinksOfThisNamespace() {
        try (NetlinkSocket socket = NetlinkSocket.open()) {
            assertThat(socket.links())
                    .anySatisfy(link -> assertThat(link.name()).isEqualTo("lo"));
            assertThatThrownBy(() -> socket.setUp(1_000_000)).isInstanceOf(SyscallException.class);
            assertThat(socket.links()).as("still in step after an error").isNotEmpty();
        }
    }
}
