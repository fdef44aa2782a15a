package io.berth.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FileNameCodecTest {
    @Test
    void decodesUtf8AsItself() {
        byte[] bytes = "räksmörgås-日本-\uD83D\uDE00-\uFFFD".getBytes(StandardCharsets.UTF_8);
        assertThat(FileNameCodec.decode(bytes)).isEqualTo("räksmörgås-日本-\uD83D\uDE00-\uFFFD");
        assertThat(FileNameCodec.encode(FileNameCodec.decode(bytes))).isEqualTo(bytes);
    }

    @Test
    void keepsEveryByteSequence() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(12)];
            for (int k = 0; k < bytes.length; k++) {
                bytes[k] = (byte) (random.nextBoolean() ? 1 + random.nextInt(127) : 128 + random.nextInt(128));
            }
            assertThat(FileNameCodec.encode(FileNameCodec.decode(bytes)))
                    .as("seed %d", seed)
                    .isEqualTo(bytes);
        }
    }

    @Test
    void decodesLatin1ToEscapes() {
        assertThat(FileNameCodec.decode(new byte[] {'a', (byte) 0xE9, 'b'})).isEqualTo("a\uDCE9b");
        assertThat(FileNameCodec.printable("a\uDCE9b\n")).isEqualTo("a\\xe9b\\x0a");
    }

    @Test
    void refusesNulAndForeignSurrogates() {
        assertThatThrownBy(() -> FileNameCodec.encode("a\0b")).isInstanceOf(InvalidPathException.class);
        assertThatThrownBy(() -> FileNameCodec.encode("a\uD800b")).isInstanceOf(InvalidPathException.class);
        assertThatThrownBy(() -> FileNameCodec.encode("a\uDC7Fb")).isInstanceOf(InvalidPathException.class);
        assertThatThrownBy(() -> FileNameCodec.encode("\uDC80\0")).isInstanceOf(InvalidPathException.class);
    }
}
