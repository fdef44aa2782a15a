package io.berth.docker.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class StreamFrameTest {
    @Test
    void encodesAsTheApiSays() {
        assertThat(StreamFrame.encode(
                        StreamType.STDERR, "xhix".getBytes(java.nio.charset.StandardCharsets.UTF_8), 1, 2))
                .containsExactly(2, 0, 0, 0, 0, 0, 0, 2, 'h', 'i');
    }

    @Test
    void readsBackWhatItWrote() throws IOException {
        byte[] content = new byte[70_000];
        Arrays.fill(content, (byte) 7);
        ByteArrayInputStream in =
                new ByteArrayInputStream(StreamFrame.encode(StreamType.STDOUT, content, 0, content.length));
        assertThat(StreamFrame.read(in)).hasValueSatisfying(frame -> {
            assertThat(frame.type()).isEqualTo(StreamType.STDOUT);
            assertThat(frame.payload()).isEqualTo(content);
        });
        assertThat(StreamFrame.read(in)).isEmpty();
    }

    @Test
    void refusesWhatIsNoFrame() {
        assertThatThrownBy(() -> StreamFrame.read(new ByteArrayInputStream(new byte[] {1, 0, 0, 0, 0, 0, 0, 5, 1})))
                .isInstanceOf(EOFException.class);
        assertThatThrownBy(() -> StreamFrame.read(new ByteArrayInputStream(new byte[] {9, 0, 0, 0, 0, 0, 0, 0})))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> StreamFrame.read(new ByteArrayInputStream(new byte[] {1, 0, 0, 0, -1, 0, 0, 0})))
                .isInstanceOf(IOException.class);
    }
}
