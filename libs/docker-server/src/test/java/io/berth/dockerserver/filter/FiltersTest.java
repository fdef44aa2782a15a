package io.berth.dockerserver.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.berth.docker.error.InvalidParameter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class FiltersTest {
    private static Predicate<String> names(String... patterns) {
        return Filters.of(Map.of("name", List.of(patterns))).matching("name");
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

    /** What moby's own code (b985e2313a, daemon/internal/filters) answers to 500 generated parameters. */
    @Test
    void answersAsMobyDoes() throws IOException {
        int lines = 0;
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(FiltersTest.class.getResourceAsStream("moby-filters.jsonl")),
                StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                JsonNode golden = JsonMapper.shared().readTree(line);
                assertThat(answers(golden.path("filters").asString())).as(line).isEqualTo(golden);
                lines++;
            }
        }
        assertThat(lines).isEqualTo(500);
    }

    private static JsonNode answers(String json) {
        ObjectNode answers = JsonMapper.shared().createObjectNode();
        answers.put("filters", json);
        Filters filters;
        try {
            filters = Filters.parse(json);
        } catch (InvalidParameter e) {
            return answers.put("error", e.text());
        }
        ObjectNode of = answers.putObject("of");
        filters.fields().forEach(field -> {
            ArrayNode values = of.putArray(field);
            filters.of(field).stream().sorted().forEach(values::add);
        });
        try {
            answers.put("flag", filters.flag("dangling").orElse(true));
        } catch (InvalidParameter e) {
            // Go's maps have no order.
            answers.put("flagError", e.text().split("=", 2)[0]);
        }
        Predicate<String> names = filters.matching("name");
        List<String> texts = List.of("running", "true", "web", "web1", "a", "", "w(");
        put(answers, "exact", texts, text -> filters.is("status", text));
        put(answers, "match", texts, names);
        put(answers, "fuzzy", texts, text -> filters.startsWith("name", text));
        List<Map<String, String>> labels = List.of(
                Map.of(),
                Map.of("a", "1"),
                Map.of("a", "1", "b", "2"),
                Map.of("a", "2", "", ""),
                Map.of("x", "y=z", "web", ""));
        put(
                answers,
                "labels",
                List.of("0", "1", "2", "3", "4"),
                index -> filters.labels("label", labels.get(Integer.parseInt(index))));
        return answers;
    }

    /** Go writes an empty list as null. */
    private static void put(ObjectNode answers, String name, List<String> texts, Predicate<String> test) {
        List<String> passed = texts.stream().filter(test).toList();
        if (passed.isEmpty()) {
            answers.putNull(name);
        } else {
            passed.forEach(answers.putArray(name)::add);
        }
    }

    @Test
    void writtenAndReadAgainTheyAreTheSame() {
        Filters filters = Filters.parse("{\"label\":{\"a=b\":true,\"c\":false},\"dangling\":{}}");
        assertThat(filters.json()).isEqualTo("{\"label\":{\"a=b\":true,\"c\":false},\"dangling\":{}}");
        assertThat(filters.and("label", "p=1").json())
                .isEqualTo("{\"label\":{\"a=b\":true,\"c\":false,\"p=1\":true},\"dangling\":{}}");
        assertThat(filters.keep((field, value) -> value.equals("c")).json())
                .isEqualTo("{\"label\":{\"c\":false},\"dangling\":{}}");
        assertThat(filters.keep((_, _) -> false).json()).isEqualTo("{\"dangling\":{}}");
        assertThat(filters.with("label", List.of("x")).json()).isEqualTo("{\"label\":{\"x\":true},\"dangling\":{}}");
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
