package io.berth.engine.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.error.InvalidParameter;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretUseTest {
    @Test
    void annotationsTellWhatAContainerHas() {
        assertThat(SecretUse.of(null)).isEmpty();
        assertThat(SecretUse.of(Map.of(
                        "other", "x",
                        "io.berth.config.nginx", "/etc/nginx.conf",
                        "io.berth.secret.db", "",
                        "io.berth.secret.key", "tls.key,uid=70,gid=71,mode=0400")))
                .containsExactly(
                        new SecretUse(SecretKind.CONFIG, "nginx", "", "/etc/nginx.conf", 0, 0, 0444),
                        new SecretUse(SecretKind.SECRET, "db", "", "/run/secrets/db", 0, 0, 0444),
                        new SecretUse(SecretKind.SECRET, "key", "", "/run/secrets/tls.key", 70, 71, 0400));
        assertThat(SecretUse.of(Map.of("io.berth.config.c", "")))
                .containsExactly(new SecretUse(SecretKind.CONFIG, "c", "", "/c", 0, 0, 0444));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/x,mode=999", "/x,uid=root", "/x,ro", "/x,uid=", "/x,,"})
    void wrongOptionsAreRefused(String value) {
        assertThatThrownBy(() -> SecretUse.of(Map.of("io.berth.secret.db", value)))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageContaining("io.berth.secret.db");
    }
}
