package io.berth.registryclient;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Knows how one registry wants its requests authorised and with what. Learns from the registry's challenges; keeps tokens by
 * scope until shortly before they expire. Thread-safe.
 */
final class RegistryAuthorization {
    private final RegistryEndpoint endpoint;
    private final RegistryCredentials credentials;
    private final TokenService tokens;
    private final ConcurrentHashMap<TokenKey, BearerToken> cache = new ConcurrentHashMap<>();
    private volatile @Nullable Challenge challenge;

    private record TokenKey(String realm, String service, Scope scope) {}

    RegistryAuthorization(RegistryEndpoint endpoint, RegistryCredentials credentials, TokenService tokens) {
        this.endpoint = endpoint;
        this.credentials = credentials;
        this.tokens = tokens;
    }

    /**
     * The {@code Authorization} header for a request, or null to send none.
     *
     * @throws IOException when a token is needed and cannot be had
     */
    @Nullable
    String header(Scope scope) throws IOException {
        if (credentials.registryToken() != null) {
            return "Bearer " + credentials.registryToken();
        }
        Challenge known = challenge;
        if (known == null) {
            return null;
        }
        if (known.scheme().equals("basic")) {
            return credentials.basic().orElse(null);
        }
        TokenKey key = new TokenKey(
                known.parameter("realm").orElse(""), known.parameter("service").orElse(""), scope);
        BearerToken token = cache.get(key);
        if (token == null || token.expired()) {
            token = tokens.fetch(realm(key.realm()), key.service(), scope, credentials);
            cache.put(key, token);
        }
        return "Bearer " + token.value();
    }

    /**
     * Learns from a 401 response.
     *
     * @param used the header that the refused request carried, or null
     * @return the scope to try again with, or null when another attempt cannot do better
     */
    @Nullable
    Scope learn(HttpHeaders headers, Scope scope, @Nullable String used, URI uri) throws IOException {
        if (credentials.registryToken() != null) {
            return null;
        }
        List<Challenge> offered = Challenge.parse(headers.allValues("WWW-Authenticate"));
        for (Challenge candidate : offered) {
            if (candidate.scheme().equals("bearer")
                    && candidate.parameter("realm").isPresent()) {
                challenge = candidate;
                List<String> more = candidate
                        .parameter("scope")
                        .map(text -> List.of(text.strip().split("\\s+")))
                        .orElse(List.of());
                Scope wider = scope.resources().isEmpty()
                                && more.size() == 1
                                && more.getFirst().isEmpty()
                        ? scope
                        : scope.and(more.stream()
                                .filter(entry -> !covered(scope, entry))
                                .toList());
                // A cached token may have been revoked; whatever we just used did not work.
                cache.entrySet().removeIf(entry -> ("Bearer " + entry.getValue().value()).equals(used));
                return wider;
            }
        }
        for (Challenge candidate : offered) {
            if (candidate.scheme().equals("basic")) {
                challenge = candidate;
                if (credentials.basic().isEmpty()) {
                    throw new RegistryException(
                            401, "UNAUTHORIZED", Failures.prefix("GET", uri) + "no basic auth credentials", null);
                }
                return used == null ? scope : null;
            }
        }
        return null;
    }

    /** Whether our own scope already asks for everything in a challenge's resource scope. */
    private static boolean covered(Scope scope, String resource) {
        if (resource.isEmpty()) {
            return true;
        }
        int colon = resource.lastIndexOf(':');
        if (colon < 0) {
            return false;
        }
        String prefix = resource.substring(0, colon + 1);
        List<String> wanted = List.of(resource.substring(colon + 1).split(","));
        return scope.resources().stream()
                .filter(own -> own.startsWith(prefix))
                .anyMatch(own ->
                        List.of(own.substring(prefix.length()).split(",")).containsAll(wanted));
    }

    private URI realm(String text) throws IOException {
        try {
            return endpoint.base().resolve(URI.create(text));
        } catch (IllegalArgumentException e) {
            throw new RegistryException(401, "", "invalid token realm \"" + text + "\"", e);
        }
    }
}
