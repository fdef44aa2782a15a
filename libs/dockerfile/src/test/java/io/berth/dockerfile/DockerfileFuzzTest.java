package io.berth.dockerfile;

import io.berth.fuzz.Fuzzer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Dockerfiles and ignore files that nobody wrote. */
class DockerfileFuzzTest {
    private static Fuzzer fuzzer(String name) {
        return Fuzzer.of(name)
                .examples(
                        """
                        # syntax=docker/dockerfile:1
                        # escape=\\
                        ARG V=${W:-3} X
                        FROM --platform=$BUILDPLATFORM a:${V%.*} AS one
                        RUN --mount=type=cache,target=/c,id=x,sharing=locked --network=none <<EOF
                        echo "$V" && \\
                          # a comment
                          true
                        EOF
                        ENV A=b C="d e" F=g\\ h
                        COPY --from=one --chown=1:2 --chmod=u+x ["a b", "/c"]
                        COPY <<-"A" <<B /d
                        \ttext
                        A
                        B
                        """,
                        """
                        FROM scratch
                        ADD --checksum=sha256:00 https://e/x --keep-git-dir=true /
                        HEALTHCHECK --interval=5m --timeout=3s --retries=3 CMD ["a","b"]
                        EXPOSE 80/tcp 100-102/udp
                        VOLUME ["/a"]
                        LABEL "a.b"=c d='e'
                        STOPSIGNAL 9
                        USER a:b
                        WORKDIR /${A:+x}
                        ONBUILD COPY --link --parents --exclude=*.md a/./b /c
                        SHELL ["/bin/sh","-c"]
                        ENTRYPOINT exec a
                        """,
                        "ARG A=${B:-xxxxxxxx}\nARG A=$A$A\nFROM $A\nENV A=$A$A B=${A/x*/y} C=${A##x}\nCOPY $A $A /\n")
                .words(
                        "RUN ",
                        "<<EOF",
                        "EOF\n",
                        "${a:-",
                        "${A/#b/c}",
                        "$A$A",
                        "}",
                        "--mount=",
                        "\\\n",
                        "`\n",
                        "ONBUILD ",
                        "[\"",
                        "\\u00")
                .refusesBy(DockerfileException.class)
                .costing(4);
    }

    @Test
    void dockerfiles() {
        fuzzer("Dockerfile").runText(Dockerfile::parse);
    }

    /** Variables that double each other may fill what a stage and an instruction may have. */
    @Test
    void evaluations() {
        fuzzer("Dockerfile and its variables").allocating(1L << 30).runText(DockerfileFuzzTest::evaluate);
    }

    /** What a build does with a file, but for the steps themselves. */
    private static void evaluate(String text) {
        Dockerfile file = Dockerfile.parse(text);
        Expansion expansion = file.expansion();
        Map<String, String> automatic = GlobalArgs.automatic("linux/amd64", "linux/arm64", "");
        GlobalArgs globals = GlobalArgs.evaluate(automatic, file.globalArgs(), Map.of(), expansion);
        BuildChecks checks = new BuildChecks(file);
        checks.from(globals);
        for (Stage stage : file.stages()) {
            ArgScope scope = new ArgScope(globals, Map.of(), List.of("PATH=/bin"), expansion, Dialect.BUILDKIT);
            BuildChecks.StageChecks stageChecks = checks.stage();
            for (Instruction instruction : stage.instructions()) {
                var expanded = expansion.instruction(instruction, scope);
                stageChecks.instruction(expanded, scope, false);
                switch (expanded.instruction()) {
                    case Instruction.Arg arg -> stageChecks.declared(arg, scope.declare(arg), scope);
                    case Instruction.Env env -> scope.set(env);
                    case Instruction.Run run -> RunMount.of(run, expansion, scope);
                    default -> {
                        // nothing for those behind it
                    }
                }
            }
        }
        checks.warnings();
        checks.failure();
    }

    @Test
    void ignoreFiles() {
        Fuzzer.of("dockerignore")
                .examples("# c\n*/temp*\n**/x\n!a/b/[a-z]?\n", "a\n!a/b\n/c/../d\n", "[^]-x]\\*\n")
                .words("**", "!", "[", "]", "\\", "../")
                .refusesBy(DockerfileException.class)
                .costing(2)
                .runText(text -> {
                    IgnorePatterns patterns = IgnorePatterns.parse(text);
                    patterns.excludes("a/b/c.txt");
                    patterns.mayHoldIncluded("a/b");
                });
    }

    @Test
    void patternsOfPaths() {
        Fuzzer.of("path pattern")
                .examples("a/*/c?.[a-z]", "**/x", "\\[a\\]", "[^a-c]*[d]")
                .words("*", "**/", "[", "[^", "]", "-", "\\", "?")
                .refusesBy(DockerfileException.class)
                .runText(text -> {
                    GlobPattern.of(text).matches("a/bbbbbbbbbbbbbbbbbbbbbbbbbbbbb/c1.x");
                    GlobPattern.ofSegments(text).mayMatchBelow("a/b");
                });
    }
}
