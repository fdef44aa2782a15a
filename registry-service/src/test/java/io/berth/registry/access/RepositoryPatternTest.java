package io.berth.registry.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RepositoryPatternTest {
    @ParameterizedTest
    @CsvSource({
        "team/app, team/app, true",
        "team/app, team/ap, false",
        "team/app, team/app/x, false",
        "team/*, team/app, true",
        "team/*, team/app/x, false",
        "team/*, team, false",
        "team/*, teams/app, false",
        "team/**, team/app, true",
        "team/**, team/a/b/c, true",
        "team/**, team, false",
        "team/**, team2/a, false",
        "**, a, true",
        "**, a/b/c, true",
        "*, a, true",
        "*, a/b, false",
        "*/app, team/app, true",
        "te*m/a*, team/app, true",
        "a*b*c, aXbXbc, true",
        "a*b*c, abcd, false",
    })
    void matches(String pattern, String name, boolean expected) {
        assertThat(new RepositoryPattern(pattern).matches(name.toLowerCase(java.util.Locale.ROOT)))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "/a", "a/", "a//b", "**/a", "a/**/b", "a**", "A", "a b", "a\n", "a%2Fb", "../a?"})
    void everythingElseIsRefused(String pattern) {
        assertThatIllegalArgumentException().isThrownBy(() -> new RepositoryPattern(pattern));
    }

    @Test
    void matchingCannotBeMadeSlow() {
        RepositoryPattern pattern = new RepositoryPattern("*a".repeat(120) + "*b");
        String name = "a".repeat(255);
        long began = System.nanoTime();
        for (int i = 0; i < 100; i++) {
            assertThat(pattern.matches(name)).isFalse();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
    }
}
