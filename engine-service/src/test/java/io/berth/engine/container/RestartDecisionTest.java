package io.berth.engine.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.docker.container.RestartPolicy;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestartDecisionTest {
    @Test
    void waitsLongerEachTimeUntilARunWasLongEnough() {
        Duration delay = Duration.ZERO;
        long[] millis = new long[13];
        for (int i = 0; i < millis.length; i++) {
            delay = RestartDecision.delay(delay, Duration.ofSeconds(i == 11 ? 10 : 1));
            millis[i] = delay.toMillis();
        }
        assertThat(millis).containsExactly(100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 51200, 60000, 100, 200);
    }

    @ParameterizedTest
    @CsvSource({
        "no, 0, 1, 0, false, false",
        "always, 0, 0, 5, false, true",
        "always, 0, 0, 5, true, false",
        "unless-stopped, 0, 0, 5, false, true",
        "unless-stopped, 0, 0, 5, true, false",
        "on-failure, 0, 0, 0, false, false",
        "on-failure, 0, 1, 99, false, true",
        "on-failure, 3, 1, 2, false, true",
        "on-failure, 3, 1, 3, false, false"
    })
    void decidesAfterAnExit(String policy, int maximum, int exitCode, int restarts, boolean byUser, boolean restarted) {
        assertThat(RestartDecision.afterExit(new RestartPolicy(policy, maximum), exitCode, restarts, byUser))
                .isEqualTo(restarted);
    }
}
