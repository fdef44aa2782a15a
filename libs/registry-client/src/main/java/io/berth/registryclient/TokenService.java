package io.berth.registryclient;

import io.berth.json.Bounds;
import io.berth.outgoing.Addresses;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Gets tokens from the realm that a registry names (token specification, token.md and oauth.md).
 *
 * <p>Credentials go to a realm only over HTTPS, or in plain text when the registry itself and the realm's host are both
 * ones that plain HTTP is allowed for. A registry elsewhere cannot send us to a realm on this machine. Redirects of a realm
 * are not followed.
 */
final class TokenService {
    private static final JsonMapper JSON = Bounds.CONTENT.mapper().build();
    private static final int MAX_RESPONSE_LENGTH = 1 << 20;
    private static final long MIN_LIFETIME_SECONDS = 60;
    private static final String CLIENT_ID = "berth";

    private final Sender sender;
    private final RegistryEndpoint endpoint;
    private final InsecureRegistries insecure;
    private final OwnRegistries own;
    private final boolean offline;

    /** @param offline whether to ask for an identity token too */
    TokenService(
            Sender sender, RegistryEndpoint endpoint, InsecureRegistries insecure, OwnRegistries own, boolean offline) {
        this.sender = sender;
        this.endpoint = endpoint;
        this.insecure = insecure;
        this.own = own;
        this.offline = offline;
    }

    /**
     * Fetches a token.
     *
     * @throws RegistryException when the realm refuses, is not one that the credentials may go to, or answers no token
     */
    BearerToken fetch(URI realm, String service, Scope scope, RegistryCredentials credentials) throws IOException {
        if (!credentials.present()) {
            Optional<BearerToken> platforms = own.token(endpoint.domain(), scope.resources(), credentials.onBehalfOf());
            if (platforms.isPresent()) {
                return platforms.get();
            }
        }
        check(realm, credentials);
        if (credentials.identityToken() != null) {
            return post(realm, service, scope, credentials.identityToken());
        }
        return get(realm, service, scope, credentials);
    }

    private void check(URI realm, RegistryCredentials credentials) throws RegistryException {
        String scheme = realm.getScheme();
        boolean https = "https".equalsIgnoreCase(scheme);
        if (realm.getHost() == null || !(https || "http".equalsIgnoreCase(scheme)) || realm.getUserInfo() != null) {
            throw new RegistryException(401, "", "invalid token realm \"" + realm + "\"", null);
        }
        boolean plainIsAllowed = endpoint.plainText() && (insecure.covers(realm) || endpoint.sameOrigin(realm));
        if (!https && credentials.present() && !plainIsAllowed) {
            throw new RegistryException(
                    401, "", "refusing to send credentials in plain text to token realm \"" + realm + "\"", null);
        }
        if (Addresses.isLocal(realm) && !Addresses.isLocal(endpoint.base())) {
            throw new RegistryException(
                    401, "", "refusing token realm \"" + realm + "\": it is an address of this machine", null);
        }
    }

    private BearerToken get(URI realm, String service, Scope scope, RegistryCredentials credentials)
            throws IOException {
        List<String> query = new ArrayList<>();
        if (credentials.username() != null) {
            query.add(parameter("account", credentials.username()));
        }
        query.add(parameter("client_id", CLIENT_ID));
        if (offline) {
            query.add(parameter("offline_token", "true"));
        }
        if (!service.isEmpty()) {
            query.add(parameter("service", service));
        }
        scope.resources().forEach(resource -> query.add(parameter("scope", resource)));
        String separator = realm.getRawQuery() == null ? "?" : "&";
        URI uri = URI.create(realm + separator + String.join("&", query));
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).GET();
        credentials.basic().ifPresent(basic -> request.header("Authorization", basic));
        return exchange(request);
    }

    private BearerToken post(URI realm, String service, Scope scope, String identityToken) throws IOException {
        String form = String.join(
                "&",
                parameter("grant_type", "refresh_token"),
                parameter("refresh_token", identityToken),
                parameter("client_id", CLIENT_ID),
                parameter("service", service),
                parameter("scope", String.join(" ", scope.resources())));
        return exchange(HttpRequest.newBuilder(realm)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form)));
    }

    private BearerToken exchange(HttpRequest.Builder request) throws IOException {
        Sender toRealm = Addresses.isLocal(endpoint.base()) ? sender : sender.elsewhere();
        HttpResponse<InputStream> response = toRealm.sendWithRetries(request, Sender.Repeat.ALWAYS, null);
        try (InputStream in = response.body()) {
            byte[] body = in.readNBytes(MAX_RESPONSE_LENGTH);
            if (response.statusCode() / 100 != 2) {
                throw RegistryErrors.of(response.statusCode(), response.headers(), body);
            }
            return parse(body);
        } catch (JacksonException e) {
            throw new RegistryException(0, "", "unable to decode token response: not JSON", e);
        }
    }

    private static BearerToken parse(byte[] body) throws RegistryException {
        JsonNode json = JSON.readTree(body);
        String value = text(json, "token").or(() -> text(json, "access_token")).orElse(null);
        if (value == null) {
            throw new RegistryException(0, "", "authorization server did not include a token in the response", null);
        }
        long lifetime = Math.max(MIN_LIFETIME_SECONDS, json.path("expires_in").asLong(MIN_LIFETIME_SECONDS));
        // Counted from now, not from «issued_at»: the realm's clock need not be ours. A tenth is kept as a reserve.
        Instant expires = Instant.now().plus(Duration.ofSeconds(lifetime * 9 / 10));
        @Nullable String refreshToken = text(json, "refresh_token").orElse(null);
        return new BearerToken(value, expires, refreshToken);
    }

    private static Optional<String> text(JsonNode json, String name) {
        JsonNode value = json.path(name);
        return value.isString() && !value.stringValue().isEmpty() ? Optional.of(value.stringValue()) : Optional.empty();
    }

    private static String parameter(String name, String value) {
        return name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}
