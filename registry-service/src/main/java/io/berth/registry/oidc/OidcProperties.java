package io.berth.registry.oidc;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The identity provider whose tokens stand for a password.
 *
 * @param issuer exactly as its tokens name it; null: no such tokens are taken
 * @param audience that a token must be for
 * @param keys where the provider's keys are (RFC 7517); null: where its discovery document says
 * @param nameClaim the claim that names a user
 * @param groupsClaim the claim that lists a user's groups
 * @param keysFor how long keys are kept before they are asked for again
 */
@ConfigurationProperties("berth.registry.oidc")
record OidcProperties(
        @Nullable URI issuer,
        @DefaultValue("berth-registry") String audience,
        @Nullable URI keys,
        @DefaultValue("sub") String nameClaim,
        @DefaultValue("groups") String groupsClaim,
        @DefaultValue("1h") Duration keysFor) {
    OidcProperties {
        requireSafe(issuer, "issuer");
        requireSafe(keys, "keys");
        if (audience.isBlank() || nameClaim.isBlank() || groupsClaim.isBlank() || !keysFor.isPositive()) {
            throw new IllegalArgumentException("berth.registry.oidc: no setting may be empty");
        }
    }

    /** Keys that come in the clear could be anybody's; on this machine nobody is between. */
    private static void requireSafe(@Nullable URI uri, String name) {
        if (uri == null) {
            return;
        }
        String host = String.valueOf(uri.getHost());
        boolean local = host.equals("localhost") || host.equals("127.0.0.1") || host.equals("[::1]");
        if (!"https".equals(uri.getScheme()) && !("http".equals(uri.getScheme()) && local)) {
            throw new IllegalArgumentException(
                    "berth.registry.oidc." + name + ": " + uri + " (expected: an https URI)");
        }
    }
}
