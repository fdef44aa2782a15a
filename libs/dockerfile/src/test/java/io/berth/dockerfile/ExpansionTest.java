package io.berth.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

class ExpansionTest {
    private static final Variables VARIABLES = Variables.of(Map.ofEntries(
            Map.entry("A", "abc"),
            Map.entry("E", ""),
            Map.entry("P", "/usr/local/bin"),
            Map.entry("N", "foobarbaz"),
            Map.entry("S", "a b"),
            Map.entry("D", "$A"),
            Map.entry("K", "한국어"),
            Map.entry("B", "back\\slash"),
            Map.entry("G", "a*b?c"),
            Map.entry("_x1", "under"),
            Map.entry("Z", "aXbXc")));
    private final Expansion expansion = new Expansion('\\');

    @TestFactory
    Stream<DynamicTest> words() {
        return lines("words.txt").map(line -> {
            int arrow = line.indexOf(" =>");
            String word = line.substring(0, arrow);
            String expected = line.substring(arrow + 3).strip();
            return DynamicTest.dynamicTest(word, () -> {
                if (expected.startsWith("! ")) {
                    assertThatThrownBy(() -> expansion.word(word, VARIABLES))
                            .isInstanceOf(DockerfileException.class)
                            .hasMessageContaining(expected.substring(2))
                            .hasMessageStartingWith("failed to process ");
                } else {
                    assertThat(expansion.word(word, VARIABLES).text()).isEqualTo(expected);
                }
            });
        });
    }

    private static Stream<String> lines(String resource) {
        return allLines(resource).filter(line -> !line.startsWith("#"));
    }

