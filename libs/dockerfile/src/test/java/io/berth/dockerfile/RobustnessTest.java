package io.berth.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever is in a file, reading it ends soon, in an answer or in a {@link DockerfileException}. */
class RobustnessTest {
    private static final String SAMPLE = """
            # syntax=docker/dockerfile:1
            # escape=\\
            # check=skip=all;error=true
            ARG V=1 W=${V:-x}
            FROM --platform=$BUILDPLATFORM alpine:${V%.*} AS build
            # A is
            ARG A="b c" TARGETARCH
            ENV A=${A//b/"$V"} 'B C'=d\\ e
            ENV old form
            COPY --from=x --chown=1:2 --exclude=**/*.md <<-"EOF" [a-z]* ./dest/
            \t$A
            EOF
            ADD ["a b", "/c"]
            RUN --mount=type=cache,target=/c,"id=$A" --network=none <<A cat && <<B cat
            x
            A
            y
            B
            EXPOSE 80-90/tcp 127.0.0.1:1:2
            HEALTHCHECK --interval=1m30s CMD ["a", "\\u0041"]
            ONBUILD COPY <<C /
            C
            LABEL a=b "c"='d' \\
              # comment

              e=f
            SHELL ["/bin/sh"]
            """;
    private static final List<String> PIECES = List.of(
            "\n",
            "\\\n",
            "\\",
            "`",
            "\"",
            "'",
            "$",
            "${",
            "}",
            "${A:-",
            "${A//",
            "<<",
            "<<-",
            "<<EOF\n",
            "EOF",
            "--",
            "--mount=",
            "[",
            "]",
            "[\"",
            "{",
            ":",
            ",",
            "=",
            "#",
            "# ",
            "FROM ",
            "ONBUILD ",
            "RUN ",
            "\r\n",
            "\t",
            " ",
            "\u0000",
            "\ud83d",
            "\ufeff",
            "\u00a0",
            "*",
            "**",
            "?",
            "!",
            "/",
            "..",
            "-",
            "0",
            "99999999999",
            "é");

