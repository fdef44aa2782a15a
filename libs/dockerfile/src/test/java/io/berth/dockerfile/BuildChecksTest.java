package io.berth.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BuildChecksTest {
    /** Checks a file as a builder does, and tells what was found as {@code line Check: message}. */
    private static List<String> check(Map<String, String> buildArgs, String... lines) {
        return run(buildArgs, lines).warnings().stream()
                .map(warning -> warning.lines().first() + " " + warning.check().checkName() + ": " + warning.message())
                .toList();
    }

    private static List<String> check(String... lines) {
        return check(Map.of(), lines);
    }

    private static BuildChecks run(Map<String, String> buildArgs, String... lines) {
        Dockerfile file = Dockerfile.parse(String.join("\n", lines));
        BuildChecks checks = new BuildChecks(file);
        Expansion expansion = file.expansion();
        GlobalArgs globals = GlobalArgs.evaluate(
                GlobalArgs.automatic("linux/amd64", "linux/amd64", ""), file.globalArgs(), buildArgs, expansion);
        checks.from(globals);
        for (Stage stage : file.stages()) {
            BuildChecks.StageChecks stageChecks = checks.stage();
            ArgScope scope = new ArgScope(globals, buildArgs, List.of("PATH=/bin"), expansion, Dialect.BUILDKIT);
            boolean ownShell = false;
            for (Instruction instruction : stage.instructions()) {
                if (instruction instanceof Instruction.Arg arg) {
                    stageChecks.declared(arg, scope.declare(arg), scope);
                    continue;
                }
                Expansion.Expanded<Instruction> expanded = expansion.instruction(instruction, scope);
                stageChecks.instruction(expanded, scope, ownShell);
                if (expanded.instruction() instanceof Instruction.Env env) {
                    scope.set(env);
                }
                if (expanded.instruction() instanceof Instruction.Copy copy) {
                    copy.files()
                            .sources()
                            .forEach(source -> stageChecks.source(copy, source, IgnorePatterns.parse("*.md\ndist\n")));
                }
                ownShell |= instruction instanceof Instruction.Shell;
            }
        }
        return checks;
    }

    @Test
    void casing() {
        assertThat(check("FROM x AS Build"))
                .containsExactly("1 StageNameCasing: Stage name 'Build' should be lowercase");
        assertThat(check("FROM x as b"))
                .containsExactly("1 FromAsCasing: 'as' and 'FROM' keywords' casing do not match");
        assertThat(check("from x AS b"))
                .containsExactly("1 FromAsCasing: 'AS' and 'from' keywords' casing do not match");
        assertThat(check("FROM x", "RUN a", "run b"))
                .containsExactly(
                        "3 ConsistentInstructionCasing: Command 'run' should match the case of the command majority (uppercase)");
        assertThat(check("from x", "run a", "Run b"))
                .containsExactly(
                        "3 ConsistentInstructionCasing: Command 'Run' should match the case of the command majority (lowercase)");
        assertThat(check("from x as b", "run c")).isEmpty();
    }

    @Test
    void stageNames() {
        assertThat(check("FROM x AS a", "FROM y AS a"))
                .containsExactly("2 DuplicateStageName: Duplicate stage name \"a\", stage names should be unique");
        assertThat(check("FROM x AS context"))
                .containsExactly(
                        "1 ReservedStageName: Stage name should not use the same name as reserved stage \"context\"");
    }

    @Test
    void oldForms() {
        assertThat(check("FROM x", "MAINTAINER y"))
                .containsExactly(
                        "2 MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label");
        assertThat(check("FROM x", "ENV A b", "label C d"))
                .contains(
                        "2 LegacyKeyValueFormat: \"ENV key=value\" should be used instead of legacy \"ENV key value\" format",
                        "3 LegacyKeyValueFormat: \"label key=value\" should be used instead of legacy \"label key value\" format");
        assertThat(check("FROM x", "RUN a \\", "", " b"))
                .containsExactly("4 NoEmptyContinuation: Empty continuation line");
    }

    @Test
    void commands() {
        assertThat(check("FROM x", "CMD a", "ENTRYPOINT b"))
                .containsExactly(
                        "2 JSONArgsRecommended: JSON arguments recommended for CMD to prevent unintended behavior related to OS signals",
                        "3 JSONArgsRecommended: JSON arguments recommended for ENTRYPOINT to prevent unintended behavior related to OS signals");
        assertThat(check("FROM x", "SHELL [\"a\"]", "CMD a")).isEmpty();
        assertThat(check("FROM x", "CMD [\"a\"]", "CMD [\"b\"]", "HEALTHCHECK NONE", "HEALTHCHECK CMD c"))
                .containsExactly(
                        "2 MultipleInstructionsDisallowed: Multiple CMD instructions should not be used in the same stage because only the last one will be used",
                        "4 MultipleInstructionsDisallowed: Multiple HEALTHCHECK instructions should not be used in the same stage because only the last one will be used");
        assertThat(check("FROM x", "CMD [\"a\"]", "FROM y", "CMD [\"a\"]")).isEmpty();
    }

    @Test
    void variables() {
        assertThat(check("FROM x", "ENV VERSION=1", "LABEL a=$VERSON b=$NOTHING", "ARG DECLARED", "LABEL c=$DECLARED"))
                .containsExactly(
                        "3 UndefinedVar: Usage of undefined variable '$VERSON' (did you mean $VERSION?)",
                        "3 UndefinedVar: Usage of undefined variable '$NOTHING'");
        assertThat(check("FROM x", "ARG LONG=$B")).containsExactly("2 UndefinedVar: Usage of undefined variable '$B'");
        assertThat(check("FROM x", "RUN echo $ANY", "COPY ${PATH} /")).isEmpty();
    }

    @Test
    void from() {
        assertThat(check("ARG VERSION=1", "FROM x:$VERSON"))
                .containsExactly(
                        "2 InvalidDefaultArgInFrom: Default value for ARG x:$VERSON results in empty or invalid base image name",
                        "2 UndefinedArgInFrom: FROM argument 'VERSON' is not declared (did you mean VERSION?)");
        assertThat(check(Map.of("TAG", "1"), "ARG TAG", "FROM x:$TAG"))
                .containsExactly(
                        "2 InvalidDefaultArgInFrom: Default value for ARG x:$TAG results in empty or invalid base image name");
        assertThat(check(Map.of("TAG", "1"), "ARG TAG=2", "FROM x:$TAG")).isEmpty();
        assertThat(check("FROM --platform=$TARGETPLATFORM x"))
                .containsExactly(
                        "1 RedundantTargetPlatform: Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior");
        assertThat(check("FROM --platform=$BUILDPLATFORM x")).isEmpty();
        assertThat(check("FROM --platform=linux/arm64 x"))
                .containsExactly(
                        "1 FromPlatformFlagConstDisallowed: FROM --platform flag should not use constant value \"linux/arm64\"");
        assertThat(check("FROM --platform=linux/arm64 x AS build-arm64")).isEmpty();
        assertThat(check("ARG P=linux/arm64", "FROM --platform=$P x")).isEmpty();
    }

    @Test
    void imageNames() {
        for (String name : List.of(
                "x", "a/b:c", "h.io:5000/a/b@sha256:" + "a".repeat(64), "localhost/x", "a__b-c.d", "[::1]:5000/x")) {
            assertThat(ImageName.isValid(name)).as(name).isTrue();
        }
        for (String name : List.of("", "X", "a:", "a b", "a//b", "a@sha256:1", "-a", "a".repeat(600), "f".repeat(64))) {
            assertThat(ImageName.isValid(name)).as(name).isFalse();
        }
    }

    @Test
    void workdirs() {
        assertThat(check("FROM x", "WORKDIR a", "WORKDIR b"))
                .containsExactly(
                        "2 WorkdirRelativePath: Relative workdir \"a\" can have unexpected results if the base image changes");
        assertThat(check("FROM x", "WORKDIR /a", "WORKDIR b")).isEmpty();
    }

    @Test
    void secrets() {
        assertThat(check("FROM x", "ARG GITHUB_TOKEN", "ENV api_key=1 AUTH=2 TOKENS=3 KEY_FILE=4 PUBLIC_KEY=5"))
                .containsExactly(
                        "2 SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ARG \"GITHUB_TOKEN\")",
                        "3 SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ENV \"api_key\")",
                        "3 SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ENV \"AUTH\")");
    }

    @Test
    void ports() {
        assertThat(check("FROM x", "EXPOSE 80/TCP 127.0.0.1:80:80 90"))
                .containsExactlyInAnyOrder(
                        "2 ExposeProtoCasing: Defined protocol '80/TCP' in EXPOSE instruction should be lowercase",
                        "2 ExposeInvalidFormat: EXPOSE instruction should not define an IP address or host-port mapping, found '127.0.0.1:80:80'");
    }

    @Test
    void experimentalChecksRunOnlyWhenAskedFor() {
        String[] lines = {"FROM x AS b", "# note", "ARG A", "COPY a.md dist/x ok /"};
        assertThat(check(lines)).isEmpty();
        String[] asked = Arrays.copyOf(lines, lines.length + 1);
        System.arraycopy(lines, 0, asked, 1, lines.length);
        asked[0] = "# check=experimental=all";
        assertThat(check(asked))
                .containsExactly(
                        "4 InvalidDefinitionDescription: Comment for ARG should follow the format: `# A <description>`",
                        "5 CopyIgnoredFile: Attempting to Copy file \"a.md\" that is excluded by .dockerignore",
                        "5 CopyIgnoredFile: Attempting to Copy file \"dist/x\" that is excluded by .dockerignore");
        assertThat(check("# check=experimental=InvalidDefinitionDescription", "# a b", "FROM x AS a", "# c", "ARG A B"))
                .containsExactly(
                        "5 InvalidDefinitionDescription: Comment for ARG should follow the format: `# <arg_key> <description>`");
    }

    @Test
    void checksCanBeSkipped() {
        assertThat(check("# check=skip=StageNameCasing , FromAsCasing", "FROM x as B", "CMD a"))
                .containsExactly(
                        "3 JSONArgsRecommended: JSON arguments recommended for CMD to prevent unintended behavior related to OS signals");
        assertThat(check("# check=skip=all", "FROM x as B", "CMD a")).isEmpty();
    }

    @Test
    void warningsCanFailTheBuild() {
        assertThat(run(Map.of(), "# check=error=true", "FROM x as B", "FROM x as C")
                        .failure())
                .hasValue("lint violation found for rules: FromAsCasing, StageNameCasing");
        assertThat(run(Map.of(), "# check=error=true", "FROM x").failure()).isEmpty();
        assertThat(run(Map.of(), "FROM x as B").failure()).isEmpty();
    }

    @Test
    void checksSayWhereTheyAreExplained() {
        assertThat(Check.JSON_ARGS_RECOMMENDED.url())
                .isEqualTo("https://docs.docker.com/go/dockerfile/rule/json-args-recommended/");
        assertThat(Check.valueOf("FROM_PLATFORM_FLAG_CONST_DISALLOWED").checkName())
                .isEqualTo("FromPlatformFlagConstDisallowed");
        assertThat(Arrays.stream(Check.values()).map(Check::checkName))
                .hasSize(21)
                .doesNotHaveDuplicates();
    }

    @Test
    void settingsMayBeGivenFromElsewhere() {
        Dockerfile file = Dockerfile.parse("FROM x as B");
        assertThat(new BuildChecks(file, CheckSettings.parse("skip=all")).warnings())
                .isEmpty();
        assertThat(CheckSettings.parse("")).isEqualTo(CheckSettings.DEFAULT);
        assertThatThrownBy(() -> CheckSettings.parse("a=b;c=d")).hasMessage("invalid check option \"a\"");
    }
}
