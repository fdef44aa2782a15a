package io.berth.registryclient;

import java.net.URI;
import java.util.Locale;

/**
 * Where a registry is reached: the origin that credentials are bound to.
 *
 * @param domain the registry as image references name it, such as {@code docker.io} or {@code localhost:5000}
 * @param scheme {@code http} or {@code https}
 * @param authority host with optional port, such as {@code registry-1.docker.io}
 */
public record RegistryEndpoint(String domain, String scheme, String authority) {

    /** The URI of a path below {@code /v2/}, which must be encoded already and may have a query. */
    public URI uri(String encodedPath) {
        return URI.create(scheme + "://" + authority + "/v2/" + encodedPath);
    }

    /** The URI that tells whether this is a registry and how it wants to be authorised. */
    public URI base() {
        return uri("");
    }

    /** Whether the URI has this registry's scheme, host and port. */
    public boolean sameOrigin(URI other) {
        URI own = base();
        return other.getHost() != null
                && own.getScheme().equalsIgnoreCase(other.getScheme())
                && own.getHost().equalsIgnoreCase(other.getHost())
                && port(own) == port(other);
    }

    /** The host without port, lower case; an IPv6 address in brackets. */
    public String host() {
        return base().getHost().toLowerCase(Locale.ROOT);
    }

    /** Whether requests go out in plain text. */
    public boolean plainText() {
        return scheme.equals("http");
    }

    private static int port(URI uri) {
        if (uri.getPort() >= 0) {
            return uri.getPort();
        }
        return "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
    }
}
