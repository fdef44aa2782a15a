package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What the golden suite has, without any daemon. */
class GoldenCasesIT {
    private static final Set<String> WITH_FLAGS = Set.of("run", "create", "exec");
    private static final Set<String> CONTAINERS = Set.of("one", "two", "three");

    private final GoldenStore store = new GoldenStore();

    private Stream<GoldenCase> cases() {
        return store.cases().values().stream().flatMap(List::stream);
    }

    @Test
    void whatIsExcusedExistsOnce() {
        List<String> ids =
                Stream.concat(cases().map(GoldenCase::id), GoldenApiIT.ids()).toList();
        assertThat(ids).doesNotHaveDuplicates();
        assertThat(store.pending()).doesNotHaveDuplicates().isSubsetOf(ids);
        assertThat(store.differences().acceptedIn())
                .allMatch(pattern ->
                        ids.stream().anyMatch(id -> pattern.matcher(id).matches()));
    }

    @Test
    void everyCaseIsRecordedAsItIsWritten() {
        assertThat(cases()).allSatisfy(golden -> {
            JsonNode recorded = store.recorded(golden.group()).path("recorded").path(golden.name());
            assertThat(recorded.valueStream().map(step -> step.path("step").asString()))
                    .as(golden.id())
                    .containsExactlyElementsOf(golden.steps().stream()
                            .filter(GoldenStep::isKept)
                            .map(GoldenStep::text)
                            .toList());
        });
    }

    @Test
    void containersAreMadeWithManyCombinationsOfFlags() {
        Set<List<String>> combinations = new HashSet<>();
        cases().flatMap(golden -> golden.steps().stream())
                .filter(GoldenStep.Docker.class::isInstance)
                .map(step -> ((GoldenStep.Docker) step).words())
                .filter(words -> WITH_FLAGS.contains(words.getFirst()))
                .forEach(words -> combinations.add(flags(words)));
        assertThat(combinations).hasSizeGreaterThan(150);
    }

    /** The verb and its flags, sorted, without their values and without the container's name. */
    private static List<String> flags(List<String> words) {
        boolean exec = words.getFirst().equals("exec");
        TreeSet<String> flags = new TreeSet<>();
        words.stream()
                .skip(1)
                .takeWhile(word -> !word.equals("$IMAGE") && !(exec && CONTAINERS.contains(word)))
                .filter(word -> word.startsWith("-") && !word.equals("--name"))
                .forEach(word -> flags.add(word.split("=", 2)[0]));
        flags.add(words.getFirst());
        return List.copyOf(flags);
    }
}
