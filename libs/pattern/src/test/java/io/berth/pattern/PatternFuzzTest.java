package io.berth.pattern;

import io.berth.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** Patterns of filters, log options and rules of the registry. */
class PatternFuzzTest {
    @Test
    void patterns() {
        Fuzzer.of("pattern")
                .examples("^/?a.*(b|c)+[d-f]{2,3}?$", "(?i)x\\d\\pL(?P<n>y)", "[[:alpha:]^-]", "(.*.*.*z){3}")
                .words("(", ")", "*", "{1000}", "{1,50}", "[", "]", "\\p{", "|", "(?", ".*")
                .refusesBy(InvalidPattern.class)
                .runText(text -> LinearPattern.of(text).isIn("some-name.of.a_container"));
    }
}
