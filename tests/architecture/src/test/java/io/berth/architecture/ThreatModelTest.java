package io.berth.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Holds docs/THREAT_MODEL.md to the tests that there are. */
class ThreatModelTest {
    private static final Pattern REFERENCE = Pattern.compile("`([A-Z]\\w*(?:Test|IT))(?:#(\\w+))?`");
    private static final String OPEN = "| open: ";

    private static Path projectRoot() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.exists(directory.resolve("docs/THREAT_MODEL.md"))) {
            directory = Objects.requireNonNull(directory.getParent(), "no docs/THREAT_MODEL.md above the test");
        }
        return directory;
    }

    private static List<String> attacks() throws IOException {
        List<String> rows = new ArrayList<>();
        boolean attacks = false;
        for (String line : Files.readAllLines(projectRoot().resolve("docs/THREAT_MODEL.md"))) {
            if (line.startsWith("| ")) {
                if (attacks) {
                    rows.add(line);
                }
                attacks |= line.startsWith("| attack |");
            } else if (!line.startsWith("|")) {
                attacks = false;
            }
        }
        return rows;
    }

    /** Sources of tests by the name of their class. */
    private static Map<String, String> tests() throws IOException {
        Map<String, String> sources = new HashMap<>();
        try (Stream<Path> files = Files.find(
                projectRoot(),
                20,
                (path, attributes) ->
                        attributes.isRegularFile() && path.toString().matches(".*/src/test/java/.*(Test|IT)\\.java"))) {
            for (Path file : files.toList()) {
                String name = String.valueOf(file.getFileName()).replace(".java", "");
                sources.merge(name, Files.readString(file), String::concat);
            }
        }
        return sources;
    }

    @Test
    void everyAttackIsTriedOrSaidToBeOpen() throws IOException {
        List<String> attacks = attacks();
        assertThat(attacks).hasSizeGreaterThan(50);
        assertThat(attacks).allMatch(row -> REFERENCE.matcher(row).find() || row.contains(OPEN));
    }

    @Test
    void everyTestThatIsNamedExists() throws IOException {
        Map<String, String> tests = tests();
        List<String> missing = new ArrayList<>();
        int named = 0;
        for (String row : attacks()) {
            var reference = REFERENCE.matcher(row);
            while (reference.find()) {
                named++;
                String source = tests.getOrDefault(reference.group(1), "");
                String method = reference.group(2);
                if (!isTest(source, method)) {
                    missing.add(reference.group());
                }
            }
        }
        assertThat(missing).as("tests that are named and do not exist").isEmpty();
        assertThat(named).isGreaterThan(80);
    }

    /** Whether a method with one of JUnit's annotations is there, or just the class. */
    private static boolean isTest(String source, @Nullable String method) {
        return method == null
                ? source.contains("class ")
                : Pattern.compile(
                                "@(?:Parameterized|Repeated)?Test\\b(?:(?!\\bvoid\\b).)*\\bvoid " + method + "\\(",
                                Pattern.DOTALL)
                        .matcher(source)
                        .find();
    }
}
