package io.berth.buildkit.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.berth.buildkit.SessionException;
import io.berth.buildkit.TreeEntry;
import io.berth.buildkit.wire.StatProto.Stat;
import io.berth.buildkit.wire.WireProto.Packet;
import io.berth.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** What clients tell of their files. */
class TransferFuzzTest {
    @Test
    void filesOfClients() {
        Fuzzer.of("stat")
                .example(packet(Stat.newBuilder()
                        .setPath(ByteString.copyFromUtf8("dir/file"))
                        .setMode(0_644)
                        .setUid(1000)
                        .setSize(7)
                        .setModTime(1_700_000_000_123_456_789L)
                        .putXattrs("user.a", ByteString.copyFromUtf8("b"))
                        .putXattrs("security.capability", ByteString.copyFromUtf8("c"))))
                .example(packet(Stat.newBuilder()
                        .setPath(ByteString.copyFromUtf8("link"))
                        .setMode(1 << 27 | 0_777)
                        .setLinkname(ByteString.copyFromUtf8("../to"))))
                .example(packet(Stat.newBuilder()
                        .setPath(ByteString.copyFromUtf8("device"))
                        .setMode(1 << 26 | 1 << 21)
                        .setDevmajor(1)
                        .setDevminor(3)))
                .words("../", "//", "/", "user.")
                .refusesBy(SessionException.class)
                .refusesBy(InvalidProtocolBufferException.class)
                .run(input -> {
                    Packet packet = Packet.parseFrom(input);
                    TreeEntry entry = StatCodec.decode(packet.getStat());
                    assertThat(entry.path()).isNotEmpty().doesNotStartWith("/").doesNotEndWith("/");
                    assertThat(entry.path().split("/", -1)).doesNotContain("", ".", "..");
                    TreeEntry again = StatCodec.decode(StatCodec.encode(entry));
                    assertThat(again)
                            .usingRecursiveComparison()
                            .ignoringFields("xattrs")
                            .isEqualTo(entry);
                });
    }

    private static byte[] packet(Stat.Builder stat) {
        return Packet.newBuilder()
                .setType(Packet.PacketType.PACKET_STAT)
                .setStat(stat)
                .build()
                .toByteArray();
    }
}
