package io.berth.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds docs/DOCKERFILE.md to the language that the parser knows, and it, docs/IMAGES.md and docs/GATEWAY.md to the tests that there are. */
class DockerfileTableTest {
    private static final Path LANGUAGE = Path.of("libs/dockerfile/src/main/java/io/berth/dockerfile");
    private static final Path CASES = Path.of("tests/compat/src/test/resources/dockerfiles");
    private static final int COLUMNS = 3;

    private static List<String[]> rows() throws IOException {
        return rows("docs/DOCKERFILE.md");
    }

    private static List<String[]> rows(String page) throws IOException {
        return Files.readAllLines(TestReferences.projectRoot().resolve(page)).stream()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| what |"))
                .map(line -> line.substring(1, line.length() - 1).split("(?<!\\\\)\\|", -1))
                .toList();
    }

    private static Set<String> found(String file, String pattern) throws IOException {
        Set<String> found = new TreeSet<>();
        Pattern.compile(pattern)
                .matcher(Files.readString(
                        TestReferences.projectRoot().resolve(LANGUAGE).resolve(file)))
                .results()
                .forEach(result -> found.add(result.group(1)));
        return found;
    }

    private static String words() throws IOException {
        StringBuilder words = new StringBuilder();
        rows().forEach(row -> words.append(row[0]).append('\n'));
        return words.toString();
    }

    @Test
    void everyInstructionIsThere() throws IOException {
        Set<String> instructions = found(
                "InstructionParser.java",
                "case \"([a-z]+)\" -> (?:\\{|[A-Za-z]+\\(statement|new Instruction|HealthcheckParser)");
        assertThat(instructions).hasSizeGreaterThanOrEqualTo(18);
        String words = words();
        assertThat(instructions).allMatch(name -> words.contains("`" + name.toUpperCase(Locale.ROOT)));
    }

    @Test
    void everyFlagIsThere() throws IOException {
        Set<String> flags = found("InstructionParser.java", "flags\\.[A-Za-z]+\\(\"([a-z-]+)\"\\)");
        assertThat(flags).hasSizeGreaterThanOrEqualTo(12);
        String words = words();
        assertThat(flags).allMatch(name -> words.contains("--" + name));
        Set<String> keys = found("MountParser.java", "case \"([a-z]+)\"(?:, \"[a-z]+\")* ->");
        assertThat(keys).hasSizeGreaterThanOrEqualTo(10);
        String mounts = String.join(
                "\n", words.lines().filter(line -> line.contains("--mount")).toList());
        assertThat(keys)
                .filteredOn(key -> !Set.of("type", "readonly", "readwrite").contains(key))
                .allMatch(key -> mounts.contains("`" + key + "`") || mounts.contains("type=" + key));
    }

    @Test
    void everyRowHasATestThatExists() throws IOException {
        TestReferences tests = TestReferences.read();
        Path cases = TestReferences.projectRoot().resolve(CASES);
        assertThat(rows()).hasSizeGreaterThan(50).allSatisfy(row -> {
            assertThat(row).hasSize(COLUMNS);
            assertThat(row[1] + row[2]).as(row[0]).isNotBlank();
            assertThat(row[1].strip().split(" "))
                    .allMatch(name -> name.isEmpty()
                            || Files.exists(cases.resolve(name).resolve("Dockerfile"))
                            || Files.exists(cases.resolve(name).resolve("expected.json")));
            assertThat(TestReferences.in(row[2])).as(row[0]).allMatch(tests::exists);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"docs/IMAGES.md", "docs/GATEWAY.md"})
    void everyRowOfServicesHasATestThatExists(String page) throws IOException {
        TestReferences tests = TestReferences.read();
        assertThat(rows(page))
                .hasSizeGreaterThan(20)
                .allSatisfy(row -> assertThat(TestReferences.in(row[1]))
                        .as(row[0])
                        .isNotEmpty()
                        .allMatch(tests::exists));
    }

    @Test
    void everyComparisonIsNamed() throws IOException {
        Set<String> named = new TreeSet<>();
        rows().forEach(row -> named.addAll(List.of(row[1].strip().split(" "))));
        try (Stream<Path> cases = Files.list(TestReferences.projectRoot().resolve(CASES))) {
            assertThat(cases.filter(Files::isDirectory).map(directory -> String.valueOf(directory.getFileName())))
                    .isNotEmpty()
                    .isSubsetOf(named);
        }
    }
}
