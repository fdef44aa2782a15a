package io.berth.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class FuzzerTest {
    @Test
    void findsWhatAParserDoesNotDeclareAndShortensTheInput() {
        assertThatThrownBy(() -> Fuzzer.of("numbers")
                        .examples("a=1", "b=22")
                        .refusesBy(IllegalStateException.class)
                        .runText(text -> Integer.parseInt(text.substring(text.indexOf('=') + 1))))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("NumberFormatException")
                .hasMessageContaining("for 0 bytes");
    }

    @Test
    void findsRecursionWithoutEnd() {
        assertThatThrownBy(() -> Fuzzer.of("recursion")
                        .examples("((()))")
                        .words("(".repeat(10_000))
                        .runText(text -> depth(text, 0)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("StackOverflowError");
    }

    @Test
    void findsWhatAllocatesWithoutBound() {
        assertThatThrownBy(() -> Fuzzer.of("sizes")
                        .example(new byte[] {0, 0, 0, 1})
                        .run(input -> assertThat(new byte[input.length > 0 && input[0] > 0x3f ? 64 << 20 : 1])
                                .isNotEmpty()))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("allocates");
    }

    @Test
    void findsWhatComputesWithoutBound() {
        assertThatThrownBy(() -> Fuzzer.of("slow")
                        .within(Duration.ofMillis(50), Duration.ofMinutes(1))
                        .example(new byte[] {1})
                        .run(input -> spin(input.length > 20 ? Duration.ofMillis(500) : Duration.ZERO)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("computes for")
                .hasMessageContaining("for 21 bytes");
    }

    @Test
    void findsWhatDoesNotComeBack() {
        assertThatThrownBy(() -> Fuzzer.of("endless")
                        .within(Duration.ofMinutes(1), Duration.ofMillis(200))
                        .example(new byte[] {1})
                        .run(input -> new CountDownLatch(1).await()))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("does not come back")
                .hasRootCauseMessage("does not come back")
                .hasMessageContaining("for 1 bytes: 01");
    }

    @Test
    void takesDeclaredRefusalsAndMakesManyDifferentInputs() {
        Set<String> seen = new HashSet<>();
        Fuzzer.of("different")
                .examples("one: two", "three")
                .refusesBy(IllegalArgumentException.class)
                .runText(text -> {
                    seen.add(text);
                    throw new IllegalArgumentException(text);
                });
        assertThat(seen).hasSizeGreaterThan(1_000);
    }

    private static void spin(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    private static int depth(String text, int at) {
        return at < text.length() && text.charAt(at) == '(' ? depth(text, at + 1) + 1 : 0;
    }
}
