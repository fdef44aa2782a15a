package io.berth.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class DockerfileErrorsTest {
    @TestFactory
    Stream<DynamicTest> messages() {
        return ExpansionTest.allLines("errors.txt")
                .filter(line -> line.contains(" => "))
                .map(line -> {
                    int arrow = line.indexOf(" => ");
                    String text = line.substring(line.startsWith("*") ? 1 : 0, arrow);
                    return DynamicTest.dynamicTest(
                            text,
                            () -> assertThatThrownBy(() -> Dockerfile.parse(text.replace('¶', '\n')))
                                    .isInstanceOf(DockerfileException.class)
                                    .hasMessage(line.substring(arrow + 4)));
                });
    }

    @Test
    void sayWhere() {
        assertThat(lines("FROM scratch\nENV \\\nA \\\n\n")).isEqualTo(new Lines(2, 4));
        assertThat(lines("FROM scratch\n# c\nFOO x\nRUN y")).isEqualTo(new Lines(3, 3));
        assertThat(lines("RUN x\nFROM y")).isEqualTo(new Lines(1, 1));
        assertThat(lines("# syntax=a\n# syntax=b\nFROM y")).isEqualTo(new Lines(2, 2));
        assertThat(lines("FROM x\nRUN <<A\na\n")).isEqualTo(new Lines(2, 3));
        assertThat(lines("# only\n# comments\n")).isEqualTo(new Lines(2, 2));
    }

    private static Lines lines(String text) {
        return catchThrowableOfType(DockerfileException.class, () -> Dockerfile.parse(text))
                .lines();
    }

    @Test
    void anEmptyFileIsNone() {
        assertThatThrownBy(() -> Dockerfile.parse("")).hasMessage("the Dockerfile cannot be empty");
    }

    @Test
    void whatIsWrongWithWordsIsSaidBeforeWhatIsWrongWithInstructions() {
        assertThatThrownBy(() -> Dockerfile.parse("FROM scratch\nFORM x\nENV A"))
                .hasMessage("ENV must have two arguments");
    }
}
