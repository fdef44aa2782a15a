package io.berth.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PatternSetTest {
    @Test
    void oneOfThemHasToMatch() {
        PatternSet set = PatternSet.lenient(List.of("^web$", "db", "[0-9]{3}"));
        assertThat(set.anyIn("web")).isTrue();
        assertThat(set.anyIn("webs")).isFalse();
        assertThat(set.anyIn("mydb2")).isTrue();
        assertThat(set.anyIn("a123")).isTrue();
        assertThat(set.anyIn("other")).isFalse();
    }

    @Test
    void whatIsNoPatternMatchesNothing() {
        PatternSet set = PatternSet.lenient(List.of("a(", "*"));
        assertThat(set.anyIn("a(")).isFalse();
        assertThat(set.anyIn("a(b")).isFalse();
        assertThatThrownBy(() -> PatternSet.strict(List.of("a("))).isInstanceOf(InvalidPattern.class);
    }

    @Test
    void emptyTextsAreInEverything() {
        assertThat(PatternSet.lenient(List.of("")).anyIn("x")).isTrue();
        assertThat(PatternSet.lenient(List.of()).anyIn("x")).isFalse();
    }

    @Test
    void manyLargeOnesAreRefusedTogether() {
        List<String> patterns =
                IntStream.range(0, 200).mapToObj(i -> "(a" + i + "|b){25}").toList();
        assertThatThrownBy(() -> PatternSet.lenient(patterns))
                .isInstanceOf(CostlyPattern.class)
                .hasMessage("too many patterns: they may have 10000 steps together");
    }

    @Test
    void manyNamesAreNoPatternsAtAll() {
        List<String> ids =
                IntStream.range(0, 2000).mapToObj(i -> "id-of-container-" + i).toList();
        PatternSet set = PatternSet.lenient(ids);
        assertThat(set.anyIn("id-of-container-1999")).isTrue();
        assertThat(set.anyIn("id-of-image-1")).isFalse();
    }

    @Test
    void aRequestHasSoMuchComputingAndNoMore() {
        PatternSet set = PatternSet.lenient(List.of("(x?x?){30}y"));
        String text = "z".repeat(10_000);
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 1_000_000; i++) {
                        assertThat(set.anyIn(text)).isFalse();
                    }
                })
                .isInstanceOf(CostlyPattern.class)
                .hasMessage("the patterns take too much computing: use simpler or fewer ones");
    }
}
