package io.berth.registry.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Which guesses belong together; how they are counted is {@code LoginThrottleTest}'s. */
class FailedLoginsTest {
    private static FailedLogins logins(int failures, int perAddress) {
        return new FailedLogins(new LoginProperties(failures, perAddress, Duration.ofMinutes(5)));
    }

    @Test
    void oneAccountFromOneAddress() {
        FailedLogins logins = logins(3, 100);
        for (int i = 0; i < 3; i++) {
            assertThat(logins.attempt("alice", "10.0.0.1", () -> false)).isFalse();
        }
        assertThatThrownBy(() -> logins.attempt("alice", "10.0.0.1", () -> true))
                .isInstanceOfSatisfying(TooManyLogins.class, refused -> {
                    assertThat(refused.status()).isEqualTo(429);
                    assertThat(Integer.parseInt(refused.retryAfterSeconds())).isBetween(290, 301);
                });
        assertThatThrownBy(() -> logins.require("alice", "10.0.0.1")).isInstanceOf(TooManyLogins.class);
        assertThat(logins.attempt("alice", "10.0.0.2", () -> true)).isTrue();
        assertThat(logins.attempt("bob", "10.0.0.1", () -> true)).isTrue();
    }

    @Test
    void manyAccountsFromOneAddress() {
        FailedLogins logins = logins(3, 5);
        for (int i = 0; i < 5; i++) {
            assertThat(logins.attempt("user" + i, "10.0.0.1", () -> false)).isFalse();
        }
        assertThatThrownBy(() -> logins.attempt("user9", "10.0.0.1", () -> true))
                .isInstanceOf(TooManyLogins.class);
        assertThat(logins.attempt("user9", "10.0.0.2", () -> true)).isTrue();
    }
}
