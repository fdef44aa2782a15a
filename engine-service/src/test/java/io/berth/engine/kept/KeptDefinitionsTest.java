package io.berth.engine.kept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.error.Conflict;
import io.berth.docker.error.InvalidParameter;
import io.berth.engine.LiveHeap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is counted of definitions, and whose share is full when. */
class KeptDefinitionsTest {
    private static final int MEBIBYTE = 1 << 20;
    private static final Map<String, String> NOBODYS = Map.of("a", "b");

    private final KeptDefinitions kept = new KeptDefinitions(64 * MEBIBYTE);

    private record Definition(String name, List<String> env, Map<String, String> labels) {}

    private static Map<String, String> of(String project) {
        return Map.of("io.berth.project", project);
    }

    private static Definition large() {
        return new Definition("x", List.of("t".repeat(979_900)), Map.of());
    }

    /** As many as there is room for. */
    private int fill(Map<String, String> labels, String prefix) {
        int made = 0;
        while (kept.offer(Kind.CONTAINER, prefix + made, labels, large())) {
            made++;
        }
        return made;
    }

    @Test
    void oneProjectHasAnEighthAllProjectsAHalfAndOperatorsTheRest() {
        assertThat(fill(of("shop"), "shop")).isEqualTo(17);
        assertThatThrownBy(() -> kept.put(Kind.NETWORK, "n", of("shop"), large()))
                .isInstanceOf(Conflict.class)
                .hasMessage("the definitions of containers, networks, volumes and secrets of project shop take too much"
                        + " memory: there may be 16 MiB of them; remove some first");
        assertThat(fill(of("other"), "other")).isEqualTo(17);
        assertThatThrownBy(() -> kept.put(Kind.VOLUME, "v", of("third"), large()))
                .isInstanceOf(Conflict.class)
                .hasMessageContaining("of all projects take too much memory: there may be 32 MiB");
        assertThat(fill(NOBODYS, "operators")).isEqualTo(34);
        assertThatThrownBy(() -> kept.put(Kind.SECRET, "s", NOBODYS, large()))
                .isInstanceOf(Conflict.class)
                .hasMessageContaining("and secrets take too much memory: there may be 64 MiB");
        assertThat(kept.bytes()).isBetween(63L * MEBIBYTE, 64L * MEBIBYTE);
    }

    @Test
    void operatorsMayHaveAll() {
        assertThat(fill(NOBODYS, "operators")).isEqualTo(68);
    }

    @Test
    void whatIsRemovedIsGivenBack() {
        int most = fill(of("shop"), "c");
        for (int i = 0; i < most; i++) {
            kept.remove(Kind.CONTAINER, "c" + i);
            kept.remove(Kind.CONTAINER, "c" + i);
        }
        assertThat(kept.bytes()).isZero();
        assertThat(fill(of("shop"), "c")).isEqualTo(most);
    }

    @Test
    void whatTakesThePlaceOfAnotherCountsForTheDifference() {
        int most = fill(of("shop"), "c");
        long before = kept.bytes();
        kept.put(Kind.CONTAINER, "c0", of("shop"), large());
        assertThat(kept.bytes()).isEqualTo(before);
        kept.put(Kind.CONTAINER, "c0", of("shop"), new Definition("", List.of(), Map.of()));
        assertThat(kept.bytes()).isLessThan(before - 970_000);
        kept.put(Kind.CONTAINER, "c" + most, of("shop"), large());
        assertThatThrownBy(() -> kept.put(Kind.CONTAINER, "c0", of("shop"), large()))
                .isInstanceOf(Conflict.class);
        assertThat(kept.bytes()).isLessThan(before + 10_000);
    }

    @Test
    void whatIsStoredIsCountedThoughItIsTooMuchAndMayShrink() {
        for (int i = 0; i < 40; i++) {
            kept.load(Kind.CONTAINER, "c" + i, of("shop"), large());
        }
        assertThat(kept.offer(Kind.VOLUME, "v", of("shop"), "")).isFalse();
        assertThat(kept.offer(Kind.VOLUME, "v", of("other"), "")).isFalse();
        assertThat(kept.offer(Kind.VOLUME, "v", NOBODYS, "")).isTrue();
        assertThatCode(() -> kept.put(Kind.CONTAINER, "c0", of("shop"), large()))
                .doesNotThrowAnyException();
    }

    @Test
    void nothingIsLongerThanTheDatabaseTakes() {
        for (String text : List.of("t".repeat(990_000), "\u0001".repeat(165_001), "\u4e2d".repeat(330_001))) {
            assertThatThrownBy(
                            () -> kept.put(Kind.CONTAINER, "c", NOBODYS, new Definition("", List.of(text), Map.of())))
                    .isInstanceOf(InvalidParameter.class)
                    .hasMessage("the definition is too long: as JSON it may have 990000 bytes");
            assertThatThrownBy(() -> kept.offer(Kind.VOLUME, "v", NOBODYS, List.of(text)))
                    .isInstanceOf(InvalidParameter.class);
            assertThat(kept.offer(Kind.EXEC, "e", NOBODYS, List.of(text)))
                    .as("what the database never sees")
                    .isTrue();
            kept.remove(Kind.EXEC, "e");
        }
        kept.put(Kind.CONTAINER, "c", NOBODYS, new Definition("", List.of("t".repeat(989_900)), Map.of()));
        assertThat(kept.bytes()).isGreaterThan(989_900);
    }

    static List<String> shapes() {
        return List.of("long texts", "short texts", "labels", "characters of two bytes", "empty definitions", "nested");
    }

    private static Object shape(String shape, Random random) {
        return switch (shape) {
            case "long texts" -> new Definition("a", List.of(text(random, 20_000, 'a')), Map.of());
            case "short texts" ->
                new Definition(
                        "b",
                        IntStream.range(0, 500)
                                .mapToObj(i -> text(random, 8, 'a'))
                                .toList(),
                        Map.of());
            case "labels" -> {
                Map<String, String> labels = new LinkedHashMap<>();
                for (int i = 0; i < 300; i++) {
                    labels.put(text(random, 12, 'a'), text(random, 10, 'a'));
                }
                yield new Definition("c", List.of(), labels);
            }
            case "characters of two bytes" -> new Definition("d", List.of(text(random, 10_000, '\u4e00')), Map.of());
            case "nested" -> {
                Map<String, List<Definition>> nested = new HashMap<>();
                for (int i = 0; i < 100; i++) {
                    nested.put(
                            text(random, 5, 'a'), List.of(new Definition(text(random, 1, 'a'), List.of(""), Map.of())));
                }
                yield nested;
            }
            default -> new Definition(text(random, 1, 'a'), List.of(), Map.of());
        };
    }

    private static String text(Random random, int length, char first) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append((char) (first + random.nextInt(20)));
        }
        return text.toString();
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void countsWhatTheHeapHas(String shape) {
        Random random = new Random(7);
        List<Object> definitions = new ArrayList<>();
        long counted = 0;
        long before = LiveHeap.bytes();
        while (counted < 8 * MEBIBYTE) {
            Object definition = shape(shape, random);
            definitions.add(definition);
            counted += Footprint.of(definition);
        }
        long taken = LiveHeap.bytes() - before;
        assertThat(definitions).isNotEmpty();
        assertThat(taken).isBetween(counted / 3, counted + counted / 10);
    }
}
