package io.berth.dockerserver.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.error.InvalidParameter;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimestampsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "1767225600, 2026-01-01T00:00:00Z",
        "1767225600.000000001, 2026-01-01T00:00:00.000000001Z",
        "10m, 2026-01-01T11:50:00Z",
        "1h30m0.5s, 2026-01-01T10:29:59.500Z",
        "2026-01-01T01:00:00+01:00, 2026-01-01T00:00:00Z",
        "2026-01-01T01:00:00, 2026-01-01T01:00:00Z",
        "2026-01-01, 2026-01-01T00:00:00Z",
        "2026-01-01Z, 2026-01-01T00:00:00Z",
        "2026-01-01+02:00, 2025-12-31T22:00:00Z",
        "2026-01-01T05, 2026-01-01T05:00:00Z",
        "2026-01-01T05:06, 2026-01-01T05:06:00Z",
        "2026-01-01T05:06-01:00, 2026-01-01T06:06:00Z",
        "2026-01-01T05:06:07.5, 2026-01-01T05:06:07.500Z",
        "2026-01-01T05:06:07.123456789Z, 2026-01-01T05:06:07.123456789Z",
        "-1h, 2026-01-01T13:00:00Z",
        ".5s, 2026-01-01T11:59:59.500Z"
    })
    void reads(String text, Instant expected) {
        assertThat(Timestamps.parse(text, NOW)).contains(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "2026-13-01", "2026-01-01T25", "1h2", "-", "2026-01-01T05:06:07X", "99999999999999h"})
    void refuses(String text) {
        assertThatThrownBy(() -> Timestamps.parse(text, NOW))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("failed to parse value as time or duration: \"" + text + "\"");
    }

    @ParameterizedTest
    @CsvSource({"0", "''"})
    void takesZeroAsNone(String text) {
        assertThat(Timestamps.parse(text, NOW)).isEmpty();
    }
}
