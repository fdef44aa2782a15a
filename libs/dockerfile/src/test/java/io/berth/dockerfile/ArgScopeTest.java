package io.berth.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ArgScopeTest {
    private static final Expansion EXPANSION = new Expansion('\\');

    private static Instruction.Arg arg(String line) {
        return (Instruction.Arg) Dockerfile.parseInstruction(line);
    }

    private static Instruction.Env env(String line) {
        return (Instruction.Env) Dockerfile.parseInstruction(line);
    }

    private static GlobalArgs globals(Map<String, String> buildArgs, String... lines) {
        return GlobalArgs.evaluate(
                GlobalArgs.automatic("linux/arm/v7", "linux/amd64", ""),
                List.of(lines).stream().map(ArgScopeTest::arg).toList(),
                buildArgs,
                EXPANSION);
    }

    private static ArgScope scope(Dialect dialect, Map<String, String> buildArgs, String... globals) {
        return new ArgScope(globals(buildArgs, globals), buildArgs, List.of("PATH=/bin", "BASE=b"), EXPANSION, dialect);
    }

    private static ArgScope scope(Map<String, String> buildArgs, String... globals) {
        return scope(Dialect.BUILDKIT, buildArgs, globals);
    }

    @Test
    void platformsAreThereWithoutAsking() {
        GlobalArgs globals = globals(Map.of());
        assertThat(globals.value("TARGETPLATFORM")).isEqualTo("linux/arm/v7");
        assertThat(globals.value("TARGETOS")).isEqualTo("linux");
        assertThat(globals.value("TARGETARCH")).isEqualTo("arm");
        assertThat(globals.value("TARGETVARIANT")).isEqualTo("v7");
        assertThat(globals.value("BUILDPLATFORM")).isEqualTo("linux/amd64");
        assertThat(globals.value("BUILDARCH")).isEqualTo("amd64");
        assertThat(globals.value("BUILDVARIANT")).isEmpty();
        assertThat(globals.value("TARGETSTAGE")).isEqualTo("default");
        assertThat(globals(Map.of("TARGETARCH", "x")).value("TARGETARCH")).isEqualTo("x");
    }

    @Test
    void globalDefaultsUseThoseBeforeThem() {
        GlobalArgs globals =
                globals(Map.of("G", "given"), "ARG A=1 B=${A}2", "ARG C=$B-$TARGETARCH D G=x E=$D$G", "ARG A=3");
        assertThat(globals.value("A")).isEqualTo("3");
        assertThat(globals.value("B")).isEqualTo("12");
        assertThat(globals.value("C")).isEqualTo("12-arm");
        assertThat(globals.value("D")).isNull();
        assertThat(globals.value("E")).isEqualTo("given");
        assertThat(globals.known()).contains("D");
        assertThat(globals.names()).doesNotContain("D");
        assertThatThrownBy(() -> globals(Map.of(), "ARG A=${B:?no}"))
                .hasMessageContaining("B: no")
                .extracting(e -> ((DockerfileException) e).lines())
                .isEqualTo(new Lines(1, 1));
    }

    @Test
    void aStageSeesGlobalsOnlyWhenItAsks() {
        ArgScope scope = scope(Map.of(), "ARG V=1");
        assertThat(scope.value("V")).isNull();
        assertThat(scope.value("TARGETARCH")).isNull();
        DeclaredArgs declared = scope.declare(arg("ARG V TARGETARCH W"));
        assertThat(declared.args()).extracting(Object::toString).containsExactly("V=1", "TARGETARCH=arm", "W");
        assertThat(scope.value("V")).isEqualTo("1");
        assertThat(scope.value("W")).isNull();
        assertThat(scope.isDeclared("W")).isTrue();
    }

    @Test
    void whatIsGivenBeatsTheDefaultAndTheDefaultTheGlobal() {
        ArgScope scope = scope(Map.of("A", "given"), "ARG A=ga B=gb");
        scope.declare(arg("ARG A=d B=d C=d"));
        assertThat(scope.value("A")).isEqualTo("given");
        assertThat(scope.value("B")).isEqualTo("d");
        assertThat(scope.value("C")).isEqualTo("d");
        assertThat(scope.runArguments()).isEqualTo(Map.of("A", "given", "B", "d", "C", "d"));
        assertThat(scope.consumed()).containsExactly("A", "B", "C");
    }

    @Test
    void defaultsUseWhatIsThere() {
        ArgScope scope = scope(Map.of());
        DeclaredArgs declared = scope.declare(arg("ARG A=$BASE B=${A}x C=$NONE D E=$D"));
        assertThat(declared.args()).extracting(Object::toString).containsExactly("A=b", "B=bx", "C=", "D", "E=");
        assertThat(declared.used()).containsExactly("BASE", "A");
        assertThat(declared.undefined()).containsExactly("NONE");
        assertThatThrownBy(() -> scope.declare(arg("ARG X=${Y?z}"))).hasMessageContaining("Y: z");
    }

    @ParameterizedTest
    @EnumSource
    void anEnvAfterAnArgHidesIt(Dialect dialect) {
        ArgScope scope = scope(dialect, Map.of("A", "arg"));
        scope.declare(arg("ARG A"));
        scope.set(env("ENV A=env"));
        assertThat(scope.value("A")).isEqualTo("env");
        assertThat(scope.runArguments()).isEmpty();
        assertThat(scope.imageEnvironment()).containsExactly("PATH=/bin", "BASE=b", "A=env");
        assertThat(scope.runHistory()).containsExactly("|1", "A=env");
    }

    @Test
    void anArgAfterAnEnvIsAMatterOfDialect() {
        ArgScope classic = scope(Dialect.CLASSIC, Map.of());
        classic.set(env("ENV A=env"));
        classic.declare(arg("ARG A=arg"));
        assertThat(classic.value("A")).isEqualTo("env");
        assertThat(classic.runArguments()).isEmpty();
        ArgScope buildkit = scope(Dialect.BUILDKIT, Map.of());
        buildkit.set(env("ENV A=env"));
        buildkit.declare(arg("ARG A=arg"));
        assertThat(buildkit.value("A")).isEqualTo("arg");
        assertThat(buildkit.runArguments()).isEqualTo(Map.of("A", "arg"));
        assertThat(buildkit.imageEnvironment()).contains("A=env");
        buildkit.declare(arg("ARG A=again"));
        assertThat(buildkit.value("A")).isEqualTo("again");
        buildkit.declare(arg("ARG BASE"));
        assertThat(buildkit.value("BASE")).isEqualTo("b");
    }

    @Test
    void anEmptyValueIsAValue() {
        ArgScope scope = scope(Map.of("A", ""));
        scope.declare(arg("ARG A=x B="));
        assertThat(scope.value("A")).isEmpty();
        assertThat(scope.runArguments()).isEqualTo(Map.of("A", "", "B", ""));
        assertThat(scope.runHistory()).containsExactly("|2", "A=", "B=");
    }

    @Test
    void proxiesNeedNotBeDeclared() {
        ArgScope scope = scope(Map.of("HTTP_PROXY", "p", "no_proxy", "q", "OTHER", "x"));
        assertThat(scope.undeclaredProxies()).isEqualTo(Map.of("HTTP_PROXY", "p", "no_proxy", "q"));
        assertThat(scope.runHistory()).isEmpty();
        scope.declare(arg("ARG HTTP_PROXY"));
        assertThat(scope.undeclaredProxies()).isEqualTo(Map.of("no_proxy", "q"));
        assertThat(scope.runHistory()).containsExactly("|1", "HTTP_PROXY=p");
    }

    @Test
    void aChildBeginsWithEverythingAndGoesItsOwnWay() {
        ArgScope parent = scope(Map.of());
        parent.declare(arg("ARG A=1"));
        parent.set(env("ENV B=2"));
        ArgScope child = parent.child();
        child.set(env("ENV A=3"));
        assertThat(child.value("B")).isEqualTo("2");
        assertThat(child.value("A")).isEqualTo("3");
        assertThat(parent.value("A")).isEqualTo("1");
        assertThat(child.isDeclared("A")).isTrue();
        assertThat(child.imageEnvironment()).containsExactly("PATH=/bin", "BASE=b", "B=2", "A=3");
    }

    @Test
    void aBrokenBaseEnvironmentTakesNothingFromThisProcess() {
        ArgScope scope =
                new ArgScope(globals(Map.of()), Map.of(), List.of("PATH", "=x", "A=b=c"), EXPANSION, Dialect.BUILDKIT);
        assertThat(scope.value("PATH")).isEmpty();
        assertThat(scope.value("A")).isEqualTo("b=c");
    }

    @Test
    void growthHasAnEnd() {
        ArgScope scope = scope(Map.of());
        scope.set(env("ENV A=" + "x".repeat(500_000)));
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        Instruction.Env next = env("ENV V" + i + "=$A");
                        scope.set(EXPANSION.instruction(next, scope).instruction());
                    }
                })
                .hasMessage("environment is too large");
    }

    @Test
    void growthOfGlobalArgumentsHasAnEnd() {
        StringBuilder text = new StringBuilder("ARG A=" + "x".repeat(500_000) + "\n");
        for (int i = 0; i < 100; i++) {
            text.append("ARG V").append(i).append("=$A$A\n");
        }
        Dockerfile file = Dockerfile.parse(text + "FROM scratch\n");
        assertThatThrownBy(() -> GlobalArgs.evaluate(Map.of(), file.globalArgs(), Map.of(), EXPANSION))
                .isInstanceOf(DockerfileException.class)
                .hasMessageContaining("arguments are too large");
    }
}
