package io.berth.image.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.image.data.DataDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerationTest {
    @TempDir
    Path directory;

    @Test
    void isInItsFileAtOnceAndNeverUsedAgain() throws IOException {
        Generation generation = new Generation(new DataDirectory(directory));
        long first = generation.number();
        generation.advance();
        assertThat(generation.number()).isEqualTo(first + 1);
        assertThat(ByteBuffer.wrap(Files.readAllBytes(generation.file()))
                        .order(ByteOrder.nativeOrder())
                        .getLong())
                .isEqualTo(first + 1);
        assertThat(new Generation(new DataDirectory(directory)).number()).isGreaterThan(first + 1);
    }
}
