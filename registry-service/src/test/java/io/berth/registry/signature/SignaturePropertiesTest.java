package io.berth.registry.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.registryclient.signature.SignaturePolicy;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class SignaturePropertiesTest {
    private static SignatureProperties bind(Map<String, String> settings) {
        Map<String, String> full = new HashMap<>();
        settings.forEach((key, value) -> full.put("berth.registry.signatures." + key, value));
        return new Binder(new MapConfigurationPropertySource(full))
                .bindOrCreate("berth.registry.signatures", SignatureProperties.class);
    }

    @Test
    void asksForNothingByDefault() {
        assertThat(bind(Map.of()).rules()).isEmpty();
    }

    @Test
    void readsEachSetting() {
        assertThat(bind(Map.of(
                                "rules[0].prefix", "team",
                                "rules[0].mode", "warn",
                                "rules[0].keys[0]", "/etc/berth/team.pub",
                                "rules[0].certificates[0]", "/etc/berth/ca.crt",
                                "rules[0].subjects[0]", "O=Example,CN=Release",
                                "rules[0].signers[0]", "robot:signer"))
                        .rules())
                .containsExactly(new SignatureProperties.Rule(
                        "team",
                        SignaturePolicy.Mode.WARN,
                        List.of(Path.of("/etc/berth/team.pub")),
                        List.of(Path.of("/etc/berth/ca.crt")),
                        List.of("O=Example,CN=Release"),
                        List.of("robot:signer")));
    }

    @Test
    void refusesASignerThatIsNobody() {
        assertThatThrownBy(() -> bind(Map.of(
                        "rules[0].keys[0]", "/etc/berth/team.pub",
                        "rules[0].signers[0]", "signer")))
                .rootCause()
                .hasMessageContaining("expected: user:<name>");
    }

    @Test
    void refusesARuleWithoutKeys() {
        assertThatThrownBy(() -> bind(Map.of("rules[0].prefix", "team")))
                .rootCause()
                .hasMessageContaining("at least one key or certificate");
    }

    @Test
    void refusesSubjectsThatAreNoNamesOrThatNobodyVouchesFor() {
        assertThatThrownBy(() -> bind(Map.of(
                        "rules[0].certificates[0]", "/etc/berth/ca.crt",
                        "rules[0].subjects[0]", "Release")))
                .hasStackTraceContaining("expected: a distinguished name");
        assertThatThrownBy(() -> bind(Map.of(
                        "rules[0].keys[0]", "/etc/berth/team.pub",
                        "rules[0].subjects[0]", "CN=Release")))
                .rootCause()
                .hasMessageContaining("subjects without certificates");
    }
}