    static Stream<String> allLines(String resource) {
        try (InputStream in = Objects.requireNonNull(ExpansionTest.class.getResourceAsStream(resource))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines().filter(line -> !line.isBlank()).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theBacktickEscapesIfTheFileSaysSo() {
        Expansion windows = new Expansion('`');
        assertThat(windows.word("C:\\a`$A$A", VARIABLES).text()).isEqualTo("C:\\a$Aabc");
        assertThat(windows.word("\"`\"\\\"", VARIABLES).text()).isEqualTo("\"\\");
    }

    @Test
    void splitsAtWhiteSpaceThatIsNeitherQuotedNorEscaped() {
        assertThat(split("a b  c")).containsExactly("a", "b", "c");
        assertThat(split("\"a b\" c")).containsExactly("a b", "c");
        assertThat(split("'a b'c d")).containsExactly("a bc", "d");
        assertThat(split("a\\ b c")).containsExactly("a b", "c");
        assertThat(split("$S x")).containsExactly("a", "b", "x");
        assertThat(split("\"$S\" x")).containsExactly("a b", "x");
        assertThat(split("x$S")).containsExactly("xa", "b");
        assertThat(split("$E")).isEmpty();
        assertThat(split("$E $U")).isEmpty();
        assertThat(split("\"\"")).isEmpty();
        assertThat(split("${U:-a b}")).containsExactly("a", "b");
        assertThat(split("  ")).isEmpty();
        assertThat(split("a\tb\nc\u00a0d")).containsExactly("a", "b", "c", "d");
    }

    private List<String> split(String text) {
        return expansion.word(text, VARIABLES).words();
    }

    @Test
    void saysWhichVariablesWereUsedAndWhichMissed() {
        ExpandedWord word = expansion.word("$A${U:-$P}${V+$E}'$N'\\$S", VARIABLES);
        assertThat(word.used()).containsExactly("A", "P", "E");
        assertThat(word.undefined()).containsExactly("U", "V");
        assertThat(expansion.word("$1$?", VARIABLES).undefined()).containsExactly("1", "?");
    }

    @Test
    void quotesMeanNothingInADocument() {
        assertThat(expansion
                        .document("it's \"$A\" '$A' \\$A ${U:-'x'}\n", VARIABLES)
                        .text())
                .isEqualTo("it's \"abc\" 'abc' $A 'x'\n");
    }

    @Test
    void displayKeepsQuotesAndWhatIsNotSet() {
        assertThat(expansion.display("RUN echo \"$A\" '$A' $U ${U:-x} ${U}", VARIABLES))
                .isEqualTo("RUN echo \"abc\" '$A' $U ${U:-x} ${U}");
        assertThat(expansion.display("RUN echo 'open $A", VARIABLES)).isEqualTo("RUN echo 'open $A");
    }

    @Test
    void refusesWhatGrowsWithoutEnd() {
        String million = "x".repeat(1 << 20);
        Variables large = Variables.of(Map.of("X", million));
        assertThat(expansion.word("$X", large).text()).hasSize(1 << 20);
        assertThatThrownBy(() -> expansion.word("$X$X", large)).hasMessageContaining("expansion is too long");
        assertThatThrownBy(() -> expansion.word("${X//x/$X}", large)).hasMessageContaining("expansion is too long");
        assertThatThrownBy(() -> expansion.word("${U:-".repeat(100_000), VARIABLES))
                .hasMessageContaining("nested too deeply");
        assertThatThrownBy(() -> expansion.word("${X#" + "*a".repeat(1_000) + "}", large))
                .hasMessageContaining("pattern in substitution is too long");
    }

    /** Each word may be long, so the words of one line could take thousands of times what the file does. */
    @Test
    void refusesInstructionsThatGrowWithoutEnd() {
        Variables large = Variables.of(Map.of("X", "x".repeat(1 << 20)));
        Instruction few = Dockerfile.parseInstruction("COPY $X $X /to/");
        assertThat(expansion.instruction(few, large).used()).containsExactly("X");
        Instruction many = Dockerfile.parseInstruction("COPY " + "$X ".repeat(2_000) + "/to/");
        assertThatThrownBy(() -> expansion.instruction(many, large)).hasMessageContaining("expansion is too long");
    }

    @Test
    @Timeout(20)
    void hostilePatternsTakeTimeInProportion() {
        Variables large = Variables.of(Map.of("X", "a".repeat(20_000)));
        String pattern = "*a".repeat(100) + "b";
        long begin = System.nanoTime();
        assertThat(expansion.word("${X//" + pattern + "/y}", large).text()).hasSize(20_000);
        assertThat(expansion.word("${X##" + pattern + "}", large).text()).hasSize(20_000);
        assertThat(expansion.word("${X%" + pattern + "}", large).text()).hasSize(20_000);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void fillsInInstructions() {
        Dockerfile file = Dockerfile.parse("""
                FROM scratch
                ADD --chown=$A:$U --chmod=$E --checksum=$A --exclude=*.$A $A "$P" <<doc /$A/
                $A '$A' \\$A
                doc
                COPY --from=x <<'raw' $A /
                $A
                raw
                ENV K$A=$A L=${U:-$P}
                EXPOSE $A "$S" 80
                LABEL $A=$S
                STOPSIGNAL SIG$A
                USER $A:$P
                VOLUME $A $P
                WORKDIR $P/$U
                RUN echo $A
                CMD $A
                ENTRYPOINT ["$A"]
                HEALTHCHECK CMD $A
                SHELL ["$A"]
                ONBUILD RUN $A
                ARG X=$A
                MAINTAINER $A
                """);
        List<Instruction> plain = file.stages().getFirst().instructions();
        List<Instruction> expanded = plain.stream()
                .<Instruction>map(instruction ->
                        expansion.instruction(instruction, VARIABLES).instruction())
                .toList();
        Instruction.Add add = (Instruction.Add) expanded.get(0);
        assertThat(add.chown()).isEqualTo("abc:");
        assertThat(add.chmod()).isNull();
        assertThat(add.checksum()).isEqualTo("abc");
        assertThat(add.excludes()).containsExactly("*.abc");
        assertThat(add.files().sources()).containsExactly("abc", "/usr/local/bin");
        assertThat(add.files().destination()).isEqualTo("/abc/");
        assertThat(add.files().documents().getFirst().text()).isEqualTo("abc 'abc' $A\n");
        Instruction.Copy copy = (Instruction.Copy) expanded.get(1);
        assertThat(copy.from()).isEqualTo("x");
        assertThat(copy.files().documents().getFirst().text()).isEqualTo("$A\n");
        assertThat(((Instruction.Env) expanded.get(2)).pairs())
                .containsExactly(new KeyValue("Kabc", "abc", false), new KeyValue("L", "/usr/local/bin", false));
        assertThat(((Instruction.Expose) expanded.get(3)).ports()).containsExactly("a b", "abc", "80");
        assertThat(((Instruction.Label) expanded.get(4)).pairs()).containsExactly(new KeyValue("abc", "a b", false));
        assertThat(((Instruction.StopSignal) expanded.get(5)).signal()).isEqualTo("SIGabc");
        assertThat(((Instruction.User) expanded.get(6)).user()).isEqualTo("abc:/usr/local/bin");
        assertThat(((Instruction.Volume) expanded.get(7)).paths()).containsExactly("abc", "/usr/local/bin");
        assertThat(((Instruction.Workdir) expanded.get(8)).path()).isEqualTo("/usr/local/bin/");
        assertThat(expanded.subList(9, expanded.size())).isEqualTo(plain.subList(9, plain.size()));
    }

    @Test
    void fromHasABaseAndAPlatform() {
        Instruction.From from = from("FROM --platform=$A x:${A}");
        Expansion.Expanded<Instruction.From> expanded = expansion.instruction(from, VARIABLES);
        assertThat(expanded.instruction().base()).isEqualTo("x:abc");
        assertThat(expanded.instruction().platform()).isEqualTo("abc");
        assertThat(expanded.used()).containsExactly("A");
        assertThatThrownBy(() -> expansion.instruction(from("FROM $E"), VARIABLES))
                .hasMessage("base name ($E) should not be blank")
                .extracting(e -> ((DockerfileException) e).lines())
                .isEqualTo(new Lines(1, 1));
        assertThatThrownBy(() -> expansion.instruction(
                        from("FROM --platform=$TARGETPLATFROM x"),
                        Variables.of(Map.of("TARGETPLATFORM", "linux/amd64"))))
                .hasMessage("empty platform value from expression $TARGETPLATFROM (did you mean TARGETPLATFORM?)");
    }

    private static Instruction.From from(String line) {
        return Dockerfile.parse(line).stages().getFirst().from();
    }

    @Test
    void copyFromHasNoVariables() {
        Instruction copy = Dockerfile.parseInstruction("COPY --from=$A a /");
        assertThatThrownBy(() -> expansion.instruction(copy, VARIABLES))
                .hasMessageContaining("variable expansion is not supported for --from");
    }

    @Test
    void aVolumeThatComesOutEmptyIsRefused() {
        assertThatThrownBy(() -> expansion.instruction(Dockerfile.parseInstruction("VOLUME a $U"), VARIABLES))
                .hasMessage("VOLUME specified can not be an empty string");
    }
}
