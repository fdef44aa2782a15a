package io.berth.engine.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        "2026-01-01, 2026-01-01T00:00:00Z"
    })
    void reads(String text, Instant expected) {
        assertThat(Timestamps.parse(text, NOW)).contains(expected);
    }

    @ParameterizedTest
    @CsvSource({"0", "''"})
    void takesZeroAsNone(String text) {
        assertThat(Timestamps.parse(text, NOW)).isEmpty();
    }
}
