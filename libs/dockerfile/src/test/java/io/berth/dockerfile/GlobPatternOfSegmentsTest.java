package io.berth.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cases of Go's path.Match and of its tests. */
class GlobPatternOfSegmentsTest {
    @ParameterizedTest
    @CsvSource({
        "abc, abc, true",
        "*, abc, true",
        "*c, abc, true",
        "a*, ab/c, false",
        "a*/b, abc/b, true",
        "a*b*c*d*e*/f, axbxcxdxe/f, true",
        "a*b?c*x, abxbbxdbxebxczzx, true",
        "ab[c], abc, true",
        "ab[b-d], abc, true",
        "ab[^c], abc, false",
        "a\\*b, a*b, true",
        "[a-ζ]*, α, true",
        "a?b, a/b, false",
        "**/app, a/b/app, false",
        "**, a/b, false",
        "debian:1*, debian:13, true"
    })
    void matchesAsGoDoes(String pattern, String name, boolean matches) {
        assertThat(GlobPattern.ofSegments(pattern).matches(name)).isEqualTo(matches);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "[]a]", "[-]", "[x-]", "[a-b-c]", "a[", "\\", "[^", "[^bc", "[a-"})
    void malformedOnesAreRefused(String pattern) {
        assertThatThrownBy(() -> GlobPattern.ofSegments(pattern))
                .isInstanceOf(DockerfileException.class)
                .hasMessage("syntax error in pattern");
    }

    @Test
    void manyStarsTakeLittleTime() {
        String name = "a".repeat(2000);
        assertThat(GlobPattern.ofSegments("*a".repeat(200) + "b").matches(name)).isFalse();
    }
}
