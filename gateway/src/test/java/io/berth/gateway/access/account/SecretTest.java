package io.berth.gateway.access.account;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The form of tokens and sessions. */
class SecretTest {
    @ParameterizedTest
    @EnumSource
    void isKnownByItsChecksum(Credential.Kind kind) {
        for (int i = 0; i < 100; i++) {
            String secret = Secret.make(kind);
            assertThat(secret).matches("berths?_[0-9A-Za-z]{49}");
            assertThat(Secret.isOne(kind, secret)).as(secret).isTrue();
            char last = secret.charAt(20);
            String mistyped = secret.substring(0, 20) + (last == 'x' ? 'y' : 'x') + secret.substring(21);
            assertThat(Secret.isOne(kind, mistyped)).as(mistyped).isFalse();
        }
    }

    @Test
    void isOfOneKind() {
        assertThat(Secret.isOne(Credential.Kind.TOKEN, Secret.make(Credential.Kind.SESSION)))
                .isFalse();
        assertThat(Secret.isOne(Credential.Kind.TOKEN, "")).isFalse();
        assertThat(Secret.isOne(Credential.Kind.TOKEN, "berth_")).isFalse();
    }

    @Test
    void isNeverTheSame() {
        assertThat(Secret.make(Credential.Kind.TOKEN)).isNotEqualTo(Secret.make(Credential.Kind.TOKEN));
        assertThat(Secret.hash("a")).hasSize(64).isNotEqualTo(Secret.hash("b"));
        assertThat(Secret.csrf(Secret.hash("a"))).hasSize(32).isNotEqualTo(Secret.csrf(Secret.hash("b")));
    }
}
