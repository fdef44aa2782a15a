package io.berth.registry.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

class MirrorPropertiesTest {
    private static MirrorProperties bind(Map<String, String> settings) {
        Map<String, String> full = new HashMap<>();
        settings.forEach((key, value) -> full.put("berth.registry.mirror." + key, value));
        return new Binder(new MapConfigurationPropertySource(full))
                .bindOrCreate("berth.registry.mirror", MirrorProperties.class);
    }

    @Test
    void copiesNothingByDefault() {
        MirrorProperties properties = bind(Map.of());
        assertThat(properties.rules()).isEmpty();
        assertThat(properties.interval()).isEqualTo(Duration.ofHours(1));
        assertThat(properties.maxBlobSize()).isEqualTo(DataSize.ofGigabytes(64));
        assertThat(properties.certificateDirectory()).isEqualTo(Path.of("/etc/docker/certs.d"));
    }

    @Test
    void readsEachSetting() {
        MirrorProperties.Rule rule = bind(Map.of(
                        "rules[0].direction", "push",
                        "rules[0].repository", "team/app",
                        "rules[0].registry", "registry.example",
                        "rules[0].remote-repository", "copies/app",
                        "rules[0].tags", "v.*",
                        "rules[0].username", "robot",
                        "rules[0].password-file", "/run/secrets/copies",
                        "rules[0].plain-http", "true",
                        "rules[0].allowed-addresses", "10.0.0.0/8"))
                .rules()
                .getFirst();
        assertThat(rule.direction()).isEqualTo(MirrorProperties.Direction.PUSH);
        assertThat(rule.here().value()).isEqualTo("team/app");
        assertThat(rule.there()).isEqualTo("copies/app");
        assertThat(rule.tags().toString()).isEqualTo("v.*");
        assertThat(rule.passwordFile()).isEqualTo(Path.of("/run/secrets/copies"));
        assertThat(rule.plainHttp()).isTrue();
        assertThat(rule.allowedAddresses()).isEqualTo(List.of("10.0.0.0/8"));
    }

    @Test
    void refusesAnIntervalOfNothing() {
        assertThatThrownBy(() -> bind(Map.of("interval", "0s"))).rootCause().hasMessageContaining("> 0");
    }
}
