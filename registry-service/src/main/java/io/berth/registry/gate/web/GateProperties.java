package io.berth.registry.gate.web;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * How clients are sent for tokens.
 *
 * @param realm the token endpoint's URL as clients reach it, for instance behind a proxy that ends TLS; null: the address
 *     that the client used
 */
@ConfigurationProperties("berth.registry.token-endpoint")
record GateProperties(@Nullable String realm) {
    GateProperties {
        if (realm != null && !realm.matches("https?://[\\x21-\\x7e&&[^\"\\\\]]+")) {
            throw new IllegalArgumentException("berth.registry.token-endpoint.realm: expected: an http or https URL");
        }
    }
}
