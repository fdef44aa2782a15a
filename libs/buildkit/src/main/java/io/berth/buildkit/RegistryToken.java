package io.berth.buildkit;

import java.time.Duration;
import java.time.Instant;

/**
 * A bearer token.
 *
 * @param token what goes behind {@code Authorization: Bearer}; empty when the registry wants none
 * @param issued when it was made
 * @param lifetime how long it is good for from then on
 */
public record RegistryToken(String token, Instant issued, Duration lifetime) {
    @Override
    public String toString() {
        return "RegistryToken[issued=" + issued + ", lifetime=" + lifetime + "]";
    }
}
