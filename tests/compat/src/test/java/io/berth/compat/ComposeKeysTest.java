package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each key of a Compose file is used by a stack of {@link ComposeIT}, or docs/COMPOSE.md says why none does. */
class ComposeKeysTest {
    private static final Path ROOT = Path.of(Objects.requireNonNullElse(System.getProperty("berth.root"), "../.."));
    private static final Path STACKS = ROOT.resolve("tests/compat/src/test/resources/compose");
    private static final Pattern CODE = Pattern.compile("`([a-z0-9_.*]+)`");

    /** Of the client's schema; {@code *} is a name of the file's own. */
    private static Set<String> keys() throws IOException {
        Set<String> keys = new TreeSet<>(Files.readAllLines(STACKS.resolve("keys.txt")));
        keys.removeIf(line -> line.startsWith("#"));
        return keys;
    }

    private static Set<String> used(Set<String> keys) throws IOException {
        Set<String> used = new TreeSet<>();
        try (Stream<Path> files = Files.walk(STACKS)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".yaml")).toList()) {
                collect(new YAMLMapper().readTree(file.toFile()), "", keys, used);
            }
        }
        return used;
    }

    private static void collect(JsonNode node, String path, Set<String> keys, Set<String> used) {
        node.forEach(element -> {
            if (node.isArray()) {
                collect(element, path, keys, used);
            }
        });
        node.properties().forEach(field -> {
            String named = path + field.getKey();
            String key = keys.contains(named) ? named : path + "*";
            used.add(key);
            collect(field.getValue(), key + ".", keys, used);
        });
    }

    private static Set<String> excused() throws IOException {
        Set<String> excused = new TreeSet<>();
        for (String line : Files.readAllLines(ROOT.resolve("docs/COMPOSE.md"))) {
            if (line.startsWith("| `")) {
                CODE.matcher(line.substring(0, line.indexOf('|', 1)))
                        .results()
                        .forEach(result -> excused.add(result.group(1)));
            }
        }
        return excused;
    }

    private static boolean covers(String row, String key) {
        return key.equals(row) || key.startsWith(row + ".");
    }

    @Test
    void eachIsUsedOrExcused() throws IOException {
        Set<String> keys = keys();
        assertThat(keys).hasSizeGreaterThan(300);
        Set<String> used = used(keys);
        Set<String> excused = excused();
        assertThat(keys)
                .filteredOn(key -> !used.contains(key))
                .as("no stack uses them, and docs/COMPOSE.md does not say why")
                .allMatch(key -> excused.stream().anyMatch(row -> covers(row, key)));
    }

    @Test
    void whatIsExcusedIsAKeyThatNoStackUses() throws IOException {
        Set<String> keys = keys();
        Set<String> used = used(keys);
        assertThat(excused())
                .isNotEmpty()
                .isSubsetOf(keys)
                .allSatisfy(row -> assertThat(used).noneMatch(key -> covers(row, key)));
    }
}
