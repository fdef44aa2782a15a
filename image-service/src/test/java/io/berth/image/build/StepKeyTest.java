package io.berth.image.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class StepKeyTest {
    @Test
    void theSamePartsGiveTheSameKey() {
        assertThat(StepKey.of("run", List.of("a", "b"))).isEqualTo(StepKey.of("run", List.of("a", "b")));
    }

    /** Parts that run into each other the same way are different parts. */
    @Test
    void differentPartsGiveDifferentKeys() {
        assertThat(List.of(
                        StepKey.of("run", List.of("a", "b")),
                        StepKey.of("copy", List.of("a", "b")),
                        StepKey.of("run", List.of("ab")),
                        StepKey.of("run", List.of("ab", "")),
                        StepKey.of("run", List.of("", "ab")),
                        StepKey.of("run", List.of("b", "a")),
                        StepKey.of("run", List.of()),
                        new StepKey("run").add("2").add("a").add("b").add(true).digest()))
                .doesNotHaveDuplicates();
    }
}
