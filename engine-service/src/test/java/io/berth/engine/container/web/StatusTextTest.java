package io.berth.engine.container.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.container.ContainerState;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusTextTest {
    @ParameterizedTest
    @CsvSource({
        "0, Less than a second",
        "1, 1 second",
        "59, 59 seconds",
        "60, About a minute",
        "3599, 59 minutes",
        "3600, About an hour",
        "7200, 2 hours",
        "172800, 2 days",
        "1209600, 2 weeks",
        "5184000, 2 months",
        "63072000, 2 years"
    })
    void roundsAsDocker(long seconds, String expected) {
        assertThat(StatusText.human(Duration.ofSeconds(seconds))).isEqualTo(expected);
    }

    @Test
    void saysCreated() {
        assertThat(StatusText.of(ContainerState.CREATED, null, Instant.now())).isEqualTo("Created");
    }
}
