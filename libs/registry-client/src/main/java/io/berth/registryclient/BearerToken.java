package io.berth.registryclient;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A token from a registry's token service. Its text never shows the secrets.
 *
 * @param refreshToken identity token that was issued along with it, null when none was
 */
public record BearerToken(
        String value, Instant expires, @Nullable String refreshToken) {
    boolean expired() {
        return !Instant.now().isBefore(expires);
    }

    @Override
    public String toString() {
        return "BearerToken[expires=" + expires + "]";
    }
}
