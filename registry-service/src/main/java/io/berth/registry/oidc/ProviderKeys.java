package io.berth.registry.oidc;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import io.berth.json.Bounds;
import io.berth.outgoing.Destinations;
import io.berth.outgoing.OutgoingClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The identity provider's keys, fetched when first needed. Thread-safe; one request at a time, and no more than one in half a
 * minute, whatever ids of keys callers make up.
 */
@Component
class ProviderKeys {
    private static final Logger LOG = LoggerFactory.getLogger(ProviderKeys.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final long AT_MOST_EVERY_NANOS = Duration.ofSeconds(30).toNanos();
    private static final int MAX_BYTES = 256 * 1024;
    private static final JsonMapper JSON = Bounds.CONTENT.mapper().build();

    private final OidcProperties properties;
    private @Nullable OutgoingClient client;
    private JWKSet keys = new JWKSet();
    private boolean asked;
    private long askedAtNanos;

    ProviderKeys(OidcProperties properties) {
        this.properties = properties;
    }

    /** The key of an id; empty when the provider has none of it or cannot be asked. */
    synchronized Optional<JWK> key(String kid) {
        long age = System.nanoTime() - askedAtNanos;
        boolean old = !asked || age > properties.keysFor().toNanos();
        boolean unknown = keys.getKeyByKeyId(kid) == null;
        if (old || (unknown && age > AT_MOST_EVERY_NANOS)) {
            fetch();
        }
        return Optional.ofNullable(keys.getKeyByKeyId(kid));
    }

    private void fetch() {
        asked = true;
        askedAtNanos = System.nanoTime();
        try {
            keys = JWKSet.parse(text(location()));
        } catch (IOException | ParseException | JacksonException | IllegalArgumentException e) {
            // The keys that are known stay: logins must not end with a short failure of the provider.
            LOG.atWarn().addKeyValue("issuer", properties.issuer()).setCause(e).log("cannot fetch the provider's keys");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private URI location() throws IOException, InterruptedException {
        if (properties.keys() != null) {
            return properties.keys();
        }
        // OpenID Connect Discovery 1.0, 4.
        String base = String.valueOf(properties.issuer()).replaceAll("/+$", "");
        String found = JSON.readTree(text(URI.create(base + "/.well-known/openid-configuration")))
                .path("jwks_uri")
                .asString("");
        URI location = URI.create(found);
        if (!String.valueOf(location.getScheme()).equals(URI.create(base).getScheme())) {
            throw new IOException("the provider's keys are at an unexpected place");
        }
        return location;
    }

    /** Whatever an operator has named, anywhere; where the provider sends us to, not into our own network. */
    private Destinations destinations(URI uri) {
        String host = String.valueOf(uri.getHost());
        boolean named = uri.equals(properties.keys())
                || (properties.issuer() != null
                        && host.equalsIgnoreCase(properties.issuer().getHost()));
        return named ? Destinations.ANY : Destinations.publicAnd(List.of());
    }

    private String text(URI uri) throws IOException, InterruptedException {
        OutgoingClient http = client;
        if (http == null) {
            http = new OutgoingClient(TIMEOUT, TIMEOUT);
            client = http;
        }
        HttpRequest request = HttpRequest.newBuilder(uri).timeout(TIMEOUT).build();
        HttpResponse<InputStream> response = http.send(request, destinations(uri));
        try (InputStream body = response.body()) {
            byte[] bytes = body.readNBytes(MAX_BYTES + 1);
            if (response.statusCode() != 200 || bytes.length > MAX_BYTES) {
                throw new IOException(
                        "the identity provider answered " + response.statusCode() + " with " + bytes.length + " bytes");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
