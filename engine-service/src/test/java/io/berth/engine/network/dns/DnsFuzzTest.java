package io.berth.engine.network.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fuzz.Fuzzer;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Messages from containers to the DNS server, and what they are answered. */
class DnsFuzzTest {
    private final LocalAnswers answers = new LocalAnswers(
            new TestView(null).with("www.example.com", "10.0.0.1", "10.0.0.2").named("172.19.0.11", "web.backend"),
            new Random(1));
    private final ByteBuffer target = ByteBuffer.allocate(Wire.MOST_MESSAGE);

    @Test
    void messages() {
        Fuzzer.of("DNS")
                .example(HexFormat.of()
                        .parseHex("00010100000100000000000103777777076578616d706c6503636f6d0000010001"
                                + "0000291000000080000000"))
                .example(HexFormat.of()
                        .parseHex("000201000001000000000000023131013002313903"
                                + "31373207696e2d61646472046172706100000c0001"))
                .example(HexFormat.of().parseHex("000301000001000000000000c00c00010001"))
                .run(this::answer);
    }

    private void answer(byte[] input) {
        ByteBuffer message = ByteBuffer.wrap(input);
        switch (ClientMessage.parse(message)) {
            case ClientMessage.Query query -> {
                if (answers.answer(query, message, query.datagramLimit(), target)) {
                    assertThat(target.limit()).isLessThanOrEqualTo(query.datagramLimit());
                } else {
                    Responses.failure(query, message, Rcode.SERVER_FAILURE, target);
                }
                isAnswerTo(query.id());
            }
            case ClientMessage.Rejected rejected -> {
                Responses.rejection(rejected, target);
                isAnswerTo(rejected.id());
            }
            case ClientMessage.Ignored _ -> {
                // gets none
            }
        }
    }

    private void isAnswerTo(int id) {
        assertThat(Wire.u16(target, 0)).isEqualTo(id);
        assertThat(Wire.u16(target, Wire.FLAGS_AT) & Wire.QR).isNotZero();
    }
}
