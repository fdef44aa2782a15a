package io.berth.registryclient;

import io.berth.json.Bounds;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a client offers to a registry: a user name with a password or an identity token, or a finished bearer token.
 * Immutable; never shows its secrets in {@link #toString()}.
 *
 * @param username null for none
 * @param password null for none
 * @param identityToken refresh token of an earlier login, null for none
 * @param registryToken bearer token to send as it is, null for none
 * @param serverAddress the registry that these are for, as the client wrote it; null when it did not say
 * @param onBehalfOf who commands the platform, as its gateway says, for the platform's own registries; null for an operator
 */
public record RegistryCredentials(
        @Nullable String username,
        @Nullable String password,
        @Nullable String identityToken,
        @Nullable String registryToken,
        @Nullable String serverAddress,
        @Nullable String onBehalfOf) {
    /** No credentials at all. */
    public static final RegistryCredentials ANONYMOUS = new RegistryCredentials(null, null, null, null, null);

    /** Credentials of a command whose giver is an operator. */
    public RegistryCredentials(
            @Nullable String username,
            @Nullable String password,
            @Nullable String identityToken,
            @Nullable String registryToken,
            @Nullable String serverAddress) {
        this(username, password, identityToken, registryToken, serverAddress, null);
    }

    private static final JsonMapper JSON = Bounds.CONTENT.mapper().build();
    private static final String HUB_INDEX_HOST = "index.docker.io";

    /**
     * Reads the {@code X-Registry-Auth} header: base64url of {@code {"username": "…", "password": "…", "serveraddress":
     * "…", "identitytoken": "…", "registrytoken": "…", "auth": "base64(user:password)"}}. Anything else means anonymous, as
     * Docker treats it (moby: api/types/registry/authconfig.go).
     */
    public static RegistryCredentials fromHeader(@Nullable String header) {
        if (header == null || header.isBlank()) {
            return ANONYMOUS;
        }
        String alphabet = header.strip().replace('+', '-').replace('/', '_');
        try {
            return fromJson(JSON.readTree(Base64.getUrlDecoder().decode(alphabet)));
        } catch (IllegalArgumentException | JacksonException e) {
            return ANONYMOUS;
        }
    }

    /** Reads the same JSON object as {@link #fromHeader}, not encoded. */
    public static RegistryCredentials fromJson(JsonNode json) {
        String username = text(json, "username");
        String password = text(json, "password");
        String combined = text(json, "auth");
        if (username == null && password == null && combined != null) {
            String decoded = decode(combined);
            int colon = decoded.indexOf(':');
            if (colon > 0) {
                username = decoded.substring(0, colon);
                password = decoded.substring(colon + 1);
            }
        }
        return new RegistryCredentials(
                username,
                password,
                text(json, "identitytoken"),
                text(json, "registrytoken"),
                text(json, "serveraddress"));
    }

    private static @Nullable String text(JsonNode json, String name) {
        JsonNode value = json.path(name);
        return value.isString() && !value.stringValue().isEmpty() ? value.stringValue() : null;
    }

    private static String decode(String base64) {
        try {
            return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    /** The same credentials for a command of somebody else's. */
    public RegistryCredentials onBehalfOf(@Nullable String identity) {
        return new RegistryCredentials(username, password, identityToken, registryToken, serverAddress, identity);
    }

    private RegistryCredentials none() {
        return ANONYMOUS.onBehalfOf(onBehalfOf);
    }

    /**
     * These credentials if they may go to the endpoint, else anonymous ones: the server address, where given, must name the
     * same registry, and one that says {@code https://} is not used in plain text.
     */
    public RegistryCredentials boundTo(RegistryEndpoint endpoint) {
        if (serverAddress == null) {
            return this;
        }
        String address = serverAddress.toLowerCase(Locale.ROOT);
        if (address.startsWith("https://") && endpoint.plainText()) {
            return none();
        }
        return domainOf(address).equals(endpoint.domain().toLowerCase(Locale.ROOT)) ? this : none();
    }

    /** The registry domain that a server address means; {@code docker.io} for the index address and for none. */
    public String domain() {
        return serverAddress == null ? "docker.io" : domainOf(serverAddress.toLowerCase(Locale.ROOT));
    }

    private static String domainOf(String address) {
        String bare = address.replaceFirst("^https?://", "");
        int slash = bare.indexOf('/');
        String authority = slash < 0 ? bare : bare.substring(0, slash);
        return switch (authority) {
            case HUB_INDEX_HOST, "registry-1.docker.io", "" -> "docker.io";
            default -> authority;
        };
    }

    /** The value of a Basic authorisation header, when there is a user name. */
    Optional<String> basic() {
        if (username == null || username.isEmpty()) {
            return Optional.empty();
        }
        String pair = username + ":" + (password == null ? "" : password);
        return Optional.of("Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
    }

    /** Whether there is anything secret to send. */
    public boolean present() {
        return basic().isPresent() || identityToken != null || registryToken != null;
    }

    @Override
    public String toString() {
        return "RegistryCredentials[" + (present() ? "redacted" : "anonymous") + "]";
    }
}
