package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * Asks a running Berth for every operation of the API in each group of its versions, and holds {@code docs/COMPATIBILITY.md}
 * to what it answers. {@code -Dcompatibility.write=true} writes the page.
 */
@CompatTest
@BerthOnly
class CompatibilityIT {
    /** Those that clients still in use ask for, and the newest. */
    private static final List<String> VERSIONS =
            List.of("1.24", "1.30", "1.35", "1.40", "1.41", "1.44", "1.47", "1.50", "1.52", "1.55");

    private final Target target;

    CompatibilityIT(Target target) {
        this.target = target;
    }

    @Test
    void thePageTellsWhatIsServed() throws IOException {
        Path root = Path.of(Objects.requireNonNull(System.getProperty("berth.root"), "berth.root is not set"));
        List<ApiOperation> operations =
                ApiOperation.read(root.resolve("tests/compat/src/test/resources/compatibility/operations.txt"));
        ApiProbe probe = new ApiProbe(target);
        Map<ApiOperation, List<String>> answers = new LinkedHashMap<>();
        for (ApiOperation operation : operations) {
            answers.put(
                    operation,
                    VERSIONS.stream()
                            .map(version -> probe.answer(operation, version))
                            .toList());
        }
        String page = page(answers);
        Path file = root.resolve("docs/COMPATIBILITY.md");
        if (Boolean.getBoolean("compatibility.write")) {
            Files.writeString(file, page);
        }
        assertThat(Files.readString(file))
                .as("docs/COMPATIBILITY.md is not what this run found; write it with -Dcompatibility.write=true")
                .isEqualTo(page);
    }

    private static String page(Map<ApiOperation, List<String>> answers) {
        long served = answers.values().stream()
                .filter(cells -> !cells.getLast().equals("–"))
                .count();
        long works = answers.values().stream()
                .filter(cells -> cells.getLast().equals("yes"))
                .count();
        StringBuilder page = new StringBuilder();
        page.append("""
                # Compatibility

                What Berth answers to each operation of the Docker Engine API, by API version. Made by
                [CompatibilityIT](../tests/compat/src/test/java/io/berth/compat/CompatibilityIT.java), which asks a running
                platform for every operation of the specification of API 1.55 in each of these versions, with a valid request and
                with containers, images and volumes made for it; the test fails when this page is not what it found. The
                requests are in [operations.txt](../tests/compat/src/test/resources/compatibility/operations.txt). How output,
                exit codes, inspect fields and events compare with a real Docker engine is the matter of
                [GoldenIT](../tests/compat/src/test/java/io/berth/compat/GoldenIT.java).

                `yes`: works. A number: refused with that status. `–`: not served. *since*: the version that brought the
                operation; Berth serves it to older clients too. Swarm and plugins are asked for something that does not exist:
                there are none, and the answers are those of a Docker engine outside of a swarm. A build session is asked for without the upgrade that begins one (400).

                """);
        page.append("Of %d operations, %d are served in version %s and %d work.%n"
                .formatted(answers.size(), served, VERSIONS.getLast(), works));
        String tag = "";
        for (Map.Entry<ApiOperation, List<String>> entry : answers.entrySet()) {
            ApiOperation operation = entry.getKey();
            if (!operation.tag().equals(tag)) {
                tag = operation.tag();
                page.append("\n## ").append(tag).append("\n\n| operation | since | ");
                page.append(String.join(" | ", VERSIONS)).append(" |\n|---|---|");
                page.append("---|".repeat(VERSIONS.size())).append("\n");
            }
            page.append("| `%s %s` %s | %s | %s |%n"
                    .formatted(
                            operation.method(),
                            operation.path(),
                            operation.summary(),
                            operation.since(),
                            String.join(" | ", entry.getValue())));
        }
        return page.toString();
    }
}
