package io.berth.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Holds docs/THREAT_MODEL.md to the tests that there are. */
class ThreatModelTest {
    private static final String OPEN = "| open: ";

    private static List<String> attacks() throws IOException {
        List<String> rows = new ArrayList<>();
        boolean attacks = false;
        for (String line : Files.readAllLines(TestReferences.projectRoot().resolve("docs/THREAT_MODEL.md"))) {
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

    @Test
    void everyAttackIsTriedOrSaidToBeOpen() throws IOException {
        List<String> attacks = attacks();
        assertThat(attacks).hasSizeGreaterThan(50);
        assertThat(attacks).allMatch(row -> TestReferences.hasAny(row) || row.contains(OPEN));
    }

    @Test
    void everyTestThatIsNamedExists() throws IOException {
        TestReferences tests = TestReferences.read();
        List<String> named = attacks().stream()
                .flatMap(row -> TestReferences.in(row).stream())
                .toList();
        assertThat(named).hasSizeGreaterThan(80).allMatch(tests::exists);
    }
}
