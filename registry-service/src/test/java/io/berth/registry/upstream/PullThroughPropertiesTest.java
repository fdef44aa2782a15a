package io.berth.registry.upstream;

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

class PullThroughPropertiesTest {
    private static final String UPSTREAM = "upstreams[0].";

    private static PullThroughProperties bind(Map<String, String> settings) {
        Map<String, String> full = new HashMap<>();
        settings.forEach((key, value) -> full.put("berth.registry.pull-through." + key, value));
        return new Binder(new MapConfigurationPropertySource(full))
                .bindOrCreate("berth.registry.pull-through", PullThroughProperties.class);
    }

    @Test
    void cachesNothingByDefault() {
        PullThroughProperties properties = bind(Map.of());
        assertThat(properties.upstreams()).isEmpty();
        assertThat(properties.fresh()).isEqualTo(Duration.ofMinutes(1));
        assertThat(properties.retry()).isEqualTo(Duration.ofSeconds(30));
        assertThat(properties.maxBlobSize()).isEqualTo(DataSize.ofGigabytes(64));
        assertThat(properties.certificateDirectory()).isEqualTo(Path.of("/etc/docker/certs.d"));
    }

    @Test
    void readsEachSetting() {
        PullThroughProperties properties = bind(Map.of(
                UPSTREAM + "registry", "docker.io",
                UPSTREAM + "prefix", "hub",
                UPSTREAM + "username", "robot",
                UPSTREAM + "password-file", "/run/secrets/hub",
                UPSTREAM + "plain-http", "true",
                UPSTREAM + "allowed-addresses", "10.0.0.0/8"));
        assertThat(properties.upstreams())
                .containsExactly(new PullThroughProperties.UpstreamProperties(
                        "docker.io", "hub", "robot", Path.of("/run/secrets/hub"), true, List.of("10.0.0.0/8")));
    }

    @Test
    void refusesOnePrefixForTwoRegistries() {
        assertThatThrownBy(() -> bind(Map.of(
                        UPSTREAM + "registry",
                        "docker.io",
                        UPSTREAM + "prefix",
                        "hub",
                        "upstreams[1].registry",
                        "quay.io",
                        "upstreams[1].prefix",
                        "hub")))
                .rootCause()
                .hasMessageContaining("each prefix once");
        assertThatThrownBy(() -> bind(Map.of("retry", "-1s"))).rootCause().hasMessageContaining(">= 0");
    }
}
