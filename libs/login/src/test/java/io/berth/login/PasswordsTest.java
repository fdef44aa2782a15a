package io.berth.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PasswordsTest {
    private final Passwords passwords = new Passwords(2);

    @Test
    void aPasswordMatchesItsOwnHashOnly() {
        String hash = passwords.hash("correct horse");
        assertThat(hash).startsWith("$2").doesNotContain("correct").isNotEqualTo(passwords.hash("correct horse"));
        assertThat(passwords.matches(hash, "correct horse")).isTrue();
        assertThat(passwords.matches(hash, "correct horsE")).isFalse();
        assertThat(passwords.matches(null, "correct horse")).isFalse();
    }

    @Test
    void whatBcryptCannotTellApartIsRefused() {
        assertThatThrownBy(() -> passwords.hash("1234567")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> passwords.hash("é".repeat(37))).isInstanceOf(IllegalArgumentException.class);
        String hash = passwords.hash("x".repeat(72));
        assertThat(passwords.matches(hash, "x".repeat(72))).isTrue();
        assertThat(passwords.matches(hash, "x".repeat(73))).isFalse();
    }

    @Test
    void anUnknownUserTakesAsLongAsAWrongPassword() {
        String hash = passwords.hash("correct horse");
        // The shortest of several: the first ones also compile.
        long known = Long.MAX_VALUE;
        long unknown = Long.MAX_VALUE;
        for (int i = 0; i < 8; i++) {
            long start = System.nanoTime();
            boolean _ = passwords.matches(hash, "wrong horse");
            long middle = System.nanoTime();
            boolean _ = passwords.matches(null, "wrong horse");
            known = Math.min(known, middle - start);
            unknown = Math.min(unknown, System.nanoTime() - middle);
        }
        assertThat((double) unknown / known).isBetween(0.3, 3.0);
    }
}
