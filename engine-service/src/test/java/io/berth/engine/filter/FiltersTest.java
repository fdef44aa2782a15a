package io.berth.engine.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.berth.docker.error.InvalidParameter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class FiltersTest {
    private static Predicate<String> names(String... patterns) {
        return new Filters(Map.of("name", List.of(patterns))).matching("name");
    }

    @Test
    void valuesAreRegularExpressionsOrNames() {
        assertThat(names("^web").test("web1")).isTrue();
        assertThat(names("^web").test("/web1")).isFalse();
        assertThat(names("a", "b$").test("xb")).isTrue();
        assertThat(names("w(").test("w(")).isTrue();
        assertThat(names("w(").test("w")).isFalse();
        assertThat(Filters.NONE.matching("name").test("x")).isTrue();
    }

    @Test
    void noPatternTakesMoreThanLinearTime() {
        String name = "a".repeat(255);
        assertThat(assertTimeoutPreemptively(
                        Duration.ofSeconds(20),
                        () -> names(".*.*.*.*.*.*.*.*.*.*z").test(name)))
                .isFalse();
    }

    @Test
    void whatIsTooLargeIsTheRequestsError() {
        assertThatThrownBy(() -> names("((a{1000}){1000})"))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("invalid filter 'name': error parsing regexp: expression too large: `((a{1000}){1000})`");
    }

    @Test
    void whatTakesTooMuchComputingIsTheRequestsError() {
        Predicate<String> names = names("(x?x?){30}y");
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 1_000_000; i++) {
                        assertThat(names.test("z".repeat(1000))).isFalse();
                    }
                })
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("invalid filter 'name': the patterns take too much computing: use simpler or fewer ones");
    }
}
