package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The stacks of {@code examples/} are what compose takes, each with a check and a page about it; one that needs no packages is run. */
@CompatTest
class ExamplesIT {
    private final Target target;
    private final Path examples = Path.of(
                    Objects.requireNonNull(System.getProperty("berth.root"), "berth.root is not set"))
            .resolve("examples");

    ExamplesIT(Target target) {
        this.target = target;
    }

    @TestFactory
    List<DynamicTest> areWellFormed() throws IOException {
        try (Stream<Path> files = Files.list(examples)) {
            List<Path> stacks = files.filter(directory -> Files.exists(directory.resolve("compose.yaml")))
                    .sorted()
                    .toList();
            assertThat(stacks).hasSizeGreaterThanOrEqualTo(8);
            return stacks.stream()
                    .map(stack -> DynamicTest.dynamicTest(stack.getFileName().toString(), () -> {
                        assertThat(stack.resolve("check")).isNotEmptyFile();
                        assertThat(stack.resolve("README.md")).isNotEmptyFile();
                        target.docker()
                                .with("NOTES_PASSWORD", "notes")
                                .ok(
                                        "compose",
                                        "-f",
                                        stack.resolve("compose.yaml").toString(),
                                        "config",
                                        "-q");
                    }))
                    .toList();
        }
    }

    @Test
    void aBatchJobRuns() {
        String said = target.docker()
                .with("BASE", Target.IMAGE)
                .shell("'" + examples.resolve("run") + "' batch")
                .ok();
        assertThat(said).startsWith("batch ").contains("checked");
        for (String step : List.of("extract", "transform", "report")) {
            target.docker().ok("rmi", "example-batch-" + step);
        }
        target.docker().ok("builder", "prune", "-af");
    }
}