    @Test
    @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void mutationsAreReadOrRefused() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            String text = mutate(random);
            try {
                use(text);
                read++;
            } catch (DockerfileException e) {
                assertThat(e.getMessage()).as("seed %d", seed).isNotEmpty();
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", turn " + i + ":\n" + text, e);
            }
        }
        assertThat(read).as("seed %d", seed).isPositive();
    }

    private static String mutate(Random random) {
        StringBuilder text = new StringBuilder(SAMPLE);
        for (int changes = 1 + random.nextInt(6); changes > 0; changes--) {
            int at = random.nextInt(text.length());
            int end = Math.min(text.length(), at + random.nextInt(1 + random.nextInt(30)));
            switch (random.nextInt(4)) {
                case 0 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
                case 1 -> text.delete(at, end);
                case 2 -> text.replace(at, end, PIECES.get(random.nextInt(PIECES.size())));
                default -> text.insert(random.nextInt(text.length()), text.substring(at, end));
            }
            if (text.isEmpty()) {
                text.append(' ');
            }
        }
        return text.toString();
    }

    /** All that a builder would do with it. */
    private static void use(String text) {
        Dockerfile file = Dockerfile.parse(text);
        Expansion expansion = file.expansion();
        Map<String, String> buildArgs = Map.of("A", "given", "HTTP_PROXY", "x");
        GlobalArgs globals = GlobalArgs.evaluate(
                GlobalArgs.automatic("linux/arm64/v8", "linux/amd64", ""), file.globalArgs(), buildArgs, expansion);
        BuildChecks checks = new BuildChecks(file);
        checks.from(globals);
        List<RuntimeException> refused = new ArrayList<>();
        for (Stage stage : file.stages()) {
            BuildChecks.StageChecks stageChecks = checks.stage();
            ArgScope scope = new ArgScope(globals, buildArgs, List.of("PATH=/bin"), expansion, Dialect.BUILDKIT);
            for (Instruction instruction : stage.instructions()) {
                try {
                    use(instruction, file, expansion, scope, stageChecks);
                } catch (DockerfileException e) {
                    refused.add(e);
                }
            }
        }
        assertThat(checks.warnings()).isNotNull();
        if (!refused.isEmpty()) {
            throw refused.getFirst();
        }
    }

    private static void use(
            Instruction instruction,
            Dockerfile file,
            Expansion expansion,
            ArgScope scope,
            BuildChecks.StageChecks checks) {
        if (instruction instanceof Instruction.Arg arg) {
            checks.declared(arg, scope.declare(arg), scope);
            return;
        }
        Expansion.Expanded<Instruction> expanded = expansion.instruction(instruction, scope);
        checks.instruction(expanded, scope, false);
        assertThat(expansion.display(instruction.source(), scope)).isNotNull();
        switch (expanded.instruction()) {
            case Instruction.Env env -> scope.set(env);
            case Instruction.Run run -> {
                assertThat(RunMount.of(run, expansion, scope)).isNotNull();
                assertThat(run.command().arguments(List.of("sh", "-c"))).isNotNull();
                assertThat(run.command().script()).isNotNull();
            }
            case Instruction.Copy copy -> {
                IgnorePatterns.of(copy.excludes()).excludes("a/b.md");
                copy.files().sources().forEach(source -> GlobPattern.of(source).matches("a/b"));
                if (copy.from() != null) {
                    assertThat(file.stage(copy.from())).isNotNull();
                }
            }
            case Instruction.Expose expose ->
                assertThat(ExposedPorts.parse(expose.ports())).isNotNull();
            case Instruction.OnBuild onBuild ->
                assertThat(Dockerfile.parseInstruction(onBuild.trigger())).isNotNull();
            default -> {
                // nothing more to do with it
            }
        }
    }

    @Test
    @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void linesOfAMebibyteAreReadInNoTime() {
        int size = 1 << 20;
        for (String line : List.of(
                "RUN " + "x".repeat(size),
                "RUN " + "\\\n".repeat(size / 2),
                "RUN \\\n" + "\n".repeat(size),
                "RUN \\\n" + "# c\n".repeat(size / 4),
                "RUN " + "<<A ".repeat(size / 4),
                "RUN <<A\n" + "A \n".repeat(size / 3) + "A",
                "CMD " + "[".repeat(size),
                "CMD [" + "[".repeat(size / 2) + "]".repeat(size / 2) + "]",
                "CMD [\"" + "\\u0041".repeat(size / 6) + "\"]",
                "ONBUILD ".repeat(size / 8) + "RUN x",
                "ENV A=" + "${A:-".repeat(size / 5),
                "ENV A=" + "$A".repeat(size / 2),
                "ENV " + "A=b ".repeat(size / 4),
                "ENV A=" + "'\"".repeat(size / 2),
                "LABEL a=" + "\\".repeat(size),
                "COPY " + "--exclude=a ".repeat(size / 12) + " a b",
                "COPY --exclude=" + "**/".repeat(size / 3) + " a b",
                "COPY " + "[".repeat(size) + " b",
                "RUN --mount=" + ",".repeat(size) + " x",
                "RUN --mount=" + "\\\"".repeat(size / 2) + " x",
                "EXPOSE " + "1-65535 ".repeat(size / 8),
                "HEALTHCHECK --interval=" + "1h".repeat(size / 2) + " CMD x",
                "HEALTHCHECK --retries=" + "1".repeat(size) + " CMD x",
                "FROM " + "a/".repeat(size / 2),
                "FROM " + "a-".repeat(size / 2),
                "FROM x AS " + "a".repeat(size),
                "#".repeat(size),
                " ".repeat(size),
                "\u0000".repeat(size))) {
            long begin = System.nanoTime();
            try {
                use("FROM scratch\n" + line);
            } catch (DockerfileException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .as(line.substring(0, 40))
                    .isLessThan(Duration.ofSeconds(30));
        }
    }
}
