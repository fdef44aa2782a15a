package io.berth.registry.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

class LimitPropertiesTest {
    private static LimitProperties bind(Map<String, String> settings) {
        Map<String, String> full = new HashMap<>();
        settings.forEach((key, value) -> full.put("berth.registry.limits." + key, value));
        return new Binder(new MapConfigurationPropertySource(full))
                .bindOrCreate("berth.registry.limits", LimitProperties.class);
    }

    @Test
    void limitsNothingByDefault() {
        assertThat(bind(Map.of()).quotas()).isEmpty();
        assertThat(bind(Map.of()).immutableTags()).isEmpty();
        assertThat(bind(Map.of()).deletion()).isTrue();
    }

    @Test
    void readsEachSetting() {
        LimitProperties properties = bind(Map.of(
                "deletion", "false",
                "quotas[0].prefix", "team",
                "quotas[0].bytes", "10GB",
                "quotas[0].manifests", "100",
                "immutable-tags[0].prefix", "team/app",
                "immutable-tags[0].tags", "v.*"));
        assertThat(properties.quotas())
                .isEqualTo(List.of(new LimitProperties.Quota("team", DataSize.ofGigabytes(10), 100L)));
        assertThat(properties.deletion()).isFalse();
        assertThat(properties.immutableTags().getFirst().prefix()).isEqualTo("team/app");
        assertThat(properties.immutableTags().getFirst().tags().toString()).isEqualTo("v.*");
    }

    @Test
    void refusesQuotasOfNothing() {
        assertThatThrownBy(() -> bind(Map.of("quotas[0].prefix", "team")))
                .rootCause()
                .hasMessageContaining("expected: bytes or manifests");
        assertThatThrownBy(() -> bind(Map.of("quotas[0].manifests", "-1")))
                .rootCause()
                .hasMessageContaining(">= 0");
        assertThatThrownBy(() -> bind(Map.of("immutable-tags[0].tags", "("))).isNotNull();
    }
}
