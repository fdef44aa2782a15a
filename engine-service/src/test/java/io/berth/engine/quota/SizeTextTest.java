package io.berth.engine.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.error.InvalidParameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sizes in the notation of docker/go-units. */
class SizeTextTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "4096, 4096",
        "32k, 32768",
        "32 KiB, 32768",
        "1.5m, 1572864",
        "10G, 10737418240",
        "2tb, 2199023255552",
        "1b, 1",
        "0.5k, 512"
    })
    void areBytes(String text, long bytes) {
        assertThat(SizeText.bytes(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "g", "-1", "1x", "1 2", "1kk", "99999999999p", "1.g", "0x10", "1  k"})
    void orAreRefused(String text) {
        assertThatThrownBy(() -> SizeText.bytes(text))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("invalid size: '" + text + "'");
    }
}
