package io.berth.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinearPatternTest {
    /** A stack smaller than any that a service has. */
    private static final int STACK = 256 * 1024;

    @ParameterizedTest
    @CsvSource({
        "^web, webserver, true",
        "^web, aweb, false",
        "web|db, mydb, true",
        "[0-9a-f]{8}-[0-9a-f]{4}, 0123abcd-00ff, true",
        "(?i)WEB, web, true",
        "\\d+$, run12, true",
        "a.c, abc, true",
        "\\Qa.c\\E, abc, false"
    })
    void findsAsGoDoes(String pattern, String text, boolean found) {
        assertThat(LinearPattern.of(pattern).isIn(text)).isEqualTo(found);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {
                "*a;error parsing regexp: missing argument to repetition operator: `*`",
                "[a;error parsing regexp: missing closing ]: `[a`",
                "a**;error parsing regexp: invalid nested repetition operator: `**`",
                "(?!a);error parsing regexp: invalid or unsupported Perl syntax: `(?!`",
                "(?<=a)b;error parsing regexp: invalid named capture: `(?<=a)b`",
                "a++;error parsing regexp: invalid nested repetition operator: `++`",
                "(a)\\1;error parsing regexp: invalid escape sequence: `\\1`",
                "a);error parsing regexp: unexpected ): `a)`"
            })
    void saysWhatIsWrongAsGoDoes(String pattern, String message) {
        assertThatThrownBy(() -> LinearPattern.of(pattern))
                .isInstanceOf(InvalidPattern.class)
                .isNotInstanceOf(CostlyPattern.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".*.*.*.*.*.*.*.*.*.*z",
                "(a*)*b",
                "(a|a)*b",
                "(a|aa)+b",
                "(.*a){20}b",
                "((a+)+)+b",
                "(x+x+)+y",
                "^(([a-z])+.)+[A-Z]([a-z])+$"
            })
    void takesLinearTime(String pattern) {
        String text = "a".repeat(5000);
        boolean found = assertTimeoutPreemptively(
                Duration.ofSeconds(20), () -> LinearPattern.of(pattern).isIn(text));
        assertThat(found).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a{1000}){1000}",
                "((a{1000}){1000})",
                "((a{100}){100}){100}",
                "(((a{30}){30}){30}){30}",
                "a{1000}",
                "(?:a?){1000}",
                "(a\\)){500}{500}",
                "[(]{400}[)]{400}",
                "(x{10}){1,100}"
            })
    void doesNotMakeWhatIsTooLarge(String pattern) {
        assertThatThrownBy(() -> LinearPattern.of(pattern))
                .isInstanceOf(CostlyPattern.class)
                .hasMessage("error parsing regexp: expression too large: `" + pattern + "`");
    }

    @Test
    void refusesLongOnesWithoutRepeatingThem() {
        assertThatThrownBy(() -> LinearPattern.of("a|".repeat(1_000_000)))
                .isInstanceOf(CostlyPattern.class)
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(120));
    }

    @Test
    void noPatternHasMoreStepsThanIsReckoned() {
        String[] parts = {
            "a", "b", ".", "(", ")", "(?:", ")", "|", "*", "+", "?", "{2}", "{0,3}", "{3,}", "{4}", "[a-z]", "[^)]",
                    "\\)", "\\(",
            "\\pL", "\\b", "^", "$", "{", "}", "[]{2}]", "\\Q(\\E", "\\Q", "\\E", "(?i)", "(?i:", "é", "𝄞",
                    "[[:alpha:]]", "\\", "(?P<n>", ")", ")"
        };
        Random random = new Random(1);
        int made = 0;
        for (int i = 0; i < 60_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int k = random.nextInt(14); k >= 0; k--) {
                text.append(parts[random.nextInt(parts.length)]);
            }
            try {
                LinearPattern pattern = LinearPattern.of(text.toString());
                // Every program has a step to fail and one to succeed.
                assertThat((long) pattern.size())
                        .as("%s", text)
                        .isLessThanOrEqualTo(2 + LinearPattern.atMost(text.toString()));
                assertThat(pattern.isIn("ab(é")).isIn(true, false);
                made++;
            } catch (InvalidPattern e) {
                assertThat(e).hasMessageStartingWith("error parsing regexp: ");
            }
        }
        assertThat(made).isGreaterThan(5000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nested", "optional", "alternatives", "captures"})
    void theLargestNeedLittleStack(String kind) throws InterruptedException {
        String pattern =
                switch (kind) {
                    case "nested" -> "(".repeat(240) + "a" + ")".repeat(240);
                    case "optional" -> "x?".repeat(240) + "y";
                    case "alternatives" -> "a|".repeat(240) + "b";
                    default -> "()".repeat(160);
                };
        Throwable[] thrown = new Throwable[1];
        Thread thread = new Thread(null, () -> LinearPattern.of(pattern).isIn("x".repeat(500)), "small", STACK);
        thread.setUncaughtExceptionHandler((_, e) -> thrown[0] = e);
        thread.start();
        thread.join();
        assertThat(thrown[0]).isNull();
    }

    @Test
    void matchesWholeTexts() {
        assertThat(LinearPattern.of("v[0-9.]+").matches("v1.2")).isTrue();
        assertThat(LinearPattern.of("v[0-9.]+").matches("v1.2-rc")).isFalse();
        assertThat(LinearPattern.of("a|ab").matches("ab")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(?i)\\x{1c80}",
                "(?i)[\\x{1c80}-\\x{1c88}]",
                "(?i)\u1c80",
                "(?s-i)a|(?mi:[A-\u1c90])",
                "(?i)[\\101-\\x{1e900}]",
                "(?i)\u00df"
            })
    void foldsNoLettersThatNeverComeBackToThemselves(String text) {
        assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> assertThatThrownBy(() -> LinearPattern.of(text))
                        .isInstanceOf(InvalidPattern.class)
                        .hasMessageContaining("case is ignored for ASCII characters only"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(?i)web-[0-9]+", "(?i)^WEB", "x|(?i:Eb-)", "(?P<i>web)", "web|\\x{1c80}|\u1c80"})
    void ignoresCaseOfAscii(String text) {
        assertThat(LinearPattern.of(text).isIn("web-1")).isTrue();
    }
}
