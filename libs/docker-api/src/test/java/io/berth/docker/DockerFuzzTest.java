package io.berth.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.docker.stream.StreamFrame;
import io.berth.docker.stream.StreamType;
import io.berth.fuzz.Fuzzer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Streams of other engines, and numbers and versions of clients. */
class DockerFuzzTest {
    @Test
    void frames() {
        byte[] content = "some output\n".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        Fuzzer.of("stream")
                .example(StreamFrame.encode(StreamType.STDOUT, content, 0, content.length))
                .example(StreamFrame.encode(StreamType.STDERR, content, 0, 0))
                .refusesBy(IOException.class)
                .run(input -> {
                    ByteArrayInputStream in = new ByteArrayInputStream(input);
                    while (StreamFrame.read(in).isPresent()) {
                        assertThat(in.available()).isLessThan(input.length);
                    }
                });
    }

    @Test
    void versions() {
        Fuzzer.of("API version")
                .examples("1.44", "v1.24")
                .words(".", "v")
                .refusesBy(IllegalArgumentException.class)
                .runText(text -> {
                    ApiVersion version = ApiVersion.parse(text);
                    assertThat(ApiVersion.parse(version.toString())).isEqualTo(version);
                });
    }

    @Test
    void numbers() {
        Fuzzer.of("decimal")
                .examples("-1", "+9223372036854775807", "0")
                .words("-", "+", "0x", "_")
                .refusesBy(NumberFormatException.class)
                .runText(text -> assertThat(Decimal.parseLong(Long.toString(Decimal.parseLong(text))))
                        .isEqualTo(Decimal.parseLong(text)));
    }
}
