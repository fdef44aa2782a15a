package io.berth.compat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/**
 * What a real Docker engine answered to the same commands is what this daemon answers.
 *
 * <ul>
 *   <li>{@code golden/cases/*.txt}: the commands, see {@link GoldenCase}
 *   <li>{@code golden/recorded/*.json}: what the reference said, written by {@code -Dgolden.record=true}
 *   <li>{@code golden/differences.txt}: what may differ, with the reason
 *   <li>{@code golden/pending.txt}: cases that differ and should not; {@code -Dgolden.pending=none} takes none of them as an
 *       excuse
 * </ul>
 *
 * {@code -Dgolden.only=REGEX} takes the cases whose id has a match.
 */
@CompatTest
class GoldenIT {
    private final GoldenStore store = new GoldenStore();
    private final GoldenRunner runner;
    private final GoldenComparison comparison = new GoldenComparison(store.differences());
    private final GoldenVerdict verdict = new GoldenVerdict(store);

    GoldenIT(Target target) {
        this.runner = new GoldenRunner(target);
    }

    @TestFactory
    Stream<DynamicContainer> cases() {
        Predicate<String> only =
                Pattern.compile(System.getProperty("golden.only", "")).asPredicate();
        boolean recording = Boolean.getBoolean("golden.record");
        return store.cases().entrySet().stream()
                .map(group -> DynamicContainer.dynamicContainer(
                        group.getKey(),
                        group.getValue().stream()
                                .filter(golden -> only.test(golden.id()))
                                .map(golden -> DynamicTest.dynamicTest(golden.name(), () -> {
                                    if (recording) {
                                        record(golden);
                                    } else {
                                        compare(golden);
                                    }
                                }))));
    }

    private void record(GoldenCase golden) {
        store.record(golden.group(), golden.name(), runner.origin(), runner.run(golden));
    }

    private void compare(GoldenCase golden) {
        JsonNode recorded = store.recorded(golden.group()).path("recorded").path(golden.name());
        if (recorded.isMissingNode()) {
            throw new AssertionError(golden.id() + " has not been recorded");
        }
        List<String> differences = new ArrayList<>();
        try {
            differences.addAll(comparison.steps(recorded, runner.run(golden)));
        } catch (AssertionError e) {
            differences.add("did not come to its end: " + e.getMessage());
        }
        verdict.on(golden.id(), differences);
    }
}
