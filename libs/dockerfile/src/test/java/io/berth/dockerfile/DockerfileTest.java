package io.berth.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DockerfileTest {
    private static List<Instruction> instructions(String... lines) {
        return Dockerfile.parse("FROM scratch\n" + String.join("\n", lines))
                .stages()
                .getFirst()
                .instructions();
    }

    private static Instruction only(String... lines) {
        List<Instruction> all = instructions(lines);
        assertThat(all).hasSize(1);
        return all.getFirst();
    }

    @Test
    void hasStages() {
        Dockerfile file = Dockerfile.parse("""
                ARG A=1 B
                ARG C
                # Base of everything
                # base holds the tools
                FROM --platform=$BUILDPLATFORM alpine:$A AS Base
                RUN x

                from base
                CMD y
                FROM scratch as last-one.2_x
                """);
        assertThat(file.globalArgs()).hasSize(2);
        assertThat(file.globalArgs().getFirst().definitions())
                .containsExactly(new ArgDefinition("A", "1", ""), new ArgDefinition("B", null, ""));
        assertThat(file.stages()).extracting(Stage::name).containsExactly("base", "stage-1", "last-one.2_x");
        Instruction.From from = file.stages().getFirst().from();
        assertThat(from.base()).isEqualTo("alpine:$A");
        assertThat(from.platform()).isEqualTo("$BUILDPLATFORM");
        assertThat(from.description()).isEqualTo("holds the tools");
        assertThat(from.lines()).isEqualTo(new Lines(5, 5));
        assertThat(from.source()).isEqualTo("FROM --platform=$BUILDPLATFORM alpine:$A AS Base");
        assertThat(file.stages().get(1).instructions()).hasSize(1);
    }

    @Test
    void findsStages() {
        Dockerfile file = Dockerfile.parse("FROM a AS x\nFROM x AS y\nFROM b AS x\nFROM x\n");
        assertThat(file.base("x", 1).orElseThrow().index()).isZero();
        assertThat(file.base("x", 3).orElseThrow().index()).isEqualTo(2);
        assertThat(file.base("X", 3)).isEmpty();
        assertThat(file.base("0", 3)).isEmpty();
        assertThat(file.stage("X").orElseThrow().index()).isEqualTo(2);
        assertThat(file.stage("1").orElseThrow().index()).isEqualTo(1);
        assertThat(file.stage("nginx")).isEmpty();
        assertThatThrownBy(() -> file.stage("4")).hasMessage("invalid stage index 4");
        assertThatThrownBy(() -> file.stage("-1")).hasMessage("invalid stage index -1");
        assertThatThrownBy(() -> file.stage("99999999999")).hasMessage("invalid stage index 99999999999");
        assertThat(file.target("").index()).isEqualTo(3);
        assertThat(file.target("Y").index()).isEqualTo(1);
        assertThat(file.target("0").index()).isZero();
        assertThatThrownBy(() -> file.target("z"))
                .hasMessage("target stage \"z\" could not be found (did you mean x?)");
        assertThatThrownBy(() -> file.target("release")).hasMessage("target stage \"release\" could not be found");
    }

    @Test
    void readsDirectives() {
        Dockerfile file = Dockerfile.parse("""
                # syntax = docker/dockerfile:1 a b
                #ESCAPE=`
                #\tcheck=skip=A, B;error=true;experimental=all

                # syntax=not this
                FROM scratch
                RUN a `
                  b\\
                """);
        assertThat(file.directives().syntax()).isEqualTo("docker/dockerfile:1 a b");
        assertThat(file.directives().escape()).isEqualTo('`');
        assertThat(file.directives().checks())
                .isEqualTo(new CheckSettings(false, Set.of("A", "B"), true, true, Set.of("all")));
        assertThat(file.stages().getFirst().instructions().getFirst().source()).isEqualTo("RUN a   b\\");
    }

    @Test
    void otherCommentsEndTheDirectives() {
        assertThat(Dockerfile.parse("# a\n# escape=`\nFROM x").directives()).isEqualTo(Directives.DEFAULT);
        assertThat(Dockerfile.parse("# foo=a\n# escape=`\nFROM x").directives()).isEqualTo(Directives.DEFAULT);
        assertThat(Dockerfile.parse("\n# escape=`\nFROM x").directives()).isEqualTo(Directives.DEFAULT);
        assertThat(Dockerfile.parse("FROM x\n# escape=`\n").directives()).isEqualTo(Directives.DEFAULT);
        assertThat(Dockerfile.parse("# escape=\nFROM x").directives()).isEqualTo(Directives.DEFAULT);
    }

    @Test
    void joinsLines() {
        Instruction run =
                only("  RUN a \\", "  b\\", "# comment \\", "\t# and another", "c \\  ", "", "   ", "  d", "");
        assertThat(run.source()).isEqualTo("RUN a   bc   d");
        assertThat(run.lines()).isEqualTo(new Lines(2, 9));
    }

    @Test
    void twoEscapesJoinNothing() {
        assertThat(instructions("COPY a c:\\\\", "RUN b")).hasSize(2);
        assertThat(instructions("RUN a \\", "\\", "b")).hasSize(1);
    }

    @Test
    void anEmptyLineEndsNothingButIsWarnedOf() {
        Dockerfile file = Dockerfile.parse("FROM x\nRUN a \\\n\nb\n");
        assertThat(file.warnings())
                .containsExactly(new Warning(Check.NO_EMPTY_CONTINUATION, "Empty continuation line", new Lines(4, 4)));
        assertThat(Dockerfile.parse("FROM x\nRUN a \\")
                        .stages()
                        .getFirst()
                        .instructions()
                        .getFirst()
                        .source())
                .isEqualTo("RUN a");
    }

    @Test
    void readsFilesOfOtherSystems() {
        Dockerfile file = Dockerfile.parse("\ufeff# escape=`\r\nFROM x\r\nRUN a `\r\n  b\r\nCOPY <<E /c\r\nd\r\nE\r\n");
        assertThat(file.directives().escape()).isEqualTo('`');
        List<Instruction> all = file.stages().getFirst().instructions();
        assertThat(all.get(0).source()).isEqualTo("RUN a   b");
        assertThat(((Instruction.Copy) all.get(1))
                        .files()
                        .documents()
                        .getFirst()
                        .content())
                .isEqualTo("d\r\n");
    }

    @Test
    void execFormIsJsonFromEndToEnd() {
        assertThat(command("[\"a\", \"b\\n\\u0041\\\"\"]")).isEqualTo(exec("a", "b\nA\""));
        assertThat(command("  [ ]")).isEqualTo(exec());
        assertThat(command("[\"\\ud83d\\ude00\"]")).isEqualTo(exec("😀"));
        for (String text : List.of(
                "['a']",
                "[\"a\"",
                "[\"a\",]",
                "[\"a\"] x",
                "[a]",
                "[\"a\" \"b\"]",
                "[\"c:\\windows\"]",
                "[,]",
                "[01]",
                "[\"a\tb\"]",
                "[\"\\ud83\"]",
                "x [\"a\"]",
                "[ -f /x ] && y",
                "[[ a ]]",
                "[1.]",
                "[nul]",
                "[{\"a\"}]",
                "[}",
                "[\"a\"}",
                "[{]",
                "[\"a\":1]",
                "[.5]",
                "[+1]",
                "[1e]")) {
            assertThat(command(text)).as(text).isEqualTo(new CommandLine(true, List.of(text), List.of()));
        }
    }

    private static CommandLine command(String text) {
        return ((Instruction.Cmd) only("CMD " + text)).command();
    }

    private static CommandLine exec(String... words) {
        return new CommandLine(false, List.of(words), List.of());
    }

    @Test
    void theShellFormIsOneText() {
        assertThat(command("a   b \"c\"").arguments(List.of("/bin/sh", "-c")))
                .containsExactly("/bin/sh", "-c", "a   b \"c\"");
        assertThat(command("[\"a\"]").arguments(List.of("/bin/sh", "-c"))).containsExactly("a");
        assertThat(((Instruction.Entrypoint) only("ENTRYPOINT")).command().words())
                .isEmpty();
        assertThat(((Instruction.Cmd) only("CMD []")).command()).isEqualTo(exec());
    }

    @Test
    void readsHereDocuments() {
        Instruction.Run run =
                (Instruction.Run) only("RUN <<A cat >x && 3<<-\"B C\" cat # c", "a $x", "A", "\tb", "\tB C");
        assertThat(run.command().heredocs())
                .containsExactly(new Heredoc("A", true, false, "a $x\n"), new Heredoc("B C", false, true, "\tb\n"));
        assertThat(run.source()).isEqualTo("RUN <<A cat >x && 3<<-\"B C\" cat # c");
        assertThat(run.lines()).isEqualTo(new Lines(2, 6));
        assertThat(run.command().arguments(List.of("sh")))
                .containsExactly("sh", "<<A cat >x && 3<<-\"B C\" cat # c\na $x\nA\n\tb\nB C");
        assertThat(run.command().script()).isEmpty();
    }

    @Test
    void aLoneHereDocumentIsTheText() {
        Instruction.Run run = (Instruction.Run) only("RUN <<-EOF", "\techo a", "\t\techo b", "\tEOF");
        assertThat(run.command().arguments(List.of("sh", "-c"))).containsExactly("sh", "-c", "echo a\necho b\n");
    }

    @Test
    void aLoneHereDocumentCanBeAScript() {
        Instruction.Run run = (Instruction.Run) only("RUN <<EOF", "#!/bin/python", "print(1)", "EOF");
        assertThat(run.command().script().orElseThrow().text()).isEqualTo("#!/bin/python\nprint(1)\n");
        assertThat(run.command().arguments(List.of("sh", "-c"))).containsExactly("sh", "-c", "/dev/pipes/EOF");
    }

    @Test
    void whatIsNoHereDocument() {
        for (String text :
                List.of("echo $((1<<2))", "echo \"<<EOF\"", "echo '<<EOF'", "cat <<<EOF", "echo a<<", "[\"<<EOF\"]")) {
            Instruction.Run run = (Instruction.Run) only("RUN " + text);
            assertThat(run.command().heredocs()).as(text).isEmpty();
        }
        assertThat(instructions("ENV A=<<EOF", "CMD cat <<EOF")).hasSize(2);
    }

    @Test
    void copiesHereDocuments() {
        Instruction.Copy copy =
                (Instruction.Copy) only("COPY --chmod=755 <<a.sh x <<-'b' /bin/", "A", "a.sh", "\tB", "b");
        assertThat(copy.files())
                .isEqualTo(new CopyFiles(
                        List.of("x"),
                        List.of(new Heredoc("a.sh", true, false, "A\n"), new Heredoc("b", false, true, "\tB\n")),
                        "/bin/"));
        assertThat(copy.files().documents().get(1).text()).isEqualTo("B\n");
        assertThat(((Instruction.Copy) only("COPY [\"<<EOF\", \"/a\"]"))
                        .files()
                        .documents()
                        .getFirst()
                        .text())
                .isEmpty();
    }

    @Test
    void readsCopyAndAdd() {
        assertThat(only("COPY --from=b --chown=1:2 --chmod=u+x --link --parents --exclude=a --exclude=*.b a b ./"))
                .isEqualTo(new Instruction.Copy(
                        new InstructionSource(
                                "COPY",
                                "COPY --from=b --chown=1:2 --chmod=u+x --link --parents --exclude=a --exclude=*.b a b ./",
                                new Lines(2, 2),
                                List.of()),
                        new CopyFiles(List.of("a", "b"), List.of(), "./"),
                        "b",
                        "1:2",
                        "u+x",
                        true,
                        true,
                        List.of("a", "*.b")));
        Instruction.Add add = (Instruction.Add)
                only("ADD --keep-git-dir=TRUE --checksum=sha256:x --unpack=false --link=false [\"a b\", \"/c d/\"]");
        assertThat(add.keepGitDir()).isTrue();
        assertThat(add.checksum()).isEqualTo("sha256:x");
        assertThat(add.unpack()).isFalse();
        assertThat(add.link()).isFalse();
        assertThat(add.files()).isEqualTo(new CopyFiles(List.of("a b"), List.of(), "/c d/"));
        assertThat(((Instruction.Add) only("ADD a b")).unpack()).isNull();
        assertThat(((Instruction.Add) only("ADD --unpack a b")).unpack()).isTrue();
    }

    @Test
    void flagsMayBeQuoted() {
        assertThat(((Instruction.Copy) only("COPY --chown=\"a b\" --exclude='x y' --exclude=a\\ b -- --x b")).chown())
                .isEqualTo("a b");
        Instruction.Copy copy = (Instruction.Copy) only("COPY --exclude='x y' --exclude=a\\ b -- --x b");
        assertThat(copy.excludes()).containsExactly("x y", "a b");
        assertThat(copy.files().sources()).containsExactly("--x");
    }

    @Test
    void readsPairs() {
        assertThat(pairs("ENV A=1 B=\"b c\" 'C D'=x E=a\\ b F="))
                .containsExactly(
                        new KeyValue("A", "1", false),
                        new KeyValue("B", "\"b c\"", false),
                        new KeyValue("'C D'", "x", false),
                        new KeyValue("E", "a\\ b", false),
                        new KeyValue("F", "", false));
        assertThat(pairs("ENV A  b = c ")).containsExactly(new KeyValue("A", "b = c", true));
        assertThat(pairs("ENV ONE TWO= THREE=x")).containsExactly(new KeyValue("ONE", "TWO= THREE=x", true));
        assertThat(pairs("ENV A=\"b")).containsExactly(new KeyValue("A", "\"b", false));
        assertThat(pairs("ENV A=b\\")).containsExactly(new KeyValue("A", "b", false));
        assertThat(((Instruction.Label) only("LABEL \"a.b\"=\"c\"")).pairs())
                .containsExactly(new KeyValue("\"a.b\"", "\"c\"", false));
        assertThat(new KeyValue("A", "b", true)).hasToString("A=b");
    }

    private static List<KeyValue> pairs(String line) {
        return ((Instruction.Env) only(line)).pairs();
    }

    @Test
    void readsArguments() {
        Instruction.Arg arg = (Instruction.Arg) only("# VERSION of what", "# is built", "ARG VERSION=1 B=\"x y\" C D=");
        assertThat(arg.definitions())
                .containsExactly(
                        new ArgDefinition("VERSION", "1", "of what"),
                        new ArgDefinition("B", "\"x y\"", ""),
                        new ArgDefinition("C", null, ""),
                        new ArgDefinition("D", "", ""));
    }

    @Test
    void anEmptyLineOrCommentPartsADescription() {
        assertThat(((Instruction.Arg) only("# A is", "", "ARG A"))
                        .definitions()
                        .getFirst()
                        .description())
                .isEmpty();
        assertThat(((Instruction.Arg) only("# A is", "#", "ARG A"))
                        .definitions()
                        .getFirst()
                        .description())
                .isEmpty();
        assertThat(((Instruction.Arg) only("  # A is", "ARG A"))
                        .definitions()
                        .getFirst()
                        .description())
                .isEqualTo("is");
    }

    @Test
    void readsHealthchecks() {
        Instruction.Healthcheck check = (Instruction.Healthcheck)
                only(
                        "HEALTHCHECK --interval=1m30s --timeout=1.5s --start-period=1h --start-interval=250ms --retries=7 CMD a b");
        assertThat(check.test()).containsExactly("CMD-SHELL", "a b");
        assertThat(check.interval()).isEqualTo(Duration.ofSeconds(90));
        assertThat(check.timeout()).isEqualTo(Duration.ofMillis(1_500));
        assertThat(check.startPeriod()).isEqualTo(Duration.ofHours(1));
        assertThat(check.startInterval()).isEqualTo(Duration.ofMillis(250));
        assertThat(check.retries()).isEqualTo(7);
        assertThat(((Instruction.Healthcheck) only("HEALTHCHECK cmd [\"a\", \"b\"]")).test())
                .containsExactly("CMD", "a", "b");
        assertThat(((Instruction.Healthcheck) only("HEALTHCHECK none")).test()).containsExactly("NONE");
        assertThat(((Instruction.Healthcheck) only("HEALTHCHECK --interval=0 CMD x")).interval())
                .isZero();
    }

    @Test
    void readsTheOthers() {
        assertThat(((Instruction.Expose) only("EXPOSE 80 443/tcp 53/udp")).ports())
                .containsExactly("443/tcp", "53/udp", "80");
        assertThat(((Instruction.Volume) only("VOLUME /a   /b")).paths()).containsExactly("/a", "/b");
        assertThat(((Instruction.Volume) only("VOLUME [\"/a b\"]")).paths()).containsExactly("/a b");
        assertThat(((Instruction.User) only("USER a b")).user()).isEqualTo("a b");
        assertThat(((Instruction.Workdir) only("WORKDIR /a b")).path()).isEqualTo("/a b");
        assertThat(((Instruction.StopSignal) only("STOPSIGNAL SIGTERM")).signal())
                .isEqualTo("SIGTERM");
        assertThat(((Instruction.Shell) only("SHELL [\"a\", \"-c\"]")).shell()).containsExactly("a", "-c");
        assertThat(((Instruction.Maintainer) only("MAINTAINER A <a@b>")).maintainer())
                .isEqualTo("A <a@b>");
        assertThat(only("cmd a").name()).isEqualTo("CMD");
        Instruction.Run run =
                (Instruction.Run) only("RUN --network=none --security=insecure --mount=type=cache,target=/c x");
        assertThat(run.network()).isEqualTo(RunNetwork.NONE);
        assertThat(run.security()).isEqualTo(RunSecurity.INSECURE);
        assertThat(run.mountFlags()).containsExactly("type=cache,target=/c");
    }

    @Test
    void keepsTriggersAsText() {
        assertThat(trigger("ONBUILD RUN a  b")).isEqualTo("RUN a  b");
        assertThat(trigger("onbuild   COPY --from=x a b")).isEqualTo("COPY --from=x a b");
        assertThat(trigger("ONBUILD COPY <<A <<B /", "a", "A", "b", "B")).isEqualTo("COPY <<A <<B /\na\nA\nb\nB");
        assertThat(trigger("ONBUILD NOSUCH x")).isEqualTo("NOSUCH x");
        Instruction copy = Dockerfile.parseInstruction(trigger("ONBUILD COPY <<A /", "a", "A"));
        assertThat(((Instruction.Copy) copy).files().documents().getFirst().text())
                .isEqualTo("a\n");
    }

    private static String trigger(String... lines) {
        return ((Instruction.OnBuild) only(lines)).trigger();
    }

    @Test
    void readsOneInstruction() {
        assertThat(((Instruction.Env) Dockerfile.parseInstruction("ENV A=b")).pairs())
                .containsExactly(new KeyValue("A", "b", false));
        assertThatThrownBy(() -> Dockerfile.parseInstruction("ENV A=b\nENV C=d"))
                .hasMessage("onbuild trigger should be a single expression");
        assertThatThrownBy(() -> Dockerfile.parseInstruction("FROM x")).hasMessage("FROM isn't allowed here");
        assertThatThrownBy(() -> Dockerfile.parseInstruction("")).hasMessage("file with no instructions");
    }
}
