package io.berth.image.transfer.web;

import io.berth.registryclient.BearerToken;
import io.berth.registryclient.OwnRegistries;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;
import org.springframework.web.util.UriComponentsBuilder;
import tools.jackson.databind.JsonNode;

/**
 * Gets tokens of the platform's own registry from registry-service itself, past the gateway: short-lived, and for the
 * repository of the one push or pull that somebody has commanded: as an operator, or as whom the gateway knows them to be. Thread-safe.
 *
 * <p>A person who has logged in to the registry is that person there, and nothing here is asked.
 */
final class PlatformRegistry implements OwnRegistries {
    private static final String SERVICE = "berth-registry";
    /** Set by the gateway, which takes it from what clients send; the registry gives the token to whom it names. */
    static final String IDENTITY = "Berth-Identity";

    private static final int RESERVE_SECONDS = 30;

    private final RestClient registry;
    private final Set<String> hosts;
    private final @Nullable String address;
    private final Set<String> reached;

    /**
     * @param registry a client of registry-service that carries the platform credential
     * @param hosts by which references name the registry
     * @param address where it is reached; null when those names lead there
     */
    PlatformRegistry(RestClient registry, List<String> hosts, @Nullable String address) {
        this.registry = registry;
        this.hosts = Set.copyOf(hosts);
        this.address = address;
        Set<String> all = new HashSet<>(hosts);
        if (address != null) {
            all.add(address);
        }
        this.reached = Set.copyOf(all);
    }

    @Override
    public Set<String> hosts() {
        return reached;
    }

    @Override
    public Optional<String> address(String domain) {
        return hosts.contains(domain) ? Optional.ofNullable(address) : Optional.empty();
    }

    @Override
    public Optional<BearerToken> token(String domain, List<String> scopes, @Nullable String onBehalfOf)
            throws IOException {
        if (!hosts.contains(domain)) {
            return Optional.empty();
        }
        UriComponentsBuilder uri = UriComponentsBuilder.fromPath("/v2/token").queryParam("service", SERVICE);
        scopes.forEach(scope -> uri.queryParam("scope", scope));
        @Nullable JsonNode answer;
        try {
            answer = registry.get()
                    .uri(uri.build().toUriString())
                    .headers(headers -> {
                        if (onBehalfOf != null) {
                            headers.set(IDENTITY, onBehalfOf);
                        }
                    })
                    .retrieve()
                    .body(JsonNode.class);
        } catch (RestClientException e) {
            throw new IOException("the platform's registry gives no token: " + e.getMessage(), e);
        }
        String token = answer == null ? "" : answer.path("token").asString("");
        if (answer == null || token.isEmpty()) {
            throw new IOException("the platform's registry gives no token");
        }
        long seconds = Math.max(1, answer.path("expires_in").asLong(0) - RESERVE_SECONDS);
        return Optional.of(new BearerToken(token, Instant.now().plus(Duration.ofSeconds(seconds)), null));
    }
}
