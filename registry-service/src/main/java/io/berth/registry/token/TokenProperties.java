package io.berth.registry.token;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The registry's own tokens.
 *
 * @param service by what name clients ask for tokens of this registry; their audience
 * @param issuer who signs them
 * @param lifetime of an access token, at least a minute (token specification, "Token Response Fields")
 * @param refreshLifetime of a refresh token
 * @param rotateAfter age at which the signing key is replaced
 */
@ConfigurationProperties("berth.registry.token")
record TokenProperties(
        @DefaultValue("berth-registry") String service,
        @DefaultValue("berth-registry") String issuer,
        @DefaultValue("5m") Duration lifetime,
        @DefaultValue("90d") Duration refreshLifetime,
        @DefaultValue("30d") Duration rotateAfter) {
    private static final Duration SHORTEST = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofHours(1);

    TokenProperties {
        if (lifetime.compareTo(SHORTEST) < 0 || lifetime.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "berth.registry.token.lifetime: " + lifetime + " (expected: 1 minute to 1 hour)");
        }
        if (rotateAfter.compareTo(LONGEST) < 0 || !refreshLifetime.isPositive()) {
            throw new IllegalArgumentException(
                    "berth.registry.token: rotate-after is at least 1 hour, refresh-lifetime greater than 0");
        }
        if (service.isBlank() || issuer.isBlank() || service.contains("\"") || issuer.contains("\"")) {
            throw new IllegalArgumentException("berth.registry.token.service and .issuer must be names");
        }
    }
}
