package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Berth on Berth, as {@code berth demo --self} goes round: it builds the platform's images, pushes them, starts a second platform of them, and rolls out
 * an edited class. Takes some minutes, so it is asked for by {@code -Dberth.test.self-hosting=true}.
 */
@CompatTest
@BerthOnly
@OwnPlatform
@EnabledIfSystemProperty(
        named = "berth.test.self-hosting",
        matches = "true",
        disabledReason = "takes minutes: -Dberth.test.self-hosting=true")
class SelfHostingIT {
    private static final int LIMIT_BYTES = 1_000_000;
    private static final Pattern SENT = Pattern.compile("(\\d+) bytes were pushed again");

    @Test
    void aPlatformRunsOnAnother() {
        Outcome demo = Running.run(
                List.of(BerthInstance.launcherScript().toString(), "demo", "--self"),
                Map.of("BERTH_BUILD", "never"),
                new byte[0],
                Duration.ofMinutes(15));
        assertThat(demo.exitCode()).as(demo.toString()).isZero();
        assertThat(demo.out()).contains("by name: hello from a container", "BERTH RUNS ON BERTH");
        Matcher sent = SENT.matcher(demo.out());
        assertThat(sent.find()).as(demo.out()).isTrue();
        assertThat(Integer.parseInt(sent.group(1))).isBetween(1, LIMIT_BYTES);
    }
}
