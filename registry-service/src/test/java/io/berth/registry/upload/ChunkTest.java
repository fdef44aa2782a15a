package io.berth.registry.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkTest {
    private static final InputStream NOTHING = InputStream.nullInputStream();

    @Test
    void takesItsPlaceFromTheHeader() {
        Chunk chunk = Chunk.of(NOTHING, "10-19", 10);
        assertThat(chunk.first()).isEqualTo(10);
        assertThat(chunk.length()).isEqualTo(10);
        assertThat(Chunk.of(NOTHING, "0-4", -1).length()).isEqualTo(5);
        assertThat(Chunk.of(NOTHING, null, -1).placed()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "5", "5-", "-5", "9-3", "bytes 0-4/5", "bytes=0-4", "0-4/5", " 0-4", "0-99999999999999999999"
            })
    void refusesOtherForms(String header) {
        assertThatThrownBy(() -> Chunk.of(NOTHING, header, 5))
                .isInstanceOfSatisfying(
                        RegistryException.class,
                        e -> assertThat(e.errors().getFirst().code()).isEqualTo(ErrorCode.BLOB_UPLOAD_INVALID));
    }

    @Test
    void refusesALengthThatContradictsTheRange() {
        assertThatThrownBy(() -> Chunk.of(NOTHING, "0-4", 6))
                .isInstanceOfSatisfying(
                        RegistryException.class,
                        e -> assertThat(e.errors().getFirst().code()).isEqualTo(ErrorCode.SIZE_INVALID));
    }
}
