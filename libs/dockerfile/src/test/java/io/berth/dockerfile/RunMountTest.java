package io.berth.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunMountTest {
    private static RunMount mount(String flag) {
        return mounts("RUN --mount=" + flag + " x").getFirst();
    }

    private static List<RunMount> mounts(String line) {
        return RunMount.of(
                (Instruction.Run) Dockerfile.parseInstruction(line),
                new Expansion('\\'),
                Variables.of(Map.of("M", "0750", "T", "/from/var", "E", "")));
    }

    @Test
    void bindIsTheDefault() {
        assertThat(mount("target=/x")).isEqualTo(new RunMount.Bind("/x", null, "", true));
        assertThat(mount("type=bind,from=stage,source=/a,target=.,rw"))
                .isEqualTo(new RunMount.Bind(".", "stage", "/a", false));
        assertThat(mount("src=a,dst=/b,readwrite=false")).isEqualTo(new RunMount.Bind("/b", null, "a", true));
        assertThat(mount("TYPE=Bind,Destination=/b,ro=0")).isEqualTo(new RunMount.Bind("/b", null, "", false));
    }

    @Test
    void readsCaches() {
        assertThat(mount("type=cache,target=/c"))
                .isEqualTo(new RunMount.Cache("/c", "/c", RunMount.CacheSharing.SHARED, false, null, "", -1, -1, -1));
        assertThat(mount("type=cache,target=$T,id=i,sharing=Locked,ro,from=f,source=/s,mode=$M,uid=1,gid=4294967294"))
                .isEqualTo(new RunMount.Cache(
                        "/from/var", "i", RunMount.CacheSharing.LOCKED, true, "f", "/s", 0_750, 1, 4_294_967_294L));
    }

    @Test
    void readsTmpfs() {
        assertThat(mount("type=tmpfs,target=/t")).isEqualTo(new RunMount.Tmpfs("/t", 0));
        assertThat(mount("type=tmpfs,target=/t,size=64m")).isEqualTo(new RunMount.Tmpfs("/t", 64L << 20));
        assertThat(mount("type=tmpfs,target=/t,size=1.5GiB")).isEqualTo(new RunMount.Tmpfs("/t", 3L << 29));
        assertThat(mount("type=tmpfs,target=/t,size=100")).isEqualTo(new RunMount.Tmpfs("/t", 100));
    }

    @Test
    void readsSecrets() {
        assertThat(mount("type=secret,id=a")).isEqualTo(secret("a", "/run/secrets/a", null));
        assertThat(mount("type=secret,id=x/a")).isEqualTo(secret("x/a", "/run/secrets/a", null));
        assertThat(mount("type=secret,target=/x/b")).isEqualTo(secret("b", "/x/b", null));
        assertThat(mount("type=secret,source=s")).isEqualTo(secret("s", "/run/secrets/s", null));
        assertThat(mount("type=secret,id=a,env=A")).isEqualTo(secret("a", null, "A"));
        assertThat(mount("type=secret,id=a,env=A,target=/t")).isEqualTo(secret("a", "/t", "A"));
        assertThat(mount("type=secret,id=a,required,mode=0444,uid=1,gid=2"))
                .isEqualTo(new RunMount.Secret("a", "/run/secrets/a", null, true, 0_444, 1, 2));
    }

    private static RunMount secret(String id, @Nullable String target, @Nullable String variable) {
        return new RunMount.Secret(id, target, variable, false, -1, -1, -1);
    }

    @Test
    void readsSsh() {
        assertThat(mount("type=ssh")).isEqualTo(new RunMount.Ssh("default", null, false, -1, -1, -1));
        assertThat(mount("type=ssh,id=k,target=/s,required=true,mode=0600"))
                .isEqualTo(new RunMount.Ssh("k", "/s", true, 0_600, -1, -1));
    }

    @Test
    void thereCanBeMany() {
        assertThat(mounts("RUN --mount=type=tmpfs,target=/a --mount=\"type=tmpfs,target=/b c\" x"))
                .containsExactly(new RunMount.Tmpfs("/a", 0), new RunMount.Tmpfs("/b c", 0));
    }

    @Test
    void valuesWithCommasAreQuoted() {
        assertThat(mount("type=tmpfs,\\\"target=/a,b\\\"")).isEqualTo(new RunMount.Tmpfs("/a,b", 0));
        // What is left of quotes belongs to the values, which are words.
        assertThat(mount("type=tmpfs,\\\"target=/a\\\"\\\"b\\\"\\\"\\\"")).isEqualTo(new RunMount.Tmpfs("/ab", 0));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "type=foo,target=/x|unsupported mount type \"foo\"",
                "type=cahe,target=/x|unsupported mount type \"cahe\" (did you mean cache?)",
                "type=cache,target=/x,sharing=lock|unsupported sharing value \"lock\" (did you mean locked?)",
                "target=/x,foo|invalid field 'foo' must be a key=value pair",
                "target=/x,wibble=1|unexpected key 'wibble' in 'wibble=1'",
                "tarkget=/x|unexpected key 'tarkget' in 'tarkget=/x' (did you mean target?)",
                "target=/x,ro=maybe|invalid value for ro: maybe",
                "target=/x,required|unexpected key 'required' for mount type 'bind'",
                "target=/x,required=true|unexpected key 'required' for mount type 'bind'",
                "target=/x,size=1|unexpected key 'size' for mount type 'bind'",
                "type=tmpfs,target=/x,size=x|invalid value for size: x",
                "target=/x,mode=755|mode not allowed for \"bind\" type mounts",
                "type=tmpfs,target=/x,uid=1|uid not allowed for \"tmpfs\" type mounts",
                "target=/x,gid=1|gid not allowed for \"bind\" type mounts",
                "type=cache,target=/x,mode=9|invalid value 9 for mode",
                "type=cache,target=/x,uid=-1|invalid value -1 for uid",
                "type=cache,target=/x,gid=4294967296|invalid value 4294967296 for gid",
                "target=/x,sharing=shared|invalid cache sharing set for bind mount",
                "type=secret|invalid secret mount. one of source, target required",
                "type=secret,id=a,source=b|both source and id can't be set",
                "type=secret,id=a,from=b|secret mount should not have a from",
                "type=secret,id=a,sharing=shared|secret mount should not define sharing",
            })
    void refuses(String flag, String message) {
        assertThatThrownBy(() -> mount(flag))
                .isInstanceOf(DockerfileException.class)
                .hasMessage(message)
                .extracting(e -> ((DockerfileException) e).lines())
                .isEqualTo(new Lines(1, 1));
    }

    @Test
    void quotesThatDoNotFitAreRefusedAtOnce() {
        assertThatThrownBy(() -> Dockerfile.parseInstruction("RUN --mount=target=/a\\\"b x"))
                .hasMessageEndingWith(
                        "failed to parse csv mounts: parse error on line 1, column 10: bare \" in non-quoted-field");
        assertThatThrownBy(() -> Dockerfile.parseInstruction("RUN --mount=\\\"target=/a x"))
                .hasMessageEndingWith("extraneous or missing \" in quoted-field");
    }
}
