package io.berth.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobPatternTest {
    @ParameterizedTest
    @CsvSource({
        // The table of Go's filepath.Match, as far as it holds for one segment.
        "abc,abc,true",
        "*,abc,true",
        "*c,abc,true",
        "a*,a,true",
        "a*,abc,true",
        "a*,ab/c,false",
        "a*/b,abc/b,true",
        "a*/b,a/c/b,false",
        "a*b*c*d*e*/f,axbxcxdxe/f,true",
        "a*b*c*d*e*/f,axbxcxdxexxx/f,true",
        "a*b*c*d*e*/f,axbxcxdxe/xxx/f,false",
        "a*b*c*d*e*/f,axbxcxdxexxx/fff,false",
        "a*b?c*x,abxbbxdbxebxczzx,true",
        "a*b?c*x,abxbbxdbxebxczzy,false",
        "ab[c],abc,true",
        "ab[b-d],abc,true",
        "ab[e-g],abc,false",
        "ab[^c],abc,false",
        "ab[^b-d],abc,false",
        "ab[^e-g],abc,true",
        "a\\*b,a*b,true",
        "a\\*b,ab,false",
        "a?b,a☺b,true",
        "a[^a]b,a☺b,true",
        "a???b,a☺b,false",
        "a[^a][^a][^a]b,a☺b,false",
        "[a-ζ]*,α,true",
        "*[a-ζ],A,false",
        "a?b,a/b,false",
        "a*b,a/b,false",
        "[\\]a],],true",
        "[\\-],-,true",
        "[x\\-],x,true",
        "[x\\-],-,true",
        "[x\\-],z,false",
        "[\\-x],x,true",
        "[\\-x],a,false",
        "*x,xxx,true",
        "arr[[]0].txt,arr[0].txt,true",
        // and a segment that stands for any number of them
        "**,a,true",
        "**,a/b/c,true",
        "**/a,a,true",
        "**/a,x/a,true",
        "**/a,x/y/a,true",
        "**/a,xa,false",
        "a/**,a/b,true",
        "a/**,a/b/c,true",
        "a/**,ab,false",
        "a/**/b,a/b,true",
        "a/**/b,a/x/b,true",
        "a/**/b,a/x/y/b,true",
        "a/**/b,a/xb,false",
        "src/**/*.txt,src/a.txt,true",
        "src/**/*.txt,src/x/y/c.txt,true",
        "src/**/*.txt,src/x/y/c.md,false",
        "**/x/**/y,a/x/b/y,true",
        "**/x/**/y,x/y,true",
        "a**,abc,true",
        "a**,ab/c,false",
        "**b/c,ab/c,true",
        "**b/c,x/ab/c,false",
    })
    void matches(String pattern, String path, boolean matches) {
        assertThat(GlobPattern.of(pattern).matches(path)).isEqualTo(matches);
    }

    @Test
    void refusesMalformedPatterns() {
        for (String pattern : List.of("[]a]", "[-]", "[x-]", "[-x]", "[a-b-c]", "[", "[^", "[^bc", "a[", "a\\")) {
            assertThatThrownBy(() -> GlobPattern.of(pattern)).as(pattern).hasMessage("syntax error in pattern");
        }
    }

    @Test
    void knowsWildcards() {
        assertThat(GlobPattern.hasWildcard("a*")).isTrue();
        assertThat(GlobPattern.hasWildcard("a?")).isTrue();
        assertThat(GlobPattern.hasWildcard("[a]")).isTrue();
        assertThat(GlobPattern.hasWildcard("a\\*")).isFalse();
        assertThat(GlobPattern.hasWildcard("a]")).isFalse();
        assertThat(GlobPattern.hasWildcard("a\\")).isFalse();
    }

    @Test
    void aWalkStaysOutOfWhatCannotMatch() {
        GlobPattern pattern = GlobPattern.of("src/*/a/**/*.txt");
        assertThat(pattern.mayMatchBelow("")).isTrue();
        assertThat(pattern.mayMatchBelow("src")).isTrue();
        assertThat(pattern.mayMatchBelow("src/x")).isTrue();
        assertThat(pattern.mayMatchBelow("src/x/b")).isFalse();
        assertThat(pattern.mayMatchBelow("src/x/a/y/z")).isTrue();
        assertThat(pattern.mayMatchBelow("doc")).isFalse();
        assertThat(GlobPattern.of("a").mayMatchBelow("a")).isFalse();
    }
}
